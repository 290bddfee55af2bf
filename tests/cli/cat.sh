# cat: a file of a bundle, not one byte of which goes out before all of them are proven.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
for path in "$weights" docs/LICENSE; do
    expect_exit 0 sealift cat a.sealift "$path"
    sealift cat a.sealift "$path" > whole
    expect_same whole "input-none/$path"
done

# The bundle's own documents.
expect_exit 0 sealift cat a.sealift sealift/bundle.json
expect_json .schema sealift.bundle/1
expect_exit 0 sealift cat a.sealift sealift/profile.json
expect_out_is "$(cat "$SOURCE/profiles/$profile.json")"
expect_exit 0 sealift cat a.sealift sealift/software.cdx.json
expect_json .bomFormat CycloneDX
expect_exit 0 sealift cat a.sealift sealift/hardware.design.cdx.json
expect_json .bomFormat CycloneDX

expect_exit 2 sealift cat a.sealift docs/license
expect_err "sealift ls"
expect_exit 2 sealift cat a.sealift ../etc/passwd
expect_exit 2 sealift cat a.sealift
expect_exit 3 sealift cat no-such.sealift docs/LICENSE

flip_bit a.sealift $(($(offset_of a.sealift "$weights") + 131075)) 7
expect_exit 1 sealift cat a.sealift "$weights"
expect_out_is ""
expect_err SL-CONTENT-DIGEST
expect_err "$weights"
expect_exit 0 sealift cat a.sealift docs/LICENSE

# A full disk is no success.
if [ -w /dev/full ]; then
    full() { sealift cat a.sealift docs/LICENSE > /dev/full; }
    expect_exit 3 full
    expect_err "error: "
fi
