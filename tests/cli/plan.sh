# plan: on how many devices a model runs, and what would make it fit; and what a build makes of a deployment.
. "$SOURCE/tests/cli/input.bash"
need_tool jq
gib=$((1 << 30))

# DeepSeek-V3 by its configuration alone: 671,026,419,200 parameters, published in FP8.
mkdir model
cat > model/config.json << 'JSON'
{"architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "num_hidden_layers": 61,
 "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 2048, "num_attention_heads": 128,
 "num_key_value_heads": 128, "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
 "first_k_dense_replace": 3, "moe_layer_freq": 1, "q_lora_rank": 1536, "kv_lora_rank": 512,
 "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 129280,
 "max_position_embeddings": 163840, "num_nextn_predict_layers": 1, "tie_word_embeddings": false,
 "torch_dtype": "bfloat16",
 "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}}
JSON

# As it was published it runs on no Ascend A2; converted it does, on as many devices as its users document.
expect_exit 1 sealift plan model --profile ascend-910b
expect_out "671,026,419,200 parameters"
expect_out "latent attention (MLA)"
expect_out "FP8 is not supported by Ascend 910B"
expect_out "would fit: convert the weights to BF16: 32 devices (4 nodes of 8)"
expect_out "would fit: convert the weights to W8A8: 16 devices (2 nodes of 8)"
expect_err "no overhead was declared"
expect_exit 0 sealift plan model --profile ascend-910b --weight-type bf16
expect_out_like '^ascend-910b +fits +32 x 64 GiB +4 +32 x 1 x 1 '
expect_exit 0 sealift plan model/config.json --profile ascend-910b --weight-type int8 --format json
expect_json .schema sealift.plan/1
expect_json '.plans[0] | "\(.answer) \(.need.devices) \(.need.nodes) \(.devices_per_node)"' "fits 16 2 8"
expect_json '.plans[0].need.cache_bytes' $((70272 * 163840))
expect_json '.plans[0].usable_bytes' $((64 * gib * 90 / 100))
expect_json '.model | "\(.layers) \(.parameters) \(.weights_from)"' "61 671026419200 configuration"

# The cache of one sequence of 131,072 tokens is 8.58 GiB, on each device, whatever their number.
for devices in 16 32; do
    expect_exit 0 sealift plan model --profile ascend-910b --weight-type int8 --tensor-parallel "$devices" \
        --context 131072
    expect_out "8.58 GiB"
done
expect_exit 0 sealift plan model --profile ascend-910c --weight-type int8
expect_out_like '^ascend-910c +fits +16 x 64 GiB +1 '
expect_exit 0 sealift plan model --profile kunlun-p800 --weight-type int8 --context 32768 --devices-per-node 8
expect_out_like '^kunlun-p800 +fits +8 x 96 GiB +1 '
expect_exit 0 sealift plan model --profile ascend-950dt-9582 --weight-type int8 --cache-type int8 --context 131072
expect_out_like '^ascend-950dt-9582 +fits +8 x 96 GiB +1 '

# What is asked for and does not fit: both figures, and the ways out.
expect_exit 1 sealift plan model --profile ascend-910b --weight-type bf16 --tensor-parallel 16
expect_out_like 'ascend-910b: needs 16 x [0-9.]+ GiB, found 16 x 64 GiB'
expect_out "would fit: 32 devices (4 nodes of 8): tensor parallelism 32"
expect_out "would fit: W8A8 weights on the same devices"
expect_exit 1 sealift plan model --profile kunlun-p800 --weight-type int8 --tensor-parallel 8 --sequences 4 \
    --format json
expect_json '.plans[0].answer' "does not fit"
expect_json '[.plans[0].remedies[].kind] | index("context") != null' true
context=$(jq -r '.plans[0].remedies[] | select(.kind == "context").text' <<< "$out" | sed 's/^[^0-9]*\([0-9,]*\).*/\1/; s/,//g')
expect_exit 0 sealift plan model --profile kunlun-p800 --weight-type int8 --tensor-parallel 8 --sequences 4 \
    --context "$context"
expect_exit 1 sealift plan model --profile kunlun-p800 --weight-type int8 --tensor-parallel 8 --sequences 4 \
    --context $((context + 2048))
expect_exit 1 sealift plan model --profile ascend-910b --weight-type int8 --tensor-parallel 16 --overhead 20GiB
expect_exit 0 sealift plan model --profile ascend-910b --weight-type int8 --tensor-parallel 16 --overhead 3GiB
expect_out_like ' 3 GiB '
refute_err "no overhead was declared"

# Several chips: each has to fit; without any named, one is enough.
expect_exit 1 sealift plan model --weight-type int8 --tensor-parallel 8 --context 32768 --profile nvidia-h200 \
    --profile ascend-910b
expect_out_like '^nvidia-h200 +fits +8 x '
expect_out_like '^ascend-910b +does not fit +8 x '
expect_exit 0 sealift plan model
expect_out_like '^nvidia-h200 +fits '
expect_out_like '^ascend-910b +does not fit '
expect_out_like '^mthreads-s5000 +cannot tell '

# What cannot be told is no pass.
expect_exit 3 sealift plan model --profile mthreads-s5000
expect_out "does not say how much memory a device has"
expect_exit 0 sealift plan model --profile mthreads-s5000 --device-memory 80GiB
expect_exit 3 sealift plan model --profile x86_64-v3
expect_out "the profile is of a processor"
jq 'del(.max_position_embeddings)' model/config.json > shorter.json
expect_exit 3 sealift plan shorter.json --profile nvidia-h200
expect_out "how long a sequence can be"
expect_exit 0 sealift plan shorter.json --profile nvidia-h200 --context 4096
jq '.model_type = "unheard_of"' model/config.json > unknown.json
expect_exit 3 sealift plan unknown.json --profile nvidia-h200
expect_err "no formula is known"
echo '{"model_type": "llama"}' > nothing.json
expect_exit 3 sealift plan nothing.json --profile nvidia-h200
echo '{}' > empty.json
expect_exit 1 sealift plan empty.json --profile nvidia-h200
expect_err "found an empty object, wanted the configuration of a model"

# A chip without BF16 is offered what it has, and what is offered does fit; where nobody knows its memory, nobody says
# that it does, and what fits nowhere is not offered.
jq '{architectures: ["LlamaForCausalLM"], model_type: "llama", num_hidden_layers: 32, hidden_size: 4096,
    num_attention_heads: 32, num_key_value_heads: 8, intermediate_size: 14336, vocab_size: 128256,
    max_position_embeddings: 8192, torch_dtype: "bfloat16"}' model/config.json > llama.json
plan_310p() { sealift plan llama.json --profile ascend-310p "$@"; }
expect_exit 1 plan_310p --device-memory 24GiB
expect_out "BF16 is not supported by Ascend 310P"
expect_out "would fit: convert the weights to FP16: 1 device"
expect_out "would fit: convert the weights to W8A8: 1 device"
for type in fp16 int8 int4; do
    expect_exit 0 plan_310p --device-memory 24GiB --weight-type $type
    refute_out BF16
done
expect_exit 1 plan_310p
expect_out "would help: convert the weights to FP16; whether it fits then cannot be told"
refute_out "would fit"
expect_exit 1 plan_310p --device-memory 24MiB --format json
expect_json '.plans[0].remedies | length' 0
expect_json '.plans[0].notes[0]' "converted to FP16 or W8A8 it fits on no number of these devices either"

# MI300X computes the FNUZ encodings of FP8, so published FP8 weights are for the engine to convert.
expect_exit 0 sealift plan model --profile amd-mi300x
expect_out "note: the chip computes fp8_fnuz in place of fp8; the engine has to convert the weights when it loads them"

# A number that is none, or that nobody has, is a wrong command line that names the option and its bounds.
for option in context:1073741824 sequences:1048576 tensor-parallel:65536 pipeline-parallel:65536 data-parallel:65536 \
    devices-per-node:65536 utilisation:100; do
    for number in 9223372036854775807 18446744073709551616 $((${option#*:} + 1)) 0 -1 1e3 many ""; do
        expect_exit 2 sealift plan llama.json --profile ascend-910b "--${option%:*}" "$number"
        expect_err "--${option%:*}: '$number' is not a whole number from 1 to ${option#*:}"
    done
done
for option in device-memory overhead; do
    for size in 9223372036854775807 1125899906842625 -1 1.5GiB 64XB ""; do
        expect_exit 2 sealift plan llama.json --profile ascend-910b "--$option" "$size"
        expect_err "--$option: '$size' is not a size such as 64GiB, from "
    done
done
expect_exit 2 sealift plan llama.json --profile ascend-910b --device-memory 0
# The largest that are believed have an answer.
expect_exit 1 sealift plan llama.json --profile ascend-910b --context 1073741824 --sequences 1048576
expect_out "needs more than 1 PiB on each of 32 devices"
expect_exit 1 sealift plan llama.json --profile ascend-910b --context 1073741824

# What makes no sense.
expect_exit 2 sealift plan model --profile ascend-910b --weight-type int8 --tensor-parallel 3
expect_err "does not divide the model's 128 heads"
expect_exit 2 sealift plan model --profile ascend-910b --weight-type int3
expect_exit 2 sealift plan model --profile nvidia-h200 --cache-type auto
expect_exit 2 sealift plan model --profile nvidia-h200 --utilisation 101
expect_exit 2 sealift plan model --profile nvidia-h200 --pipeline-parallel 62
expect_exit 2 sealift plan model --profile nvidia-h200 --context many
expect_exit 2 sealift plan model --profile no-such-chip
expect_err "hint: known profiles"
expect_exit 2 sealift plan
mkdir empty
expect_exit 2 sealift plan empty --profile nvidia-h200
expect_err "has no config.json and no weights"
expect_exit 3 sealift plan no-such-model --profile nvidia-h200
for wrong in '"num_hidden_layers": -1' '"num_hidden_layers": "61"' '"hidden_size": 1.5' '"num_attention_heads": [1]'; do
    echo "{$wrong}" > wrong.json
    expect_exit 1 sealift plan wrong.json --profile nvidia-h200
done
for wrong in num_key_value_heads num_hidden_layers num_attention_heads hidden_size vocab_size; do
    jq ".$wrong = 0" llama.json > wrong.json
    expect_exit 1 sealift plan wrong.json --profile nvidia-h200
    expect_err "member '$wrong' is 0, wanted 1 to "
done
jq '.num_key_value_heads = 5' llama.json > wrong.json
expect_exit 1 sealift plan wrong.json --profile nvidia-h200
expect_err "member 'num_key_value_heads' is 5, wanted a divisor of the 32 of num_attention_heads"
jq '.hidden_size = 1099511627776 | .vocab_size = 1099511627776' model/config.json > huge.json
status=0
sealift plan huge.json --profile nvidia-h200 > huge.out 2>&1 || status=$?
expect_equal "$((status == 1 || status == 3))" 1

# A recipe's deployment becomes a need of the bundle.
make_input input-plan
rm "input-plan/$weights"
python3 - input-plan/weights << 'PYTHON'
import json, struct, sys
tensors = {"model.embed_tokens.weight": [64, 32], "model.layers.0.self_attn.k_proj.weight": [16, 32],
           "model.layers.0.mlp.up_proj.weight": [128, 32], "lm_head.weight": [64, 32]}
header, at = {}, 0
for name, shape in tensors.items():
    size = shape[0] * shape[1] * 2
    header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
    at += size
text = json.dumps(header).encode()
with open(sys.argv[1] + "/model.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + bytes(at))
json.dump({"model_type": "llama", "num_hidden_layers": 1, "hidden_size": 32, "num_attention_heads": 4,
           "num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 64, "max_position_embeddings": 256,
           "torch_dtype": "bfloat16"}, open(sys.argv[1] + "/config.json", "w"))
PYTHON
sed -i 's|weights/\*|weights/model.safetensors|g' input-plan/engine/launch.json
quietly sealift init input-plan --profile "$profile" --name story --license model=MIT
grep -q '// "deployment":' input-plan/sealift.json || fail "the recipe shows no deployment"
make_keys release
quietly sealift build input-plan -o plain.sealift --signing-key release.key
expect_exit 0 sealift inspect plain.sealift
expect_out_like '^needs .*tensors BF16$'
refute_out "devices  "
sed -i 's|^  // "deployment":.*|  "deployment": {"tensor_parallel": 2, "sequences": 4, "overhead_bytes": 1000},|' \
    input-plan/sealift.json
quietly sealift build input-plan -o spread.sealift --signing-key release.key
expect_exit 0 sealift inspect spread.sealift --format json
expect_json '.document.target.needs.memory | "\(.tensor_parallel) \(.context_tokens) \(.sequences)"' "2 256 4"
expect_json .document.target.needs.memory.weight_bytes $(((64 * 32 * 2 * 2 + 16 * 32 * 2 + 128 * 32 * 2) / 2))
expect_json .document.target.needs.memory.cache_bytes $((4 * 256 * 1 * 16 * 2))
expect_json .document.target.needs.memory.overhead_bytes 1000
expect_exit 0 sealift inspect spread.sealift
expect_out_like '^devices +2 x '
expect_exit 0 sealift build input-plan -o again.sealift --signing-key release.key
expect_same spread.sealift again.sealift
expect_exit 1 sealift diff plain.sealift spread.sealift
expect_out "needs"
expect_exit 0 sealift bom spread.sealift --hardware --format json
expect_out "sealift:bundle:min-device-memory-bytes"
# The bundle and the recipe are planned as they say; the profile of a processor has no answer.
expect_exit 3 sealift plan spread.sealift
expect_exit 3 sealift plan input-plan
expect_exit 0 sealift plan spread.sealift --profile nvidia-h200
expect_out_like '^nvidia-h200 +fits +2 x '
expect_exit 0 sealift plan input-plan --profile nvidia-h200 --tensor-parallel 1
expect_out_like '^nvidia-h200 +fits +1 x '

# A bundle states the bytes of its cache and not their type; where they tell the type, a plan counts with that.
sed -i 's|"sequences": 4,|"sequences": 4, "cache_type": "fp8",|' input-plan/sealift.json
quietly sealift build input-plan -o narrow.sealift --signing-key release.key
expect_exit 0 sealift plan narrow.sealift --profile nvidia-h200 --format json
expect_json '"\(.cache_type) \(.cache_type_assumed)"' "fp8 false"
bytes=$(sealift inspect narrow.sealift --format json 2> log | jq .document.target.needs.memory.cache_bytes)
expect_json .plans[0].need.cache_bytes "$bytes"
expect_exit 0 sealift plan spread.sealift --profile nvidia-h200
expect_out "cache in bf16, "
refute_err "which type its cache has"
expect_exit 0 sealift plan plain.sealift --profile nvidia-h200
expect_out "cache in bf16 (assumed), "
expect_err "the bundle does not say which type its cache has: bf16 is assumed, in which the model computes (--cache-type)"
expect_exit 0 sealift plan plain.sealift --profile nvidia-h200 --cache-type int8
expect_out "cache in int8, "
refute_err "which type its cache has"

# A deployment that nobody could keep, or that nothing follows from, is a wrong recipe.
sed 's|"tensor_parallel": 2|"tensor_parallel": 3|' input-plan/sealift.json > input-plan/three.json
expect_exit 2 sealift build input-plan/three.json -o three.sealift
expect_err "does not divide"
refute_file three.sealift
sed '/weights\/config.json/d' input-plan/sealift.json > input-plan/without.json
expect_exit 2 sealift build input-plan/without.json -o without.sealift
expect_err "the recipe's deployment"
expect_err "hint: "
refute_file without.sealift
