# reproduce: built again from its inputs, and the first difference in words.
. "$SOURCE/tests/cli/input.bash"
need_tool jq
weights=weights/model-00002.safetensors
make_input input-none
quietly sealift init input-none --profile "$profile" --name story --license model=MIT
python3 - "input-none/$weights" << 'PYTHON'
import json, struct, sys
header = json.dumps({"layers.3.w0": {"dtype": "U8", "shape": [1000], "data_offsets": [0, 1000]},
                     "layers.3.w1": {"dtype": "U8", "shape": [300, 300], "data_offsets": [1000, 91000]}}).encode()
header += b" " * (192 - len(header))
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header + bytes(91000))
PYTHON
make_bundle a.sealift

expect_exit 0 sealift reproduce a.sealift --inputs input-none
expect_out_like "^REPRODUCED  story 0.1.0 for $profile\$"
expect_out_like '^bundle +sha256:[0-9a-f]{64}$'
expect_err "signatures are not part of a reproduction"
expect_equal "$(ls -A | tr '\n' ' ')" "a.sealift input-none release.key release.pub "
mv input-none elsewhere
expect_exit 0 sealift reproduce a.sealift --inputs elsewhere/sealift.json --format json
expect_json .schema sealift.reproduction/1
expect_json .reproduced true
expect_json '.digest == .rebuilt' true
expect_json .signatures_compared false

# One byte of a tensor.
cp -r elsewhere changed
flip_bit "changed/$weights" 81920
expect_exit 1 sealift reproduce a.sealift --inputs changed
expect_out_like "^NOT REPRODUCED  story 0.1.0 for $profile\$"
expect_out "first     $weights: tensor layers.3.w1 differs at byte 81,920 (byte 80,720 of the tensor)"
expect_exit 1 sealift reproduce a.sealift --inputs changed --format json
expect_json '.differences[0] | "\(.kind) \(.path) \(.tensor) \(.byte_in_file) \(.byte_in_tensor)"' \
    "content $weights layers.3.w1 81920 80720"
expect_json '[.differences[1:][].kind] | unique | join(" ")' bom
# The same byte in the bundle: its document is right and its bytes are not.
cp a.sealift damaged.sealift
flip_bit damaged.sealift $(($(offset_of a.sealift "$weights") + 81920))
expect_exit 1 sealift reproduce damaged.sealift --inputs elsewhere
expect_out "tensor layers.3.w1 differs at byte 81,920"
expect_out "the bundle is damaged there"

# What a person looks at first comes first.
echo "new" > changed/docs/NEWS
cp -r changed more
rm more/sealift.json
quietly sealift init more --profile "$profile" --name story --license model=MIT
expect_exit 1 sealift reproduce a.sealift --inputs more
expect_out_like '^first +docs/NEWS is in the recipe and not in the bundle$'
expect_out_like "^then +$weights: tensor"
sed -i 's/"version": "0.1.0"/"version": "0.2.0"/' more/sealift.json
expect_exit 1 sealift reproduce a.sealift --inputs more
expect_out_like '^first +recipe: /version is "0.2.0" in the inputs and "0.1.0" in the bundle$'

# A profile of the same name that says something else.
mkdir profiles
jq '.title = "Another"' "$SOURCE/profiles/$profile.json" > "profiles/$profile.json"
expect_exit 1 sealift reproduce a.sealift --inputs elsewhere --profiles profiles
expect_out_like '^first +profile .*: /title is "Another" in the inputs and '

# Time is taken from the bundle when nobody says it.
SOURCE_DATE_EPOCH=1800000000 quietly sealift build elsewhere -o dated.sealift --signing-key release.key
expect_exit 0 sealift reproduce dated.sealift --inputs elsewhere
expect_out_like '^time +2027-01-15T08:00:00Z, from the bundle$'
expect_exit 0 env SOURCE_DATE_EPOCH=1800000000 sealift reproduce dated.sealift --inputs elsewhere
expect_out "from SOURCE_DATE_EPOCH"
expect_exit 1 env SOURCE_DATE_EPOCH=1800000001 sealift reproduce dated.sealift --inputs elsewhere
expect_out_like '^first +time: SOURCE_DATE_EPOCH is 2027-01-15T08:00:01Z, and the bundle says 2027-01-15T08:00:00Z$'

# Inputs that would not be built at all.
echo "no ELF file" > "changed/$kernel"
expect_exit 1 sealift reproduce a.sealift --inputs changed
expect_out SL-FIT-KERNEL
expect_out "NOT REPRODUCED"
rm "changed/$kernel"
expect_exit 3 sealift reproduce a.sealift --inputs changed
expect_err "$kernel"
expect_exit 2 sealift reproduce a.sealift --inputs elsewhere/docs
expect_err "has no sealift.json"
expect_exit 3 sealift reproduce no-such.sealift --inputs elsewhere
expect_exit 2 sealift reproduce a.sealift
expect_err "--inputs"
