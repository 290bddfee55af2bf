# diff: what is not the same in two bundles, named as people know it.
. "$SOURCE/tests/cli/input.bash"
need_tool jq
weights=weights/model-00002.safetensors
make_bundle a.sealift

# write_model FILE BYTE VALUE: two tensors, layers.3.w0 of 1,000 bytes and layers.3.w1 of 90,000; one byte is VALUE.
write_model() {
    python3 - "$@" << 'PYTHON'
import json, struct, sys
header = json.dumps({"layers.3.w0": {"dtype": "U8", "shape": [1000], "data_offsets": [0, 1000]},
                     "layers.3.w1": {"dtype": "U8", "shape": [300, 300], "data_offsets": [1000, 91000]}}).encode()
header += b" " * (192 - len(header))
data = bytearray(91000)
with open(sys.argv[1], "wb") as file:
    data[int(sys.argv[2])] = int(sys.argv[3])
    file.write(struct.pack("<Q", len(header)) + header + data)
PYTHON
}
cp -r input-none other
write_model "input-none/$weights" 0 0
write_model "other/$weights" 81720 7
sed -i 's/I am a stub/I was a stub/' other/config/known_answer.json
mv other/docs/LICENSE other/docs/LICENCE
for input in input-none other; do
    rm $input/sealift.json
    quietly sealift init $input --profile "$profile" --name story --license model=MIT
done
sed -i 's/"--misbehave"/"--extra", &/; s/"release_counter": 1/"release_counter": 2/' other/sealift.json
make_keys second
quietly sealift build input-none -o a.sealift --signing-key release.key
quietly sealift build other -o b.sealift --signing-key second.key

# A bundle and itself, in another form too.
expect_exit 0 sealift diff a.sealift a.sealift
expect_out_like '^SAME$'
refute_out SECTION
quietly sealift build input-none -o folder/ --signing-key release.key
expect_exit 0 sealift diff a.sealift folder --format json
expect_json .same true
expect_json '[.files, .weights, .kernels, .config, .documents | length] | add' 0

expect_exit 1 sealift diff a.sealift b.sealift
expect_out_like '^DIFFERENT$'
expect_out_like '^SECTION +CHANGE +WHERE +A +B$'
expect_out_like '^identity +changed +/release_counter +1 +2$'
expect_out_like '^file +renamed +docs/LICENSE to docs/LICENCE '
expect_out_like "^file +changed +$weights +sha256:"
expect_out_like "^tensor +bytes +$weights: layers.3.w1, from its byte 80,720 on +byte 81,920 +byte 81,920\$"
refute_out layers.3.w0
expect_out_like '^config +changed +config/known_answer.json /text +"I am a stub." +"I was a stub."$'
expect_out_like '^runtime +added +/arguments/[0-9]+ +- +"--extra"$'
expect_out_like '^document +changed +software BOM '
expect_out_like '^signature +removed +claimed, not checked +[0-9a-f]{64} +-$'
expect_out_like '^size +changed +config '
expect_err "sealift verify --key"

expect_exit 1 sealift diff a.sealift b.sealift --format json
expect_json .schema sealift.diff/1
expect_json .same false
expect_json '.weights[0].path' "$weights"
expect_json '.weights[0].tensors[0] | "\(.name) \(.change) \(.byte_in_a) \(.byte_in_tensor)"' \
    "layers.3.w1 bytes 81920 80720"
expect_json '.weights[0].same_tensors' 1
expect_json '.config[0] | "\(.path) \(.changes[0].pointer)"' "config/known_answer.json /text"
expect_json '.signatures | "\(.checked) \(.a | length) \(.b | length)"' "false 1 1"
expect_json '.sizes | .total_bytes_b - .total_bytes_a' 1
expect_json '[.files[].change] | sort | join(" ")' "changed changed renamed"

expect_exit 1 sealift diff a.sealift b.sealift --no-content
expect_out "types and shapes are the same"
refute_out "from its byte"

# What a reader says of a file is escaped once, as in JSON.
cp -r input-none twice
cp -r input-none thrice
echo '{"a\\b": 1, "a\\b": 2}' > twice/config/twice.json
echo '{"a\\b": 1, "a\\b": 3}' > thrice/config/twice.json
for input in twice thrice; do
    rm $input/sealift.json
    quietly sealift init $input --profile "$profile" --name story --license model=MIT
    quietly sealift build $input -o $input.sealift
done
expect_exit 1 sealift diff twice.sealift thrice.sealift --format json
reason=$(jq -r ".config[0].no_keys" <<< "$out")
expect_exit 1 sealift diff twice.sealift thrice.sealift
expect_out "config/twice.json: $reason"
case $reason in *'a\\b'*) ;; *) fail "the reason names no member: $reason" ;; esac

# One more signature is a difference; the digest is the same.
cp a.sealift signed.sealift
quietly sealift sign signed.sealift --signing-key second.key
expect_exit 1 sealift diff a.sealift signed.sealift --format json
expect_json '.digest_a == .digest_b' true
expect_json .signatures.same_envelopes false

# Weights without a tensor list are compared as bytes.
plain=${weights%.safetensors}.bin
for name in c d; do
    cp -r input-none $name
    mv "$name/$weights" "$name/$plain"
    sed -i "s|$weights|$plain|" $name/sealift.json
    printf 'x' | dd of="$name/$plain" bs=1 seek=8 conv=notrunc status=none
done
flip_bit "d/$plain" 70000
for name in c d; do
    quietly sealift build $name -o $name.sealift --signing-key release.key
done
expect_exit 1 sealift diff c.sealift d.sealift
expect_out_like "^tensor +not listed +$plain: "
expect_out_like "^weights +bytes +$plain +byte 70,000 +byte 70,000\$"

expect_exit 1 sealift diff a.sealift input-none/docs/LICENSE
expect_err "[SL-"
expect_exit 3 sealift diff a.sealift no-such.sealift
expect_exit 2 sealift diff a.sealift
