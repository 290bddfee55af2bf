# inspect of a model: what the headers of its files say, before and after it is in a bundle; and what DeepSeek-V3
# of 688 GB costs.
. "$SOURCE/tests/cli/input.bash"
need_tool jq
[ -x /usr/bin/time ] || need_tool time

# The published checkpoint without its data, but with all of its headers.
"$SOURCE/tests/support/make_deepseek_v3" v3
expect_exit 0 /usr/bin/time -f '%e %M' -o cost sealift inspect v3 --format json
expect_json .schema sealift.model/1
expect_json .parameters.total 671026419200
expect_json '.parameters.active / 1e9 | round' 37
expect_json '(.parameters.total + .parameters.mtp) / 1e7 | round' 68449
expect_json .parameters_source config.json
expect_json '"\(.tensor_count) \(.tensor_bytes) \(.files | length)"' "91991 688574839360 163"
expect_json '.shape | "\(.model_type) \(.layers) \(.kv_lora_rank) \(.context) \(.quantisation.method)"' "deepseek_v3 61 512 163840 fp8"
expect_json '[.types[] | "\(.type) \(.tensors)"] | join(", ")' "BF16 316, F32 45867, F8_E4M3 45808"
expect_json '.findings | map("\(.code) \(.severity)") | join(",")' "SL-MODEL-CODE note"
read -r seconds kib < <(tail -n 1 cost)
echo "163 headers, 91,991 tensors: $seconds s, $kib KiB" >&2
within_memory() {
    case "${ASAN_OPTIONS-}" in
    '') expect_equal "$1 KiB: $(($1 <= 65536))" "$1 KiB: 1" ;;
    *) echo "the peak of memory was not compared: this is a build with sanitizers" >&2 ;;
    esac
}
within_memory "$kib"
expect_exit 0 sealift inspect v3
expect_out_like '^parameters +671B \(671,026,419,200\), 36.6B active for each token, 13.5B more for multi-token prediction, from config.json$'
expect_out_like '^attention +latent \(MLA\), 512 \+ 64 cached for each token and layer$'
expect_out_like '^quantisation +fp8 e4m3, 8 bits, else bfloat16$'
expect_out_like '^TYPE +TENSORS +ELEMENTS +BYTES +SIZE$'

# Every tensor of it, still within the memory.
expect_exit 0 /usr/bin/time -f '%e %M' -o cost sh -c 'sealift inspect v3 --tensors --format json > tensors.json'
read -r seconds kib < <(tail -n 1 cost)
within_memory "$kib"
expect_equal "$(jq '.tensors | length' tensors.json)" 91991
expect_equal "$(jq -r '.tensors[] | select(.name == "model.layers.3.self_attn.kv_b_proj.weight") | "\(.type) \(.shape) \(.size_bytes)"' tensors.json)" \
    "F8_E4M3 [32768,512] 16777216"
expect_exit 0 sealift inspect v3/model-00001-of-000163.safetensors --tensors
expect_out_like '^model.embed_tokens.weight +BF16 +\[129280, 7168\] +1,853,358,080$'

# One part from another release, one that is missing: said at once, and at build time before a byte is packed.
python3 - v3/model-00007-of-000163.safetensors << 'PYTHON'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    length, = struct.unpack("<Q", file.read(8))
    header = file.read(length)
    file.seek(8)
    file.write(header.replace(b".up_proj.", b".xp_proj.", 1))
PYTHON
expect_exit 1 sealift inspect v3
expect_out_like "^SL-MODEL-SHARDS +model-00007-of-000163.safetensors: it (lacks|holds) tensor '"
rm v3/model-00163-of-000163.safetensors
expect_exit 1 sealift inspect v3
expect_out "names 'model-00163-of-000163.safetensors', which is not there among the weights"
mkdir input
mv v3 input/weights
quietly sealift init input --profile "$profile" --name v3 --license model=MIT
expect_exit 1 sealift build input -o v3.sealift
expect_out "SL-MODEL-SHARDS  weights/model-00007-of-000163.safetensors: "
expect_out "hint: add the missing part to the weights"
expect_out "NOT BUILT"
refute_file v3.sealift

# config.json alone is enough for its figures; what is wrong in it is said.
mkdir config
cp input/weights/config.json config/
expect_exit 0 sealift inspect config/config.json
expect_out_like '^parameters +671B '
sed -i 's/"num_hidden_layers": 61/"num_hidden_layers": -61/' config/config.json
expect_exit 1 sealift inspect config
expect_out "SL-MODEL-FORMAT  config.json: "
expect_out "member 'num_hidden_layers' is -61, wanted a count of at most 65536"
sed -i 's/"num_hidden_layers": -61/"num_hidden_layers": 0/' config/config.json
expect_exit 1 sealift inspect config/config.json
expect_out "member 'num_hidden_layers' is 0, wanted 1 to 65536"

# What says nothing of a model is no success that says nothing.
echo '{}' > config/config.json
for path in config config/config.json; do
    expect_exit 1 sealift inspect $path
    expect_out "SL-MODEL-FORMAT  config.json: found an empty object, wanted the configuration of a model"
done
echo '{"a": 1}' > config/config.json
expect_exit 1 sealift inspect config/config.json
expect_out "SL-MODEL-FORMAT  config/config.json: found nothing that describes a model, wanted num_hidden_layers"
expect_exit 1 sealift inspect config --format json
expect_json '.findings[0].code' SL-MODEL-FORMAT

# A file that is called safetensors is told what is wrong with its header.
mkdir wrong
printf '\0\0\0\0\0\0\0\0' > wrong/zero.safetensors
printf '\5\0\0\0\0\0\0\0\357\273\277{}' > wrong/mark.safetensors
printf '\3\0\0\0\0\0\0\0 {}' > wrong/blank.safetensors
printf '\2\0\0\0\0\0\0\0[]' > wrong/list.safetensors
: > wrong/empty.safetensors
expect_exit 1 sealift inspect wrong
expect_out "SL-MODEL-FORMAT  zero.safetensors: the length of its header is 0, wanted a JSON object"
expect_out "SL-MODEL-FORMAT  mark.safetensors: the header begins with a byte order mark, wanted '{' as its first byte"
expect_out "SL-MODEL-FORMAT  blank.safetensors: the header begins with white space, wanted '{' as its first byte"
expect_out "SL-MODEL-FORMAT  list.safetensors: the header begins with a JSON list, wanted '{' as its first byte"
expect_out "SL-MODEL-FORMAT  empty.safetensors: shorter than the length of its header"
printf 'GGUF\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' > zero.gguf
expect_exit 1 sealift inspect zero.gguf
expect_out "SL-MODEL-FORMAT  zero.gguf: GGUF version 0, wanted 2 or 3"

# Inside of a bundle the same headers are read in place.
make_bundle a.sealift
expect_exit 0 sealift inspect a.sealift --tensors
expect_out_like '^t +I8 +\[1228736\] +1,228,736$'
expect_err "no digest was compared"
expect_exit 0 sealift inspect a.sealift --tensors --format json
expect_json '.tensors | map("\(.file) \(.name) \(.offset)") | join(",")' "$weights t 64"
expect_exit 0 sealift inspect "input-none/$weights"
expect_out_like '^format +gguf, 1 weight file$'

# The hole of another reader: a shape that wraps around to nothing.
python3 - wraps.gguf << 'PYTHON'
import struct, sys
with open(sys.argv[1], "wb") as file:
    file.write((b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + struct.pack("<Q1sIQQIQ", 1, b"t", 2, 2**40, 2**40, 0, 0)).ljust(96, b"\0"))
PYTHON
expect_exit 1 sealift inspect wraps.gguf
expect_out "SL-MODEL-FORMAT  wraps.gguf: tensor 't': the shape has too many elements"
cp wraps.gguf "input-none/$weights"
expect_exit 1 sealift build input-none -o b.sealift
expect_out "SL-MODEL-FORMAT  $weights: "
refute_file b.sealift

# A file that numbers itself beyond its count is read all the same; a folder without files is no answer.
cp wraps.gguf wraps-00012-of-00010.gguf
expect_exit 1 sealift inspect wraps-00012-of-00010.gguf
expect_out "SL-MODEL-FORMAT  wraps-00012-of-00010.gguf: tensor 't': "
mkdir nothing
expect_exit 3 sealift inspect nothing
expect_err "holds no files"

# What joblib compresses does not begin as a pickle; its name is enough.
printf '\170\234compressed' > a.joblib
expect_exit 1 sealift inspect a.joblib
expect_out "SL-MODEL-PICKLE  a.joblib: it can run code when it is loaded: loaders take a file of this name for a pickle"
