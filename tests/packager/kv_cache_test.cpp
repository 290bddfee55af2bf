#include "packager/kv_cache.hpp"

#include <limits>
#include <numeric>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/model_shapes.hpp"

using manifests::Fault;
using packager::cache_bytes_by_layer;
using packager::CacheType;
using packager::ModelShape;
using packager::parse_cache_type;
using tests::faults_with;

namespace {

using Change = void (*)(ModelShape&);

std::uint64_t cache_bytes(const ModelShape& shape, std::uint64_t tokens, std::uint64_t tensor_parallel = 1,
                          CacheType type = CacheType::bf16) {
    const auto bytes =
        cache_bytes_by_layer(shape, {.tokens = tokens, .tensor_parallel = tensor_parallel, .type = type});
    CHECK(bytes.size() == shape.layers);
    return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
}

} // namespace

TEST_CASE("DeepSeek-V3 keeps 70,272 bytes of each token, on each device", "[packager][kv_cache]") {
    const ModelShape shape = tests::deepseek_v3();
    CHECK(cache_bytes(shape, 1) == 70'272);
    CHECK(cache_bytes(shape, 131'072) == 9'210'691'584); // 8.58 GiB
    for (const std::uint64_t devices : {2U, 8U, 128U})
        CHECK(cache_bytes(shape, 1, devices) == 70'272);
    CHECK(cache_bytes(shape, 1, 8, CacheType::fp8) == 35'136);
}

TEST_CASE("latent attention is known by kv_lora_rank alone", "[packager][kv_cache]") {
    ModelShape shape = tests::deepseek_v3();
    shape.q_lora_rank = 0;
    shape.model_type = "";
    CHECK(cache_bytes(shape, 1) == 70'272);
}

TEST_CASE("DeepSeek-V3.2 keeps 656 bytes and its index", "[packager][kv_cache]") {
    const ModelShape shape = tests::deepseek_v32();
    CHECK(cache_bytes(shape, 1, 8, CacheType::fp8) == 61 * (656 + 132));
    // Published beside V4's: 83.9 GiB for a sequence of 2^20 tokens in 16 bits.
    CHECK(cache_bytes(shape, 1'048'576) == 61ULL * (1152 + 256) * 1'048'576);
    CHECK(cache_bytes(shape, 1, 1, CacheType::int8) == 61 * (576 + 128));
}

TEST_CASE("DeepSeek-V4 keeps what its layers compress", "[packager][kv_cache]") {
    // Published for V4-Pro: 9.62 GiB for a sequence of 2^20 tokens in 16 bits. Its first two layers compress
    // by 128.
    const ModelShape pro = tests::deepseek_v4(61, 128, 128);
    const std::uint64_t bytes = cache_bytes(pro, 1'048'576);
    CHECK(bytes / 10'737'418 == 962); // hundredths of a GiB
    CHECK(cache_bytes(pro, 1'048'576, 16) == bytes);
    CHECK(cache_bytes(pro, 1'048'576, 1, CacheType::fp8) ==
          30ULL * (262'144 * (584 + 132) + 128 * 584) + 31ULL * (8'192 * 584 + 128 * 584));
}

TEST_CASE("an entry of DeepSeek-V4 has 584 bytes in fp8 and 1024 where a chip has no fp8",
          "[packager][kv_cache]") {
    const ModelShape flash = tests::deepseek_v4(3, 64, 0);
    const auto in_16_bits = cache_bytes_by_layer(flash, {.tokens = 1'000});
    CHECK(in_16_bits[0] == 128 * 1024); // the window alone
    CHECK(in_16_bits[2] == 128 * 1024 + 250 * (1024 + 256));
    const auto in_fp8 =
        cache_bytes_by_layer(flash, {.tokens = 1'001, .tensor_parallel = 1, .type = CacheType::fp8});
    CHECK(in_fp8[0] == 128 * 584);
    CHECK(in_fp8[2] == 128 * 584 + 251 * (584 + 132)); // a started entry is a whole one
    CHECK(cache_bytes_by_layer(flash, {.tokens = 5})[0] == 5 * 1024);
}

TEST_CASE("key and value heads are shared until each device has one", "[packager][kv_cache]") {
    const ModelShape shape = tests::llama3_8b(); // 8 heads of 128
    const auto [devices, heads] =
        GENERATE(table<std::uint64_t, std::uint64_t>({{1, 8}, {2, 4}, {4, 2}, {8, 1}, {16, 1}, {32, 1}}));
    CAPTURE(devices);
    CHECK(cache_bytes(shape, 10, devices) == 32 * heads * 256 * 2 * 10);
}

TEST_CASE("heads that do not divide count where most of them are", "[packager][kv_cache]") {
    ModelShape shape = tests::llama3_8b();
    shape.kv_heads = 6;
    CHECK(cache_bytes(shape, 1, 4) == 32 * 2 * 256 * 2);
}

TEST_CASE("what is not said about heads follows from the others", "[packager][kv_cache]") {
    ModelShape shape = tests::llama3_8b();
    shape.kv_heads = 0; // as many as heads
    CHECK(cache_bytes(shape, 1) == 32 * 32 * 256 * 2);
    shape.head_dim = 96;
    shape.v_head_dim = 64;
    CHECK(cache_bytes(shape, 1) == 32 * 32 * (96 + 64) * 2);
    shape.kv_heads_by_layer = std::vector<std::uint64_t>(32, 8);
    shape.kv_heads_by_layer[5] = 0; // a layer that looks at nothing
    CHECK(cache_bytes(shape, 1) == 31 * 8 * (96 + 64) * 2);
}

TEST_CASE("a sliding window bounds what its layers keep", "[packager][kv_cache]") {
    ModelShape shape = tests::llama3_8b();
    shape.sliding_window = 1024;
    CHECK(cache_bytes(shape, 8192) == 32ULL * 4096 * 8192); // no layer is said to have it
    shape.layer_types.assign(32, "sliding_attention");
    shape.layer_types[31] = "full_attention";
    CHECK(cache_bytes(shape, 8192) == 31ULL * 4096 * 1024 + 4096ULL * 8192);
    CHECK(cache_bytes(shape, 100) == 32ULL * 4096 * 100);
}

TEST_CASE("a linear layer keeps the same however long a sequence is", "[packager][kv_cache]") {
    ModelShape shape = tests::llama3_8b();
    shape.layer_types.assign(32, "linear_attention");
    shape.linear_key_heads = 16;
    shape.linear_value_heads = 32;
    shape.linear_key_dim = shape.linear_value_dim = 128;
    shape.linear_conv_width = 4;
    const std::uint64_t one = 32ULL * 128 * 128 * 4 + (16ULL * 128 * 2 + 32 * 128) * 3 * 2;
    CHECK(cache_bytes(shape, 1) == 32 * one);
    CHECK(cache_bytes(shape, 1'000'000) == 32 * one);
    CHECK(cache_bytes(shape, 1, 2) == 16 * one);
}

TEST_CASE("a model that does not say what its cache takes is not guessed at", "[packager][kv_cache]") {
    const auto [what, change] = GENERATE(table<std::string, Change>({
        {"layers", [](ModelShape& shape) { shape.layers = 0; }},
        {"heads", [](ModelShape& shape) { shape.heads = 0; }},
        {"width of a head", [](ModelShape& shape) { shape.hidden = 0; }},
        {"hidden size that heads do not divide", [](ModelShape& shape) { shape.hidden = 4097; }},
        {"window", [](ModelShape& shape) { shape.layer_types.assign(32, "sliding_attention"); }},
        {"linear layer", [](ModelShape& shape) { shape.layer_types.assign(32, "linear_attention"); }},
        {"rope of a latent vector", [](ModelShape& shape) { shape.kv_lora_rank = 512; }},
        {"compression of the last layer", [](ModelShape& shape) { shape.compress_ratios.assign(31, 0); }},
        {"index of a compressed layer", [](ModelShape& shape) { shape.compress_ratios.assign(32, 4); }},
    }));
    CAPTURE(what);
    ModelShape shape = tests::llama3_8b();
    change(shape);
    CHECK_THROWS_MATCHES(cache_bytes_by_layer(shape, {.tokens = 1}), manifests::Error,
                         faults_with(Fault::missing));
}

TEST_CASE("figures that leave 63 bits are refused, not wrapped", "[packager][kv_cache]") {
    constexpr std::uint64_t huge = std::uint64_t{1} << 40;
    const auto [what, change] = GENERATE(table<std::string, Change>({
        {"heads", [](ModelShape& shape) { shape.kv_heads = huge; }},
        {"width of a head", [](ModelShape& shape) { shape.head_dim = std::uint64_t{1} << 62; }},
        {"latent rank", [](ModelShape& shape) { shape.kv_lora_rank = std::uint64_t{1} << 62; }},
        {"2^32 heads of 2^32: what wraps to 0",
         [](ModelShape& shape) { shape.kv_heads = shape.head_dim = std::uint64_t{1} << 32; }},
        {"layers", [](ModelShape& shape) { shape.layers = huge; }},
    }));
    CAPTURE(what);
    ModelShape shape = tests::llama3_8b();
    shape.qk_rope_head_dim = 64;
    change(shape);
    CHECK_THROWS_MATCHES(cache_bytes_by_layer(shape, {.tokens = huge}), manifests::Error,
                         faults_with(Fault::damaged));
}

TEST_CASE("cache types have names", "[packager][kv_cache]") {
    const auto [name, bytes] = GENERATE(
        table<std::string, std::uint64_t>({{"bf16", 2}, {"fp16", 2}, {"fp32", 4}, {"fp8", 1}, {"int8", 1}}));
    CHECK(name_of(parse_cache_type(name)) == name);
    CHECK(bytes_of(parse_cache_type(name)) == bytes);
    for (const char* wrong : {"", "BF16", "auto", "int4", "fp8 "})
        CHECK_THROWS_MATCHES(parse_cache_type(wrong), manifests::Error, faults_with(Fault::usage));
    ModelShape shape;
    CHECK(usual_cache_type(shape) == CacheType::bf16);
    shape.dtype = "float16";
    CHECK(usual_cache_type(shape) == CacheType::fp16);
    shape.dtype = "float32";
    CHECK(usual_cache_type(shape) == CacheType::fp32);
}
