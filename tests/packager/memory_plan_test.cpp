#include "packager/memory_plan.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "packager/chip_search.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/model_shapes.hpp"

using manifests::Deployment;
using manifests::Fault;
using manifests::MemoryNeed;
using packager::fits;
using packager::memory_need;
using packager::ModelShape;
using packager::WeightSheet;
using tests::faults_with;

namespace {

using Change = void (*)(Deployment&);

constexpr std::uint64_t gib = std::uint64_t{1} << 30;

Deployment spread(std::uint64_t tensor_parallel, std::uint64_t pipeline_parallel = 1) {
    Deployment deployment;
    deployment.tensor_parallel = tensor_parallel;
    deployment.pipeline_parallel = pipeline_parallel;
    deployment.context_tokens = 1;
    return deployment;
}

// Four layers that differ, with ends.
WeightSheet uneven_sheet() {
    WeightSheet sheet;
    sheet.layers = {{10, 0, 1}, {20, 0, 1}, {30, 0, 1}, {41, 8, 1}};
    sheet.front = {100, 0, 3};
    sheet.back = {50, 0, 5};
    return sheet;
}

ModelShape small_shape() {
    ModelShape shape;
    shape.layers = 4;
    shape.hidden = 8;
    shape.heads = 4;
    shape.kv_heads = 2;
    return shape; // 2 dimensions of a head; a token: 4 layers x 2 heads x 4 x 2 bytes
}

// Weights of which only the sum is published, spread evenly.
WeightSheet even_sheet(std::uint64_t layers, std::uint64_t total_bytes) {
    WeightSheet sheet;
    sheet.layers.assign(layers, {total_bytes / layers, 0, 0});
    return sheet;
}

} // namespace

TEST_CASE("one device holds all of it", "[packager][memory_plan]") {
    const MemoryNeed need = memory_need(small_shape(), uneven_sheet(), spread(1));
    CHECK(need.weight_bytes == 10 + 20 + 30 + 41 + 8 + 4 + 103 + 55);
    CHECK(need.cache_bytes == 4 * 2 * 4 * 2);
    CHECK(need.devices() == 1);
}

TEST_CASE("tensor-parallel devices share what is divided, and all have the rest", "[packager][memory_plan]") {
    const MemoryNeed two = memory_need(small_shape(), uneven_sheet(), spread(2));
    CHECK(two.weight_bytes == 5 + 10 + 15 + 21 + 4 + 4 + 53 + 30); // 41 is rounded up
    CHECK(two.cache_bytes == 4 * 1 * 4 * 2);
    const MemoryNeed four = memory_need(small_shape(), uneven_sheet(), spread(4));
    CHECK(four.weight_bytes == 3 + 5 + 8 + 11 + 4 + 4 + 28 + 18); // two heads cannot be in four places
    CHECK(four.cache_bytes == two.cache_bytes);
}

TEST_CASE("of pipeline stages the fullest one counts", "[packager][memory_plan]") {
    const MemoryNeed two = memory_need(small_shape(), uneven_sheet(), spread(1, 2));
    CHECK(two.weight_bytes == 30 + 41 + 8 + 2 + 55); // the last; the first has 135
    CHECK(two.cache_bytes == 2 * 2 * 4 * 2);
    WeightSheet sheet = uneven_sheet();
    sheet.back.divided = 500;
    CHECK(memory_need(small_shape(), sheet, spread(1, 2)).weight_bytes == 30 + 41 + 8 + 2 + 505);
    sheet.tied_bytes = 100;
    CHECK(memory_need(small_shape(), sheet, spread(1, 2)).weight_bytes == 30 + 41 + 8 + 2 + 505 + 100);
    CHECK(memory_need(small_shape(), sheet, spread(1)).weight_bytes == 10 + 20 + 30 + 41 + 8 + 4 + 103 + 505);
    // Three stages of four layers: one of them has two, and it may be any.
    CHECK(memory_need(small_shape(), uneven_sheet(), spread(1, 3)).weight_bytes == 30 + 41 + 8 + 2 + 55);
    CHECK(memory_need(small_shape(), uneven_sheet(), spread(1, 4)).weight_bytes == 10 + 1 + 103);
}

TEST_CASE("sequences, context and overhead add up, and copies do not", "[packager][memory_plan]") {
    Deployment deployment = spread(1);
    deployment.context_tokens = 10;
    deployment.sequences = 3;
    deployment.overhead_bytes = 1000;
    deployment.data_parallel = 2;
    deployment.utilisation_percent = 50;
    const MemoryNeed need = memory_need(small_shape(), uneven_sheet(), deployment);
    CHECK(need.cache_bytes == 3 * 10 * 64);
    CHECK(need.overhead_bytes == 1000);
    CHECK(need.devices() == 2);
    CHECK(need.least_device_bytes() == 2 * (need.weight_bytes + need.cache_bytes + 1000));
}

TEST_CASE("without a context the model's own counts", "[packager][memory_plan]") {
    Deployment deployment;
    deployment.tensor_parallel = 16;
    const ModelShape shape = tests::deepseek_v3();
    const MemoryNeed need = memory_need(shape, *weights_by_formula(shape, {}), deployment);
    CHECK(need.context_tokens == 163'840);
    CHECK(need.cache_bytes == 163'840ULL * 70'272);
    CHECK_THROWS_MATCHES(memory_need(small_shape(), uneven_sheet(), Deployment{}), manifests::Error,
                         faults_with(Fault::missing));
}

TEST_CASE("a deployment that no engine runs is a wrong command line", "[packager][memory_plan]") {
    const auto [what, change] = GENERATE(table<std::string, Change>({
        {"no device", [](Deployment& deployment) { deployment.tensor_parallel = 0; }},
        {"heads that do not divide", [](Deployment& deployment) { deployment.tensor_parallel = 3; }},
        {"more devices than heads", [](Deployment& deployment) { deployment.tensor_parallel = 8; }},
        {"no stage", [](Deployment& deployment) { deployment.pipeline_parallel = 0; }},
        {"more stages than layers", [](Deployment& deployment) { deployment.pipeline_parallel = 5; }},
        {"no copy", [](Deployment& deployment) { deployment.data_parallel = 0; }},
        {"too many devices", [](Deployment& deployment) { deployment.data_parallel = 65537; }},
        {"no sequence", [](Deployment& deployment) { deployment.sequences = 0; }},
        {"2^20 + 1 sequences", [](Deployment& deployment) { deployment.sequences = (1U << 20) + 1; }},
        {"no memory to use", [](Deployment& deployment) { deployment.utilisation_percent = 0; }},
        {"101 percent", [](Deployment& deployment) { deployment.utilisation_percent = 101; }},
        {"overhead over 2^50", [](Deployment& deployment) { deployment.overhead_bytes = (1ULL << 50) + 1; }},
        {"cache type", [](Deployment& deployment) { deployment.cache_type = "auto"; }},
    }));
    CAPTURE(what);
    Deployment deployment = spread(1);
    change(deployment);
    CHECK_THROWS_MATCHES(memory_need(small_shape(), uneven_sheet(), deployment), manifests::Error,
                         faults_with(Fault::usage));
}

TEST_CASE("a device that would hold over 2^50 bytes is not believed", "[packager][memory_plan]") {
    Deployment deployment = spread(1);
    deployment.context_tokens = manifests::most_context_tokens;
    deployment.sequences = manifests::most_sequences;
    CHECK_THROWS_MATCHES(memory_need(small_shape(), uneven_sheet(), deployment), manifests::Error,
                         faults_with(Fault::damaged));
    packager::ModelShape wide = small_shape();
    wide.head_dim = std::uint64_t{1} << 40;
    CHECK_THROWS_MATCHES(memory_need(wide, uneven_sheet(), deployment), manifests::Error,
                         faults_with(Fault::damaged));
    deployment.context_tokens = manifests::most_context_tokens + 1;
    CHECK_THROWS_MATCHES(memory_need(small_shape(), uneven_sheet(), deployment), manifests::Error,
                         faults_with(Fault::usage));
}

TEST_CASE("what may be used and what fits agree to the byte", "[packager][memory_plan]") {
    const std::uint64_t device_bytes =
        GENERATE(0ULL, 1ULL, 99ULL, 101ULL, 64 * gib, 65'520ULL << 20, (1ULL << 50) - 1);
    const std::uint64_t percent = GENERATE(1U, 33U, 90U, 100U);
    CAPTURE(device_bytes, percent);
    const std::uint64_t usable = packager::usable_bytes(device_bytes, percent);
    MemoryNeed need;
    need.utilisation_percent = percent;
    need.weight_bytes = usable;
    CHECK(fits(need, device_bytes));
    ++need.weight_bytes;
    CHECK_FALSE(fits(need, device_bytes));
}

namespace {

struct Published {
    const char* what;
    ModelShape shape;
    WeightSheet weights;
    std::uint64_t device_bytes;
    std::uint64_t devices_per_node;
    std::uint64_t devices; ///< as published
    std::uint64_t least;   ///< as computed
    const char* cache_type;
};

WeightSheet by_formula(const ModelShape& shape, std::uint64_t bits) {
    return *weights_by_formula(shape, {.matrix = bits, .other = 16});
}

// Sizes that vllm-ascend, GPUStack, FastDeploy and vLLM-Kunlun document.
std::vector<Published> published() {
    const ModelShape v3 = tests::deepseek_v3(), v32 = tests::deepseek_v32(), kimi = tests::kimi_k2();
    const ModelShape qwen = tests::qwen3_235b(), ernie = tests::ernie_300b();
    const ModelShape flash = tests::deepseek_v4(43, 64, 0), pro = tests::deepseek_v4(61, 128, 128);
    const WeightSheet flash_8 = even_sheet(43, 284'000'000'000), pro_4 = even_sheet(61, 800'000'000'000);
    return {
        {"R1 BF16 on 910B", v3, by_formula(v3, 16), 64 * gib, 8, 32, 32, ""},
        {"R1 and V3.1 W8A8 on 910B", v3, by_formula(v3, 8), 64 * gib, 8, 16, 16, ""},
        {"V3.2 W8A8 on 910B", v32, by_formula(v32, 8), 64 * gib, 8, 16, 16, ""},
        {"V3.1 W8A8 on a node of 910C", v3, by_formula(v3, 8), 64 * gib, 16, 16, 16, ""},
        {"V3.1 w8a8c8 on 950 with 96 GiB", v3, by_formula(v3, 8), 96 * gib, 8, 8, 8, "int8"},
        {"V3.2 W8A8 on P800", v32, by_formula(v32, 8), 96 * gib, 8, 8, 8, ""},
        {"Kimi-K2.5 w4a8 on 910B", kimi, by_formula(kimi, 4), 64 * gib, 8, 16, 16, ""},
        {"Kimi-K2.5 w4a8 on a node of 910C", kimi, by_formula(kimi, 4), 64 * gib, 16, 16, 16, ""},
        {"V4-Flash w8a8 on 910B", flash, flash_8, 64 * gib, 8, 8, 8, ""},
        {"V4-Flash w8a8 on a node of 910C", flash, flash_8, 64 * gib, 16, 16, 8, ""},
        {"V4-Pro w4a8 on 910B", pro, pro_4, 64 * gib, 8, 32, 16, ""},
        {"V4-Pro w4a8 on two nodes of 910C", pro, pro_4, 64 * gib, 16, 32, 16, ""},
        {"Qwen3-235B BF16 on 910B", qwen, by_formula(qwen, 16), 64 * gib, 8, 16, 8, ""},
        {"Qwen3-235B BF16 on a node of 910C", qwen, by_formula(qwen, 16), 64 * gib, 16, 16, 8, ""},
        {"ERNIE-300B wint8 on K100_AI", ernie, by_formula(ernie, 8), 65'520ULL << 20, 8, 8, 8, ""},
        {"ERNIE-300B wint4 on S60", ernie, by_formula(ernie, 4), 48 * gib, 8, 8, 4, ""},
    };
}

} // namespace

TEST_CASE("published deployments fit, and the plan never asks for more", "[packager][memory_plan]") {
    for (const Published& size : published()) {
        CAPTURE(size.what);
        packager::PlanWish wish;
        wish.deployment.context_tokens = 32'768; // ours; the documents name it seldom
        wish.deployment.cache_type = size.cache_type;
        const packager::PlanTarget target{size.shape, size.device_bytes, size.devices_per_node};
        const auto least = smallest_need(target, size.weights, wish);
        REQUIRE(least);
        CHECK(least->devices() == size.least);
        CHECK(least->devices() <= size.devices);
        wish.deployment.tensor_parallel = size.devices;
        CHECK(fits(memory_need(size.shape, size.weights, wish.deployment), size.device_bytes));
    }
}

TEST_CASE("a size in circulation does not fit", "[packager][memory_plan]") {
    // R1 in BF16 on 16 x 64 GB stands on a specification page.
    const ModelShape shape = tests::deepseek_v3();
    const MemoryNeed need = memory_need(shape, by_formula(shape, 16), spread(16));
    CHECK_FALSE(fits(need, 64 * gib));
    CHECK(need.weight_bytes > 12'499ULL * gib / 10 / 16);
}
