#include "packager/model_config.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "packager/model_parameters.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/model_configs.hpp"

using manifests::Fault;
using packager::count_parameters;
using packager::ModelShape;
using packager::read_model_config;
using tests::faults_with;

namespace {

// A small model whose parameters can be counted by hand, with more members or other ones.
ModelShape small_model(const std::string& more) {
    return read_model_config(R"({"model_type":"llama","num_hidden_layers":2,"hidden_size":8,
        "num_attention_heads":2,"intermediate_size":16,"vocab_size":10)" +
                             more + "}");
}

} // namespace

TEST_CASE("config.json of DeepSeek-V3 gives its shape", "[packager][model]") {
    const ModelShape shape = read_model_config(tests::deepseek_v3_config);
    CHECK(shape.model_type == "deepseek_v3");
    CHECK(shape.architectures == std::vector<std::string>{"DeepseekV3ForCausalLM"});
    CHECK(shape.layers == 61);
    CHECK(shape.is_latent());
    CHECK(shape.kv_lora_rank == 512);
    CHECK(shape.qk_rope_head_dim == 64);
    CHECK(shape.context == 163840);
    CHECK(shape.quantisation.method == "fp8");
    CHECK(shape.quantisation.scheme == "e4m3");
    CHECK(shape.quantisation.bits == 8);
    CHECK(shape.dtype == "bfloat16");
    CHECK_FALSE(shape.has_experts(2));
    CHECK(shape.has_experts(3));
    CHECK(packager::names_own_code(tests::deepseek_v3_config));
}

TEST_CASE("the published figures of DeepSeek-V3 come out of its config.json", "[packager][model]") {
    const auto count = count_parameters(read_model_config(tests::deepseek_v3_config));
    REQUIRE(count);
    CHECK(count->total == 671'026'419'200);
    // 671B and 685B, of which 37B are active: as published.
    CHECK((count->total + 500'000'000) / 1'000'000'000 == 671);
    CHECK((count->active + 500'000'000) / 1'000'000'000 == 37);
    CHECK(count->active == 671'026'419'200 - 58 * 248 * (3ULL * 7168 * 2048) - 129280ULL * 7168);
    CHECK((count->total + count->mtp) / 10'000'000 == 68'448);
}

// Totals as published; active without the experts that are not chosen and without the table.
TEST_CASE("the parameters of published checkpoints come out of their shapes", "[packager][model]") {
    const auto [name, config, total, active] =
        GENERATE(table<std::string, std::string, std::uint64_t, std::uint64_t>({
            {"Llama-3.1-8B",
             R"({"model_type":"llama","num_hidden_layers":32,"hidden_size":4096,"intermediate_size":14336,
                 "num_attention_heads":32,"num_key_value_heads":8,"vocab_size":128256})",
             8'030'261'248, 7'504'924'672},
            {"Qwen2.5-7B",
             R"({"model_type":"qwen2","num_hidden_layers":28,"hidden_size":3584,"intermediate_size":18944,
                 "num_attention_heads":28,"num_key_value_heads":4,"vocab_size":152064})",
             7'615'616'512, 7'070'619'136},
            {"Qwen3-8B",
             R"({"model_type":"qwen3","num_hidden_layers":36,"hidden_size":4096,"intermediate_size":12288,
                 "num_attention_heads":32,"num_key_value_heads":8,"head_dim":128,"vocab_size":151936})",
             8'190'735'360, 7'568'405'504},
            {"Qwen3-235B-A22B",
             R"({"model_type":"qwen3_moe","num_hidden_layers":94,"hidden_size":4096,"intermediate_size":12288,
                 "num_attention_heads":64,"num_key_value_heads":4,"head_dim":128,"vocab_size":151936,
                 "num_experts":128,"num_experts_per_tok":8,"moe_intermediate_size":1536,
                 "decoder_sparse_step":1,"mlp_only_layers":[]})",
             235'093'634'560, 21'568'433'664},
            {"Mixtral-8x7B",
             R"({"model_type":"mixtral","num_hidden_layers":32,"hidden_size":4096,"intermediate_size":14336,
                 "num_attention_heads":32,"num_key_value_heads":8,"vocab_size":32000,
                 "num_local_experts":8,"num_experts_per_tok":2})",
             46'702'792'704, 12'748'853'248},
            {"Qwen1.5-MoE-A2.7B",
             R"({"model_type":"qwen2_moe","num_hidden_layers":24,"hidden_size":2048,"intermediate_size":5632,
                 "num_attention_heads":16,"num_key_value_heads":16,"vocab_size":151936,"num_experts":60,
                 "num_experts_per_tok":4,"moe_intermediate_size":1408,
                 "shared_expert_intermediate_size":5632})",
             14'315'784'192, 2'378'008'576},
            {"gemma-2-9b",
             R"({"model_type":"gemma2","num_hidden_layers":42,"hidden_size":3584,"intermediate_size":14336,
                 "num_attention_heads":16,"num_key_value_heads":8,"head_dim":256,"vocab_size":256000})",
             9'241'705'984, 9'241'705'984},
        }));
    CAPTURE(name);
    const auto count = count_parameters(read_model_config(config));
    REQUIRE(count);
    CHECK(count->total == total);
    CHECK(count->active == active);
}

TEST_CASE("a small model is counted by hand", "[packager][model]") {
    // Two layers of 4 * 8 * 8 + 3 * 8 * 16 + 2 * 8, both ends of 10 * 8, the last norm of 8.
    REQUIRE(count_parameters(small_model("")));
    CHECK(count_parameters(small_model(""))->total == 2 * (256 + 384 + 16) + 160 + 8);
    CHECK(count_parameters(small_model(R"(,"tie_word_embeddings":true)"))->total == 2 * 656 + 80 + 8);
    CHECK(count_parameters(small_model(R"(,"num_key_value_heads":1)"))->total == 2 * (656 - 64) + 160 + 8);
    CHECK(count_parameters(small_model(R"(,"q_lora_rank":null,"sliding_window":null)")));
}

TEST_CASE("what cannot be counted has no count", "[packager][model]") {
    const ModelShape good = small_model("");
    ModelShape shape = good;
    SECTION("layers of an unknown kind") {
        shape.model_type = "gpt2";
    }
    SECTION("no layers") {
        shape.layers = 0;
    }
    SECTION("no vocabulary") {
        shape.vocabulary = 0;
    }
    SECTION("heads that do not divide") {
        shape.heads = 3;
    }
    SECTION("layers of compressed attention") {
        shape.compress_ratios = {4};
    }
    SECTION("linear layers") {
        shape.linear_key_heads = 1;
    }
    SECTION("more experts for a token than there are") {
        shape.experts = 2;
        shape.experts_per_token = 3;
    }
    SECTION("a product over 64 bits") {
        shape.hidden = std::uint64_t{1} << 36;
    }
    REQUIRE(count_parameters(good));
    CHECK_FALSE(count_parameters(shape));
}

TEST_CASE("a member of the wrong kind is refused", "[packager][model]") {
    const auto [why, text] = GENERATE(table<std::string, std::string>({
        {"not JSON", "{"},
        {"a list", "[]"},
        {"a byte order mark", "\xef\xbb\xbf{}"},
        {"NUL behind it", std::string("{}\0{}", 5)},
        {"a member given twice", R"({"hidden_size":1,"hidden_size":2})"},
        {"a negative count", R"({"hidden_size":-1})"},
        {"a fraction", R"({"hidden_size":1.0})"},
        {"a text for a count", R"({"num_hidden_layers":"61"})"},
        {"more than any model has", R"({"vocab_size":9007199254740993})"},
        {"layers without end", R"({"num_hidden_layers":65537})"},
        {"a flag that is a number", R"({"tie_word_embeddings":1})"},
        {"a type that is a number", R"({"model_type":1})"},
        {"a list of numbers for texts", R"({"layer_types":[1]})"},
        {"a list of texts for counts", R"({"compress_ratios":["4"]})"},
        {"a part that is a list", R"({"text_config":[]})"},
        {"quantisation that is a text", R"({"quantization_config":"fp8"})"},
        {"nested too deep", R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}"},
    }));
    CAPTURE(why);
    REQUIRE_THROWS_MATCHES(read_model_config(text), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("a figure that no model has is refused with its name, what was found and what was wanted",
          "[packager][model]") {
    const auto [text, wanted] = GENERATE(table<std::string, std::string>({
        {"{}", "found an empty object, wanted the configuration of a model"},
        {"[1]", "found a list of 1, wanted the configuration of a model"},
        {R"({"num_hidden_layers":0})", "member 'num_hidden_layers' is 0, wanted 1 to 65536"},
        {R"({"num_hidden_layers":-61})",
         "member 'num_hidden_layers' is -61, wanted a count of at most 65536"},
        {R"({"num_hidden_layers":"61"})",
         "member 'num_hidden_layers' is '61', wanted a count of at most 65536"},
        {R"({"hidden_size":0})", "member 'hidden_size' is 0, wanted 1 to 1099511627776"},
        {R"({"head_dim":0})", "member 'head_dim' is 0, wanted 1 to 1099511627776"},
        {R"({"vocab_size":0})", "member 'vocab_size' is 0, wanted 1 to 1099511627776"},
        {R"({"num_attention_heads":0})", "member 'num_attention_heads' is 0, wanted 1 to 1099511627776"},
        {R"({"text_config":{"num_key_value_heads":0}})",
         "member 'num_key_value_heads' is 0, wanted 1 to 1099511627776"},
        {R"({"num_attention_heads":8,"num_key_value_heads":3})",
         "member 'num_key_value_heads' is 3, wanted a divisor of the 8 of num_attention_heads"},
        {R"({"num_attention_heads":8,"num_key_value_heads":16})",
         "member 'num_key_value_heads' is 16, wanted a divisor of the 8 of num_attention_heads"},
        {R"({"num_experts":8,"num_experts_per_tok":9})",
         "member 'num_experts_per_tok' is 9, wanted at most the 8 experts of a layer"},
        {R"({"layer_types":["full_attention",{}]})",
         "member 'layer_types' is a list with an empty object, wanted texts in it"},
        {R"({"tie_word_embeddings":"\u001b"})",
         "member 'tie_word_embeddings' is '\\x1b', wanted true or false"},
    }));
    CAPTURE(text);
    REQUIRE_THROWS_WITH(read_model_config(text), wanted);
}

TEST_CASE("what is 0 for a reason is let through", "[packager][model]") {
    CHECK_FALSE(small_model(R"(,"num_experts":0,"num_experts_per_tok":0)").has_experts());
    CHECK(small_model(R"(,"sliding_window":0,"num_nextn_predict_layers":0)").mtp_layers == 0);
    CHECK(small_model(R"(,"num_key_value_heads":null)").kv_heads == 0);
}

TEST_CASE("a multimodal model says most inside of its text_config", "[packager][model]") {
    const ModelShape shape = read_model_config(R"({"model_type":"qwen2_5_vl","hidden_size":1,
        "architectures":["VisionModel"],"torch_dtype":"bfloat16","text_config":{"model_type":"qwen2",
        "hidden_size":8192,"num_hidden_layers":80}})");
    CHECK(shape.model_type == "qwen2");
    CHECK(shape.hidden == 8192);
    CHECK(shape.layers == 80);
    CHECK(shape.dtype == "bfloat16");
    CHECK(shape.architectures == std::vector<std::string>{"VisionModel"});
}

TEST_CASE("a window that is switched off is none", "[packager][model]") {
    CHECK(small_model(R"(,"sliding_window":4096)").sliding_window == 4096);
    CHECK(small_model(R"(,"sliding_window":4096,"use_sliding_window":false)").sliding_window == 0);
}

TEST_CASE("which layers have experts is said in four ways", "[packager][model]") {
    const auto layers = [](const std::string& more) {
        const ModelShape shape = small_model(R"(,"num_experts":4)" + more);
        std::string text;
        for (std::uint64_t i = 0; i < 6; ++i)
            text += shape.has_experts(i) ? 'x' : '.';
        return text;
    };
    CHECK(layers("") == "xxxxxx");
    CHECK(layers(R"(,"first_k_dense_replace":2)") == "..xxxx");
    CHECK(layers(R"(,"moe_layer_freq":2)") == "x.x.x.");
    CHECK(layers(R"(,"moe_layer_freq":[0,1,1,0,1,1])") == ".xx.xx");
    CHECK(layers(R"(,"decoder_sparse_step":2)") == ".x.x.x");
    CHECK(layers(R"(,"mlp_only_layers":[5,0])") == ".xxxx.");
}

TEST_CASE("quantisation is found where each tool writes it", "[packager][model]") {
    const auto [config, method, bits] = GENERATE(table<std::string, std::string, std::uint64_t>({
        {R"("quantization_config":{"quant_method":"awq","bits":4,"version":"gemm"})", "awq", 4},
        {R"("quantization_config":{"quant_method":"gptq","bits":8})", "gptq", 8},
        {R"("quantization_config":{"quant_method":"mxfp4"})", "mxfp4", 4},
        {R"("quantization_config":{"quant_method":"compressed-tensors","format":"int-quantized",
            "config_groups":{"group_0":{"weights":{"num_bits":8,"type":"int"}}}})",
         "compressed-tensors", 8},
        {R"("quantization_config":{"quant_method":"bitsandbytes","load_in_4bit":true})", "bitsandbytes", 4},
        {R"("quantization_config":null)", "", 0},
    }));
    const ModelShape shape = read_model_config("{" + config + "}");
    CHECK(shape.quantisation.method == method);
    CHECK(shape.quantisation.bits == bits);
}

TEST_CASE("ModelSlim gives a scheme to each tensor", "[packager][model]") {
    const packager::Quantisation found = packager::read_modelslim_description(
        R"({"model_quant_type":"W8A8","a.weight":"W8A8_DYNAMIC","b.weight":"W8A8_DYNAMIC","c.weight":"FLOAT",
            "version":"1.0.0","group_size":0})");
    CHECK(found.method == "modelslim");
    CHECK(found.scheme == "W8A8_DYNAMIC");
    CHECK(found.bits == 8);
    CHECK(packager::read_modelslim_description("{}").bits == 0);
    REQUIRE_THROWS_MATCHES(packager::read_modelslim_description("{"), manifests::Error,
                           faults_with(Fault::damaged));
}

TEST_CASE("code beside the configuration is noticed in any part of it", "[packager][model]") {
    CHECK(packager::names_own_code(R"({"auto_map":{"AutoModel":"modeling_x.X"}})"));
    CHECK(packager::names_own_code(R"({"text_config":{"auto_map":{"AutoModel":"modeling_x.X"}}})"));
    CHECK_FALSE(packager::names_own_code(R"({"auto_map":{}})"));
    CHECK_FALSE(packager::names_own_code(R"({"model_type":"auto_map"})"));
}
