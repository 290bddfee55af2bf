#include "tests/support/model_shapes.hpp"

namespace tests {

using packager::ModelShape;

ModelShape deepseek_v3() {
    ModelShape shape;
    shape.model_type = "deepseek_v3";
    shape.architectures = {"DeepseekV3ForCausalLM"};
    shape.layers = 61;
    shape.hidden = 7168;
    shape.heads = 128;
    shape.kv_heads = 128;
    shape.intermediate = 18432;
    shape.experts = 256;
    shape.shared_experts = 1;
    shape.experts_per_token = 8;
    shape.moe_intermediate = 2048;
    shape.first_dense_layers = 3;
    shape.moe_layer_freq = 1;
    shape.kv_lora_rank = 512;
    shape.q_lora_rank = 1536;
    shape.qk_nope_head_dim = 128;
    shape.qk_rope_head_dim = 64;
    shape.v_head_dim = 128;
    shape.context = 163840;
    shape.vocabulary = 129280;
    shape.mtp_layers = 1;
    shape.dtype = "bfloat16";
    shape.quantisation = {"fp8", "e4m3", 8};
    return shape;
}

ModelShape deepseek_v32() {
    ModelShape shape = deepseek_v3();
    shape.model_type = "deepseek_v32";
    shape.architectures = {"DeepseekV32ForCausalLM"};
    shape.index_head_dim = 128;
    shape.index_heads = 64;
    return shape;
}

ModelShape kimi_k2() {
    ModelShape shape = deepseek_v3();
    shape.model_type = "kimi_k2";
    shape.heads = shape.kv_heads = 64;
    shape.experts = 384;
    shape.first_dense_layers = 1;
    shape.vocabulary = 163840;
    shape.mtp_layers = 0;
    return shape;
}

ModelShape qwen3_235b() {
    ModelShape shape;
    shape.model_type = "qwen3_moe";
    shape.architectures = {"Qwen3MoeForCausalLM"};
    shape.layers = 94;
    shape.hidden = 4096;
    shape.heads = 64;
    shape.kv_heads = 4;
    shape.head_dim = 128;
    shape.intermediate = 12288;
    shape.experts = 128;
    shape.experts_per_token = 8;
    shape.moe_intermediate = 1536;
    shape.sparse_step = 1;
    shape.context = 40960;
    shape.vocabulary = 151936;
    shape.dtype = "bfloat16";
    return shape;
}

ModelShape ernie_300b() {
    ModelShape shape;
    shape.model_type = "ernie4_5_moe";
    shape.layers = 54;
    shape.hidden = 8192;
    shape.heads = 64;
    shape.kv_heads = 8;
    shape.intermediate = 28672;
    shape.experts = 64;
    shape.experts_per_token = 8;
    shape.moe_intermediate = 3584;
    shape.first_dense_layers = 3;
    shape.context = 131072;
    shape.vocabulary = 103424;
    shape.dtype = "bfloat16";
    return shape;
}

ModelShape llama3_8b() {
    ModelShape shape;
    shape.model_type = "llama";
    shape.architectures = {"LlamaForCausalLM"};
    shape.layers = 32;
    shape.hidden = 4096;
    shape.heads = 32;
    shape.kv_heads = 8;
    shape.intermediate = 14336;
    shape.context = 8192;
    shape.vocabulary = 128256;
    shape.dtype = "bfloat16";
    return shape;
}

ModelShape deepseek_v4(std::uint64_t layers, std::uint64_t heads, std::uint64_t first_ratio) {
    ModelShape shape;
    shape.model_type = "deepseek_v4";
    shape.layers = layers;
    shape.heads = heads;
    shape.kv_heads = 1;
    shape.head_dim = 512;
    shape.qk_rope_head_dim = 64;
    shape.index_head_dim = 128;
    shape.sliding_window = 128;
    shape.context = 1048576;
    shape.dtype = "bfloat16";
    for (std::uint64_t layer = 0; layer < layers; ++layer)
        shape.compress_ratios.push_back(layer < 2 ? first_ratio : layer % 2 == 0 ? 4 : 128);
    return shape;
}

} // namespace tests
