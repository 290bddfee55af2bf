# build: one bundle from a recipe, or nothing at all.
. "$SOURCE/tests/cli/input.bash"
need_tool jq
make_input input
make_keys release
quietly sealift init input --profile "$profile" --name story --bundle-version 1.0.0

expect_exit 0 sealift build input -o a.sealift --signing-key release.key
expect_out "BUILT  story 1.0.0 for $profile"
expect_out_like '^bundle +sha256:[0-9a-f]{64}$'
refute_err warning
expect_file a.sealift

# A recipe by its own name, in JSON, as a folder: the digest is that of the file form.
digest=$(sed -n 's/^bundle *//p' <<< "$out")
expect_exit 0 sealift build input/sealift.json -o folder/ --signing-key release.key --format json
expect_json .digest "$digest"
expect_json .schema sealift.build/1
expect_json .built true
expect_json .files 5
expect_json '.findings | length' 0
expect_json .signed_by "$(openssl pkey -pubin -in release.pub -outform DER | sha256sum | cut -d' ' -f1)"
expect_file folder/index.json
expect_exit 0 sealift build input -o also-a-folder --form folder --signing-key release.key
expect_same folder/index.json also-a-folder/index.json
expect_exit 0 sealift build input -o file.sealift --form file --signing-key release.key
expect_same a.sealift file.sealift

# A dry run says the same and writes nothing.
expect_exit 0 sealift build input -o dry.sealift --signing-key release.key --dry-run --format json
expect_json .digest "$digest"
expect_json .built false
refute_file dry.sealift
expect_exit 0 sealift build input -o dry.sealift --signing-key release.key --dry-run
expect_out "WOULD BUILD"
refute_file dry.sealift

# Without a key there is a bundle and a warning with the next step.
expect_exit 0 sealift build input -o unsigned.sealift
expect_err "warning: the bundle is not signed"
expect_err "sealift sign"

# A kernel for another machine, a kernel that is none, one that wants what the chip lacks: no bundle.
cp -r input foreign
printf '\267' | dd of="foreign/$kernel" bs=1 seek=18 conv=notrunc status=none
[ "$(uname -m)" = x86_64 ] || printf '\076' | dd of="foreign/$kernel" bs=1 seek=18 conv=notrunc status=none
expect_exit 1 sealift build foreign -o refused.sealift --signing-key release.key
expect_out SL-FIT-ARCHITECTURE
expect_out "$kernel"
expect_out "hint: "
expect_out "NOT BUILT"
expect_exit 1 sealift build foreign -o refused.sealift --signing-key release.key --format json
expect_json .built false
expect_json '.findings[0].code' SL-FIT-ARCHITECTURE
expect_json '.findings[0].where' "$kernel"
echo "no ELF file" > "foreign/$kernel"
expect_exit 1 sealift build foreign -o refused.sealift --dry-run
expect_out SL-FIT-KERNEL
sed 's/"requires_features":\[/&"amx_tile",/; s/"amx_tile",\]/"amx_tile"]/' input/sealift.json > input/other.json
expect_exit 1 sealift build input/other.json -o refused.sealift
expect_out SL-FIT-FEATURES
expect_out amx_tile
refute_file refused.sealift

# What the recipe names has to be there, and a recipe is refused for what it does not know.
mv input/docs/LICENSE .
expect_exit 3 sealift build input -o refused.sealift
expect_err docs/LICENSE
mv LICENSE input/docs/
echo "Someone changed it." >> input/docs/LICENSE
expect_exit 0 sealift build input -o other.sealift --signing-key release.key
refute_out "$digest"
sed 's/"release_counter"/"release_count"/' input/sealift.json > input/typo.json
expect_exit 2 sealift build input/typo.json -o refused.sealift
expect_err release_count
echo '{' > input/broken.json
expect_exit 2 sealift build input/broken.json -o refused.sealift
expect_err "input/broken.json"
expect_exit 3 sealift build no-such-recipe -o refused.sealift
expect_exit 2 sealift build input
expect_err "--output"
expect_exit 3 sealift build input -o refused.sealift --signing-key no-such.key
expect_exit 3 sealift build input -o refused.sealift --signing-key release.pub
expect_err "hint: "
expect_exit 3 sealift build input -o no/such/folder/refused.sealift
refute_file refused.sealift
expect_equal "$(find . -maxdepth 1 -name '*.tmp*' -o -maxdepth 1 -name '.*sealift*' | wc -l)" 0
