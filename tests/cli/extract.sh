# extract: files out of a bundle, compared with what was promised.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
make_keys stranger
rm input-none/sealift.json input-none/engine/launch.json

expect_exit 0 sealift extract a.sealift -o whole --key release.pub
expect_out whole
refute_err warning
expect_exit 0 diff -r input-none whole
expect_equal "$(stat -c %a whole/engine/stub_engine)" 755
expect_equal "$(stat -c %a "whole/$weights")" 644
expect_exit 0 sealift extract a.sealift docs "$weights" -o part --key release.pub --format json
expect_json .signature_checked true
expect_json .bytes "$(cat input-none/docs/LICENSE "input-none/$weights" | wc -c)"
expect_equal "$(cd part && find . -type f | sort | tr '\n' ' ')" "./docs/LICENSE ./$weights "

expect_exit 0 sealift extract a.sealift -o unproven
expect_err "warning: no --key was given"

# A no leaves nothing behind.
expect_exit 1 sealift extract a.sealift -o refused --key stranger.pub
expect_out SL-TRUST-KEY
expect_exit 2 sealift extract a.sealift no/such/path -o refused --key release.pub
expect_err no/such/path
expect_exit 2 sealift extract a.sealift ../etc -o refused --key release.pub
flip_bit a.sealift "$(offset_of a.sealift "$kernel")" 3
expect_exit 1 sealift extract a.sealift -o refused --key release.pub
expect_err SL-CONTENT-DIGEST
expect_err "$kernel"
refute_file refused
expect_exit 0 sealift extract a.sealift docs -o part-of-damaged --key release.pub
expect_exit 2 sealift extract a.sealift docs -o whole --key release.pub
expect_err whole
expect_exit 3 sealift extract a.sealift docs -o refused --key no-such.pub
expect_exit 2 sealift extract a.sealift
expect_err "--output"
refute_file refused
expect_equal "$(ls -A | grep -c refused || true)" 0
