#include "packager/chip_plan.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "packager/chip_search.hpp"
#include "packager/planned_model.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/model_shapes.hpp"

using manifests::Fault;
using manifests::Profile;
using packager::Answer;
using packager::binary_size_text;
using packager::ChipPlan;
using packager::plan_for;
using packager::PlannedModel;
using packager::PlanRemedy;
using packager::PlanWish;
using packager::Rounding;
using tests::faults_with;
using Kind = packager::PlanRemedy::Kind;

namespace {

constexpr std::uint64_t gib = std::uint64_t{1} << 30;

Profile chip(std::uint64_t memory_bytes, std::uint64_t devices_per_node = 8) {
    Profile profile;
    profile.id = "ascend-910b";
    profile.title = "Ascend 910B";
    manifests::AcceleratorRequirement accelerator;
    accelerator.name = "Ascend 910B";
    accelerator.memory_bytes = memory_bytes;
    accelerator.devices_per_node = devices_per_node;
    profile.accelerators = {accelerator};
    profile.types = manifests::TypeSupport{
        .computes = {"bf16", "fp16", "int8"}, .lacks = {"fp8"}, .source = "a", .lacks_source = "a"};
    return profile;
}

PlannedModel model(const packager::ModelShape& shape, std::uint64_t bits, std::vector<std::string> types) {
    return {.shape = shape,
            .weights = weights_by_formula(shape, {.matrix = bits, .other = 16}),
            .weights_from_files = false,
            .tensor_types = std::move(types)};
}

PlannedModel deepseek(std::uint64_t bits, std::vector<std::string> types) {
    return model(tests::deepseek_v3(), bits, std::move(types));
}

PlanWish spread(std::uint64_t tensor_parallel) {
    PlanWish wish;
    wish.deployment.tensor_parallel = tensor_parallel;
    wish.asks_tensor_parallel = wish.asks_pipeline_parallel = true;
    return wish;
}

const PlanRemedy* remedy_of(const ChipPlan& plan, Kind kind) {
    const auto found = std::find_if(plan.remedies.begin(), plan.remedies.end(),
                                    [&](const PlanRemedy& remedy) { return remedy.kind == kind; });
    return found == plan.remedies.end() ? nullptr : &*found;
}

} // namespace

TEST_CASE("without a wish the smallest number of devices is said", "[packager][chip_plan]") {
    const ChipPlan plan = plan_for(deepseek(8, {"BF16", "I8"}), chip(64 * gib), {});
    CHECK(plan.answer == Answer::fits);
    REQUIRE(plan.need);
    CHECK(plan.need->devices() == 16);
    CHECK(plan.nodes() == 2);
    CHECK(plan.reason.empty());
    CHECK(plan.remedies.empty());
    REQUIRE(plan.notes.size() == 1); // over two nodes
    CHECK_THAT(plan.notes[0], Catch::Contains("spans nodes"));
}

TEST_CASE("FP8 weights do not run on Ascend 910B, and two conversions do", "[packager][chip_plan]") {
    const ChipPlan plan = plan_for(deepseek(8, {"BF16", "F32", "F8_E4M3"}), chip(64 * gib), {});
    CHECK(plan.answer == Answer::does_not_fit);
    CHECK(plan.reason == "FP8 is not supported by Ascend 910B");
    REQUIRE(plan.remedies.size() == 2);
    CHECK(plan.remedies[0].text == "convert the weights to BF16: 32 devices (4 nodes of 8)");
    CHECK(plan.remedies[0].devices == 32);
    CHECK(plan.remedies[1].text == "convert the weights to W8A8: 16 devices (2 nodes of 8)");
    CHECK(plan.remedies[1].devices == 16);
}

TEST_CASE("what was asked for and is too small is said with both figures", "[packager][chip_plan]") {
    const ChipPlan plan = plan_for(deepseek(16, {"BF16"}), chip(64 * gib), spread(16));
    CHECK(plan.answer == Answer::does_not_fit);
    REQUIRE(plan.need);
    CHECK_THAT(plan.reason, Catch::Matches("needs 16 x [0-9.]+ GiB, found 16 x 64 GiB"));
    REQUIRE(remedy_of(plan, Kind::devices) != nullptr);
    CHECK(remedy_of(plan, Kind::devices)->text == "32 devices (4 nodes of 8): tensor parallelism 32");
    REQUIRE(remedy_of(plan, Kind::weights) != nullptr);
    CHECK(remedy_of(plan, Kind::weights)->text == "W8A8 weights on the same devices");
    CHECK(remedy_of(plan, Kind::context) == nullptr); // the weights alone are too much
    CHECK(remedy_of(plan, Kind::sequences) == nullptr);
    CHECK(remedy_of(plan, Kind::cache) == nullptr);
}

TEST_CASE("a cache that is too large is mended by less of it", "[packager][chip_plan]") {
    PlanWish wish = spread(8);
    wish.deployment.sequences = 2;
    const PlannedModel asked = model(tests::llama3_8b(), 16, {"BF16"});
    wish.deployment.context_tokens = 1'000'000; // 8 GiB of weights / 4, and 2 x 15.3 GiB of cache
    const ChipPlan plan = plan_for(asked, chip(24 * gib), wish);
    CHECK(plan.answer == Answer::does_not_fit);
    const PlanRemedy* context = remedy_of(plan, Kind::context);
    REQUIRE(context != nullptr);
    CHECK_THAT(context->text, Catch::Contains("instead of 1,000,000"));
    const PlanRemedy* sequences = remedy_of(plan, Kind::sequences);
    REQUIRE(sequences != nullptr);
    CHECK(sequences->text == "1 sequence at a time instead of 2");
    const PlanRemedy* cache = remedy_of(plan, Kind::cache);
    REQUIRE(cache != nullptr);
    CHECK_THAT(cache->text, Catch::Contains("int8")); // the chip has no fp8
    CHECK(plan.notes.size() == 1);                    // the model was made for less
    // What is said to fit does.
    PlanWish mended = wish;
    mended.deployment.sequences = 1;
    CHECK(plan_for(asked, chip(24 * gib), mended).answer == Answer::fits);
    mended = wish;
    mended.deployment.cache_type = "int8";
    CHECK(plan_for(asked, chip(24 * gib), mended).answer == Answer::fits);
}

TEST_CASE("pipeline stages are searched where heads do not go further", "[packager][chip_plan]") {
    PlanWish wish;
    wish.deployment.context_tokens = 1024;
    const ChipPlan shorter = plan_for(deepseek(16, {"BF16"}), chip(10 * gib), wish);
    CHECK(shorter.answer == Answer::fits);
    CHECK(shorter.need->pipeline_parallel > 1);
}

TEST_CASE("a plan that cannot be made is no pass", "[packager][chip_plan]") {
    using Change = void (*)(PlannedModel&, Profile&);
    const auto [what, change] = GENERATE(table<std::string, Change>({
        {"processor", [](PlannedModel&, Profile& profile) { profile.accelerators.clear(); }},
        {"memory", [](PlannedModel&, Profile& profile) { profile.accelerators[0].memory_bytes = 0; }},
        {"weights", [](PlannedModel& asked, Profile&) { asked.weights.reset(); }},
        {"layers", [](PlannedModel& asked, Profile&) { asked.shape.layers = 0; }},
        {"context", [](PlannedModel& asked, Profile&) { asked.shape.context = 0; }},
    }));
    CAPTURE(what);
    PlannedModel asked = deepseek(8, {"BF16", "I8"});
    Profile profile = chip(64 * gib);
    change(asked, profile);
    const ChipPlan plan = plan_for(asked, profile, {});
    CHECK(plan.answer == Answer::cannot_tell);
    CHECK_FALSE(plan.reason.empty());
}

TEST_CASE("a conversion that fits nowhere is none to propose", "[packager][chip_plan]") {
    const ChipPlan plan = plan_for(deepseek(8, {"F8_E4M3"}), chip(std::uint64_t{32} << 20), {});
    CHECK(plan.answer == Answer::does_not_fit);
    CHECK(plan.remedies.empty());
    REQUIRE(plan.notes.size() == 1);
    CHECK(plan.notes[0] == "converted to BF16 or W8A8 it fits on no number of these devices either");
}

TEST_CASE("a chip without BF16 is offered what it has", "[packager][chip_plan]") {
    Profile profile = chip(64 * gib);
    profile.types->computes = {"fp16", "int8"};
    profile.types->lacks = {"bf16", "fp8"};
    const ChipPlan plan = plan_for(deepseek(16, {"BF16"}), profile, {});
    REQUIRE(plan.remedies.size() == 2);
    CHECK(plan.remedies[0].text == "convert the weights to FP16: 32 devices (4 nodes of 8)");
    CHECK(plan.remedies[1].text == "convert the weights to W8A8: 16 devices (2 nodes of 8)");
    // And what it is offered does fit: what a conversion to 8 bits leaves wide is FP16 then.
    for (const char* type : {"fp16", "int8"}) {
        CAPTURE(type);
        const PlannedModel other = converted(deepseek(16, {"BF16"}), type, &*profile.types);
        CHECK(plan_for(other, profile, {}).answer == Answer::fits);
    }
    const PlannedModel other = converted(deepseek(16, {"BF16"}), "int8", &*profile.types);
    CHECK(other.tensor_types == std::vector<std::string>{"F16", "I8"});
}

TEST_CASE("OCP FP8 on a chip with the FNUZ encodings fits, if the engine converts it",
          "[packager][chip_plan]") {
    Profile profile = chip(192 * gib);
    profile.types->computes = {"bf16", "fp8_fnuz"};
    profile.types->lacks.clear();
    const ChipPlan plan = plan_for(deepseek(8, {"BF16", "F8_E4M3"}), profile, spread(8));
    CHECK(plan.answer == Answer::fits);
    REQUIRE(plan.notes.size() == 1);
    CHECK_THAT(plan.notes[0], Catch::Contains("fp8_fnuz in place of fp8"));
}

TEST_CASE("a need beyond all belief fits nowhere, and less of it may", "[packager][chip_plan]") {
    PlanWish wish = spread(8);
    wish.deployment.context_tokens = manifests::most_context_tokens;
    wish.deployment.sequences = manifests::most_sequences;
    const ChipPlan plan = plan_for(model(tests::llama3_8b(), 16, {"BF16"}), chip(64 * gib), wish);
    CHECK(plan.answer == Answer::does_not_fit);
    CHECK_FALSE(plan.need);
    CHECK(plan.reason == "needs more than 1 PiB on each of 8 devices");
    CHECK(remedy_of(plan, Kind::devices) == nullptr);
}

TEST_CASE("a number type that is lacking needs no memory to be said", "[packager][chip_plan]") {
    const ChipPlan plan = plan_for(deepseek(8, {"F8_E4M3"}), chip(0), {});
    CHECK(plan.answer == Answer::does_not_fit);
    REQUIRE(plan.remedies.size() == 2);
    CHECK(plan.remedies[0].text == "convert the weights to BF16");
    CHECK(plan.remedies[0].devices == 0);
}

TEST_CASE("a number type that is lacking stays a no where memory cannot be told", "[packager][chip_plan]") {
    PlannedModel asked = deepseek(8, {"F8_E4M3"});
    asked.shape.context = 0; // how long a sequence is, nobody says
    const ChipPlan plan = plan_for(asked, chip(64 * gib), {});
    CHECK(plan.answer == Answer::does_not_fit);
    CHECK(plan.reason == "FP8 is not supported by Ascend 910B");
}

TEST_CASE("a narrow number type that the profile is silent about cannot be told, a 16-bit one is a note",
          "[packager][chip_plan]") {
    Profile profile = chip(64 * gib);
    profile.types.reset();
    const ChipPlan plan = plan_for(deepseek(8, {"F32", "I8", "U8"}), profile, spread(16));
    CHECK(plan.answer == Answer::cannot_tell);
    CHECK(plan.reason.starts_with("the profile does not say whether it computes int8; "));
    CHECK(plan.need); // the figures are there all the same
    const ChipPlan wide = plan_for(deepseek(8, {"BF16"}), profile, spread(16));
    CHECK(wide.answer == Answer::fits);
    REQUIRE_FALSE(wide.notes.empty());
    CHECK(wide.notes[0] == "the profile does not say whether it computes bf16");
}

TEST_CASE("memory and nodes of the wish go before the profile's", "[packager][chip_plan]") {
    PlanWish wish;
    wish.device_bytes = 96 * gib;
    wish.devices_per_node = 4;
    wish.deployment.context_tokens = 4096;
    const ChipPlan plan = plan_for(deepseek(8, {"I8"}), chip(0), wish);
    CHECK(plan.answer == Answer::fits);
    CHECK(plan.need->devices() == 8);
    CHECK(plan.nodes() == 2);
}

TEST_CASE("a wish that no engine runs is a wrong command line", "[packager][chip_plan]") {
    CHECK_THROWS_MATCHES(plan_for(deepseek(8, {"I8"}), chip(64 * gib), spread(3)), manifests::Error,
                         faults_with(Fault::usage));
    PlanWish wish;
    wish.deployment.utilisation_percent = 0;
    CHECK_THROWS_MATCHES(plan_for(deepseek(8, {"I8"}), chip(64 * gib), wish), manifests::Error,
                         faults_with(Fault::usage));
}

TEST_CASE("groups are powers of two, or parts of a node, or nodes", "[packager][chip_plan]") {
    packager::ModelShape shape;
    shape.heads = 60;
    const auto [node, wanted] =
        GENERATE(table<std::uint64_t, std::vector<std::uint64_t>>({{0, {1, 2, 4}},
                                                                   {8, {1, 2, 4}},
                                                                   {10, {1, 2, 4, 5, 10, 20, 30, 60}},
                                                                   {6, {1, 2, 3, 4, 6, 12, 30, 60}}}));
    CAPTURE(node);
    CHECK(packager::tensor_parallel_choices({shape, 1, node}) == wanted);
}

TEST_CASE("the largest value that fits is found", "[packager][chip_plan]") {
    for (const std::uint64_t limit : {0U, 1U, 7U, 99U}) {
        CHECK(packager::largest_that_fits(100, [&](std::uint64_t value) { return value <= limit; }) == limit);
    }
    CHECK(packager::largest_that_fits(1, [](std::uint64_t) { return true; }) == 0);
    CHECK(packager::largest_that_fits(0, [](std::uint64_t) { return true; }) == 0);
}

TEST_CASE("sizes are said in binary units with two places", "[packager][chip_plan]") {
    const auto [bytes, nearest, up, down] =
        GENERATE(table<std::uint64_t, std::string, std::string, std::string>({
            {0, "0 B", "0 B", "0 B"},
            {1023, "1023 B", "1023 B", "1023 B"},
            {1024, "1 KiB", "1 KiB", "1 KiB"},
            {64 * gib, "64 GiB", "64 GiB", "64 GiB"},
            {64 * gib / 10 * 9, "57.6 GiB", "57.6 GiB", "57.59 GiB"},
            {64 * gib + 1, "64 GiB", "64.01 GiB", "64 GiB"},
            {64 * gib - 1, "64 GiB", "64 GiB", "63.99 GiB"},
            {gib + gib / 20, "1.05 GiB", "1.05 GiB", "1.04 GiB"},
            {65'520ULL << 20, "63.98 GiB", "63.99 GiB", "63.98 GiB"},
            {(1ULL << 63) - 1, "8192 PiB", "8192 PiB", "8191.99 PiB"},
        }));
    CAPTURE(bytes);
    CHECK(binary_size_text(bytes, Rounding::nearest) == nearest);
    CHECK(binary_size_text(bytes, Rounding::up) == up);
    CHECK(binary_size_text(bytes, Rounding::down) == down);
}
