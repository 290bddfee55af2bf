# bom: the bills of material of a bundle, byte for byte those that its document pins.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift

expect_exit 0 sealift bom a.sealift
expect_out_like '^TYPE +NAME +VERSION +LICENCE +SHA-256 +SUPPLIER +REF$'
expect_out "$(sha256sum < "input-none/$weights" | cut -c1-12)"
expect_out MIT
expect_exit 0 sealift bom a.sealift --hardware
expect_out_like '^device '

for which in software hardware; do
    option=
    [ $which = software ] || option=--hardware
    sealift bom a.sealift $option --format json > $which.json
    expect_exit 0 jq -r '.bomFormat + " " + .specVersion' $which.json
    expect_out_is "CycloneDX 1.7"
    pinned=$(sealift cat a.sealift sealift/bundle.json | jq -r --arg which $which '.. | objects | to_entries[] | select(.key | contains($which)) | .value.digest')
    expect_equal "$pinned" "sha256:$(sha256sum < $which.json | cut -d' ' -f1)"
done
refute_same software.json hardware.json

# Every file is in the software BOM with the digest of its bytes; the requirements are in the hardware BOM.
for file in "$weights" "$kernel" engine/stub_engine; do
    expect_exit 0 jq -e --arg hash "$(sha256sum < "input-none/$file" | cut -d' ' -f1)" \
        '[.. | objects | select(.alg? == "SHA-256" and .content == $hash)] | length > 0' software.json
done
expect_exit 0 jq -e '[.components[] | select(.type == "device")] | length > 0' hardware.json
expect_exit 0 jq -e '.metadata.lifecycles[] | select(.phase == "design")' hardware.json
# Nothing of this machine or of this day.
expect_exit 1 grep -E "$DIR|$(hostname)" software.json hardware.json

cp a.sealift damaged.sealift
flip_bit damaged.sealift "$(python3 -c 'print(open("a.sealift", "rb").read().index(b"CycloneDX") + 3)')" 1
expect_exit 1 sealift bom damaged.sealift
expect_err "[SL-"
expect_out_is ""
expect_exit 1 sealift bom input-none/docs/LICENSE
expect_exit 3 sealift bom no-such.sealift
expect_exit 2 sealift bom a.sealift --hardwar
expect_err "did you mean --hardware?"
