#include "packager/weight_sheet.hpp"

#include <limits>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "packager/model_parameters.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/model_shapes.hpp"

using manifests::Fault;
using packager::ModelShape;
using packager::PartWeights;
using packager::WeightCounter;
using packager::weights_by_formula;
using packager::WeightSheet;
using tests::faults_with;

namespace {

using Change = void (*)(ModelShape&);

enum class Place { front, layer, back };

} // namespace

TEST_CASE("the formula gives the published parameters", "[packager][weight_sheet]") {
    const packager::WeightBits bytes{.matrix = 8, .other = 8}; // so that bytes are parameters
    ModelShape v3 = tests::deepseek_v3();
    CHECK(weights_by_formula(v3, bytes)->total_bytes() / 10'000'000 == 68'448); // 685B with MTP
    v3.mtp_layers = 0;
    CHECK(weights_by_formula(v3, bytes)->total_bytes() == 671'026'419'200);
    CHECK(weights_by_formula(tests::qwen3_235b(), bytes)->total_bytes() / 1'000'000'000 == 235);
    CHECK(weights_by_formula(tests::ernie_300b(), bytes)->total_bytes() / 1'000'000'000 == 299);
    CHECK(weights_by_formula(tests::kimi_k2(), bytes)->total_bytes() / 1'000'000'000 == 1026);
    CHECK(weights_by_formula(tests::llama3_8b(), bytes)->total_bytes() / 1'000'000 == 8030);
}

TEST_CASE("queries that are not compressed are projected at once", "[packager][weight_sheet]") {
    ModelShape shape = tests::deepseek_v3();
    shape.mtp_layers = 0;
    shape.q_lora_rank = 0;
    const std::uint64_t without = 61ULL * (7168ULL * 1536 + 1536 + 1536ULL * 128 * 192);
    CHECK(weights_by_formula(shape, {.matrix = 8, .other = 8})->total_bytes() ==
          671'026'419'200 - without + 61ULL * 7168 * 128 * 192);
}

TEST_CASE("tied embeddings count once, and once more for a last stage", "[packager][weight_sheet]") {
    ModelShape shape = tests::llama3_8b();
    const auto apart = weights_by_formula(shape, {});
    shape.tied_embeddings = true;
    const auto tied = weights_by_formula(shape, {});
    CHECK(apart->total_bytes() - tied->total_bytes() == 2ULL * 4096 * 128256);
    CHECK(tied->tied_bytes == 2ULL * 4096 * 128256);
    CHECK(apart->tied_bytes == 0);
}

TEST_CASE("matrices in layers have the bits of the quantisation, the rest those of the model",
          "[packager][weight_sheet]") {
    ModelShape shape = tests::llama3_8b();
    const std::uint64_t wide = weights_by_formula(shape, weight_bits_of(shape))->total_bytes();
    shape.quantisation = {"awq", "", 4};
    const auto narrow = weights_by_formula(shape, weight_bits_of(shape));
    const std::uint64_t other = 2ULL * (2ULL * 4096 * 128256 + 65 * 4096);
    CHECK(narrow->total_bytes() == (wide - other) / 4 + other);
    shape.quantisation = {};
    shape.dtype = "float32";
    CHECK(weights_by_formula(shape, weight_bits_of(shape))->total_bytes() == 2 * wide);
}

TEST_CASE("a model without a known formula, or with a gap, has no weights by formula",
          "[packager][weight_sheet]") {
    const auto [what, change] = GENERATE(table<std::string, Change>({
        {"compressed attention", [](ModelShape& shape) { shape.compress_ratios = {4}; }},
        {"linear layers", [](ModelShape& shape) { shape.linear_key_heads = 16; }},
        {"layers", [](ModelShape& shape) { shape.layers = 0; }},
        {"more layers than anything has", [](ModelShape& shape) { shape.layers = 1U << 30; }},
        {"hidden size", [](ModelShape& shape) { shape.hidden = 0; }},
        {"heads", [](ModelShape& shape) { shape.heads = 0; }},
        {"vocabulary", [](ModelShape& shape) { shape.vocabulary = 0; }},
        {"a type that is not known", [](ModelShape& shape) { shape.model_type = "new"; }},
        {"experts of a token", [](ModelShape& shape) { shape.experts_per_token = 0; }},
        {"2^40 layers' worth", [](ModelShape& shape) { shape.experts = std::uint64_t{1} << 60; }},
        {"width of dense layers", [](ModelShape& shape) { shape.intermediate = 0; }},
        {"width of a value", [](ModelShape& shape) { shape.v_head_dim = 0; }},
    }));
    CAPTURE(what);
    ModelShape shape = tests::deepseek_v3();
    change(shape);
    CHECK_FALSE(weights_by_formula(shape, {}));
}

TEST_CASE("bytes of weights that leave 63 bits are refused", "[packager][weight_sheet]") {
    ModelShape shape = tests::deepseek_v3();
    shape.mtp_layers = 0;
    shape.hidden = std::uint64_t{1} << 36; // 6.3e18 parameters
    CHECK(weights_by_formula(shape, {.matrix = 4, .other = 4})->total_bytes() > 0);
    CHECK_THROWS_MATCHES(weights_by_formula(shape, {})->total_bytes(), manifests::Error,
                         faults_with(Fault::damaged));
    WeightCounter counter;
    counter.add("lm_head.weight", 2, std::numeric_limits<std::int64_t>::max());
    counter.add("lm_head.scale", 2, 1); // no device holds that much, so how much is all the same
    CHECK(counter.sheet({}).back.divided == std::numeric_limits<std::int64_t>::max());
    counter.add("model.norm.weight", 1, 1);
    CHECK_THROWS_MATCHES(counter.sheet({}).total_bytes(), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("the parts are the whole that the model's parameters are counted to be",
          "[packager][weight_sheet]") {
    const auto [type, change] = GENERATE(table<std::string, Change>({
        {"deepseek_v3", [](ModelShape& shape) { shape = tests::deepseek_v3(); }},
        {"deepseek_v32", [](ModelShape& shape) { shape = tests::deepseek_v32(); }},
        {"kimi_k2", [](ModelShape& shape) { shape = tests::kimi_k2(); }},
        {"qwen3_moe", [](ModelShape& shape) { shape = tests::qwen3_235b(); }},
        {"ernie4_5_moe", [](ModelShape& shape) { shape = tests::ernie_300b(); }},
        {"llama", [](ModelShape& shape) { shape = tests::llama3_8b(); }},
        {"qwen2", [](ModelShape& shape) { shape = tests::llama3_8b(), shape.attention_bias = true; }},
        {"gemma2", [](ModelShape& shape) { shape = tests::llama3_8b(), shape.tied_embeddings = true; }},
    }));
    CAPTURE(type);
    ModelShape shape;
    change(shape);
    shape.model_type = type;
    const auto parameters = packager::count_parameters(shape);
    REQUIRE(parameters);
    const auto sheet = weights_by_formula(shape, {.matrix = 8, .other = 8});
    REQUIRE(sheet);
    CHECK(sheet->total_bytes() == parameters->total + parameters->mtp);
    CHECK(sheet->back.copied < parameters->total / 500); // the rest is small
}

TEST_CASE("a tensor is shared as its name says", "[packager][weight_sheet]") {
    using Share = std::uint64_t PartWeights::*;
    constexpr Share divided = &PartWeights::divided, copied = &PartWeights::copied,
                    by_kv_head = &PartWeights::by_kv_head;
    const auto [name, dimensions, place, share] = GENERATE_COPY(table<std::string, int, Place, Share>({
        {"model.layers.1.self_attn.q_proj.weight", 2, Place::layer, divided},
        {"model.layers.1.self_attn.k_proj.weight", 2, Place::layer, by_kv_head},
        {"model.layers.1.self_attn.v_proj.weight", 2, Place::layer, by_kv_head},
        {"model.layers.1.self_attn.v_proj.bias", 1, Place::layer, copied},
        {"model.layers.1.self_attn.kv_b_proj.weight", 2, Place::layer, divided},
        {"model.layers.1.self_attn.kv_a_proj_with_mqa.weight", 2, Place::layer, copied},
        {"model.layers.1.self_attn.q_a_proj.weight_scale_inv", 2, Place::layer, copied},
        {"model.layers.1.self_attn.q_b_proj.weight", 2, Place::layer, divided},
        {"model.layers.1.self_attn.indexer.wk.weight", 2, Place::layer, copied},
        {"model.layers.1.self_attn.kv_a_layernorm.weight", 1, Place::layer, copied},
        {"model.layers.1.mlp.experts.255.down_proj.weight", 2, Place::layer, divided},
        {"model.layers.1.mlp.experts.3.up_proj.weight_scale", 1, Place::layer, divided},
        {"model.layers.1.mlp.shared_experts.up_proj.weight", 2, Place::layer, divided},
        {"model.layers.1.mlp.gate.weight", 2, Place::layer, copied},
        {"model.layers.1.mlp.gate_proj.weight", 2, Place::layer, divided},
        {"model.layers.1.something.new", 2, Place::layer, divided},
        {"model.layers.2.mlp.gate_proj.weight", 2, Place::back, divided}, // speculative: there are two
        {"model.layers.2.eh_proj.weight", 2, Place::back, divided},
        {"mtp.layers.0.mlp.gate_proj.weight", 2, Place::back, divided},
        {"model.embed_tokens.weight", 2, Place::front, divided},
        {"model.norm.weight", 1, Place::back, copied},
        {"lm_head.weight", 2, Place::back, divided},
        {"visual.blocks.1.attn.qkv.weight", 2, Place::front, copied},
        {"model.vision_tower.layers.1.mlp.weight", 2, Place::front, copied},
        {"something.new", 2, Place::front, copied},
        {"model.layers.99999999.x", 2, Place::front, copied}, // no layer that anything has
        {"model.layers..x", 2, Place::front, copied},
        {"", 0, Place::front, copied},
        {"...", 2, Place::front, copied},
        {"blk.1.attn_k.weight", 2, Place::layer, by_kv_head},
        {"blk.1.attn_kv_a_mqa.weight", 2, Place::layer, copied},
        {"blk.1.ffn_down_exps.weight", 3, Place::layer, divided},
        {"blk.1.ffn_gate_inp.weight", 2, Place::layer, copied},
        {"blk.1.attn_norm.weight", 1, Place::layer, copied},
        {"token_embd.weight", 2, Place::front, divided},
        {"output.weight", 2, Place::back, divided},
        {"output_norm.weight", 1, Place::back, copied},
        {"rope_freqs.weight", 1, Place::front, copied},
    }));
    CAPTURE(name);
    ModelShape shape;
    shape.layers = 2;
    WeightCounter counter;
    counter.add(name, static_cast<std::size_t>(dimensions), 10);
    const WeightSheet sheet = counter.sheet(shape);
    REQUIRE(sheet.layers.size() == 2);
    CHECK(sheet.total_bytes() == 10);
    CHECK(sheet.layers[0] == PartWeights{});
    const PartWeights& part = place == Place::front   ? sheet.front
                              : place == Place::layer ? sheet.layers[1]
                                                      : sheet.back;
    CHECK(part.*share == 10);
}

TEST_CASE("an embedding is the head where there is no other", "[packager][weight_sheet]") {
    WeightCounter tied;
    tied.add("model.embed_tokens.weight", 2, 100);
    CHECK(tied.sheet({}).tied_bytes == 100);
    WeightCounter apart;
    apart.add("model.embed_tokens.weight", 2, 100);
    apart.add("lm_head.weight", 2, 100);
    CHECK(apart.sheet({}).tied_bytes == 0);
}

TEST_CASE("layers are found where nobody says how many there are", "[packager][weight_sheet]") {
    WeightCounter counter;
    counter.add("h.3.mlp.weight", 2, 7);
    const WeightSheet sheet = counter.sheet({});
    REQUIRE(sheet.layers.size() == 4);
    CHECK(sheet.layers[3].divided == 7);
}
