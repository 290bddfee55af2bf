# ls: the files of a bundle.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift

expect_exit 0 sealift ls a.sealift
expect_out_like '^MODE +ROLE +SIZE +DIGEST +PATH$'
expect_out_like "^0644 +weights +1228800 +sha256:$(sha256sum < "input-none/$weights" | cut -d' ' -f1) +$weights\$"
expect_out_like '^0755 +engine +[0-9]+ +sha256:[0-9a-f]{64} +engine/stub_engine$'
refute_out launch.json

expect_exit 0 sealift ls a.sealift --format json
expect_json .schema sealift.ls/1
expect_json '[.files[].path] | join(" ")' \
    "config/known_answer.json docs/LICENSE engine/stub_engine $kernel $weights"
# Large files begin at a multiple of 64 KiB, and the bytes there are theirs.
expect_json "[.files[] | select(.size_bytes >= 65536) | .offset % 65536] | unique | join(\" \")" 0
offset=$(jq -r --arg path "$weights" '.files[] | select(.path == $path).offset' <<< "$out")
expect_exit 0 cmp -i "$offset:0" -n 1228800 a.sealift "input-none/$weights"

expect_exit 1 sealift ls input-none/docs/LICENSE
expect_err "[SL-FORMAT"
expect_exit 1 sealift ls input-none
expect_exit 3 sealift ls no-such.sealift
expect_exit 2 sealift ls
