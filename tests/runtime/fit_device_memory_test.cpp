#include <catch2/catch.hpp>

#include "tests/runtime/fit_case.hpp"

using manifests::Code;
using runtime::Fit;
using runtime::FitLine;
using tests::ascend_case;
using tests::blocking;
using tests::find_line;
using tests::FitCase;
using tests::gibibyte;
using Verdict = FitLine::Verdict;
using Blocking = std::vector<std::string>;

namespace {

FitLine memory_line(const Fit& fit, Code code = Code::fit_device_memory) {
    const FitLine* line = find_line(fit, code);
    REQUIRE(line != nullptr);
    return *line;
}

void set_memory(FitCase& one, std::uint64_t bytes) {
    one.each_device([&](auto& device) { device.memory_bytes = bytes; });
}

} // namespace

TEST_CASE("a model that is too large says what there is, what it takes and what would help",
          "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.memory->weight_bytes = 48 * gibibyte;
    one.needs.memory->cache_bytes = 0;
    one.needs.memory->overhead_bytes = 0;
    one.needs.memory->utilisation_percent = 75;
    CHECK(memory_line(one.at_site()).wanted == "8 x 64 GiB");
    CHECK(memory_line(one.at_site()).verdict == Verdict::met);
    set_memory(one, 32 * gibibyte);
    const FitLine line = memory_line(one.at_site());
    CHECK(line.verdict == Verdict::not_met);
    CHECK(line.found == "8 x 32 GiB");
    CHECK(line.wanted == "8 x 64 GiB");
    CHECK(line.remedy == "use the W8A8 weights or two nodes (16 devices)");
    CHECK(blocking(one.at_site()) == Blocking{"not met: model in device memory"});
}

TEST_CASE("a remedy is offered only where the figures say that it helps", "[runtime][fit]") {
    FitCase one = ascend_case();
    manifests::MemoryNeed& need = *one.needs.memory;
    need.utilisation_percent = 100;
    need.weight_bytes = 20 * gibibyte;
    need.cache_bytes = 60 * gibibyte;
    CHECK(memory_line(one.at_site()).remedy ==
          "use half the context or half the sequences or 16 nodes (128 devices)");
    need.overhead_bytes = 65 * gibibyte; // not to be divided by anything
    CHECK(memory_line(one.at_site()).remedy == "take devices with more memory, or a smaller model");
    need.overhead_bytes = 0;
    need.cache_bytes = 0;
    need.weight_bytes = 100 * gibibyte;
    one.needs.tensor_types = {"I8"}; // are W8A8 already
    CHECK(memory_line(one.at_site()).remedy == "use two nodes (16 devices)");
    one.needs.tensor_types = {"BF16"};
    one.profile.types.reset(); // who knows what it computes
    CHECK(memory_line(one.at_site()).remedy == "use two nodes (16 devices)");
    need.weight_bytes = 1000 * gibibyte;
    CHECK(memory_line(one.at_site()).remedy == "use 16 nodes (128 devices)");
}

TEST_CASE("the last byte decides", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.memory->utilisation_percent = 100;
    one.needs.memory->cache_bytes = 0;
    one.needs.memory->overhead_bytes = 0;
    one.needs.memory->weight_bytes = 64 * gibibyte;
    CHECK(memory_line(one.at_site()).verdict == Verdict::met);
    one.needs.memory->weight_bytes += 1;
    CHECK(memory_line(one.at_site()).verdict == Verdict::not_met);
    CHECK(memory_line(one.at_site()).wanted == "8 x 64.1 GiB"); // never looks like what is there
    CHECK(memory_line(one.at_build()).verdict == Verdict::not_met);
}

TEST_CASE("too few devices, or too few large ones", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.accelerator().device_nodes.clear();
    one.machine.accelerators.resize(4);
    const FitLine few = memory_line(one.at_site());
    CHECK(few.verdict == Verdict::not_met);
    CHECK(few.found == "4 x 64 GiB");
    CHECK(few.remedy == "use two nodes like this one, and say so with --nodes 2");
    one.nodes = 2;
    CHECK(one.at_site().fits());
    one.nodes = 3;
    CHECK(memory_line(one.at_site()).wanted.starts_with("3 x "));
    FitCase mixed = ascend_case();
    mixed.accelerator().models.clear();
    mixed.machine.accelerators[7].memory_bytes = 32 * gibibyte;
    CHECK(memory_line(mixed.at_site()).verdict == Verdict::not_met);
    CHECK(memory_line(mixed.at_site()).found == "7 x 64 GiB, 1 x 32 GiB");
    mixed.needs.memory->tensor_parallel = 4;
    CHECK(memory_line(mixed.at_site()).verdict == Verdict::met);
}

TEST_CASE("memory that nobody says is no pass, and no refusal either", "[runtime][fit]") {
    FitCase one = ascend_case();
    set_memory(one, 0);
    CHECK(blocking(one.at_site()) == Blocking{"cannot tell: model in device memory"});
    CHECK(memory_line(one.at_site()).found == "8 x unknown");
    one.machine.accelerators[0].memory_bytes = 16 * gibibyte; // one is known to be too small
    CHECK(blocking(one.at_site()) == Blocking{"not met: model in device memory"});
    one.needs.memory->tensor_parallel = 4;
    CHECK(blocking(one.at_site()) == Blocking{"cannot tell: model in device memory"});
}

TEST_CASE("a build is refused when no machine of the profile could hold the model", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.memory->weight_bytes = 80 * gibibyte;
    const FitLine line = memory_line(one.at_build());
    CHECK(line.verdict == Verdict::not_met);
    CHECK(line.found == "8 x 64 GiB a machine");
    CHECK(line.wanted == "8 x 100 GiB");
    CHECK(line.remedy == "use the W8A8 weights or two nodes (16 devices)");
    one.accelerator().devices_per_node = 0;
    CHECK(memory_line(one.at_build()).found == "64 GiB each");
    one.accelerator().memory_bytes = 0; // the site has the last word
    CHECK(memory_line(one.at_build()).verdict == Verdict::note);
    CHECK(one.at_build().fits());
}

TEST_CASE("more devices than a machine has are worth a note when a bundle is built", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.memory->tensor_parallel = 16;
    CHECK(memory_line(one.at_build()).verdict == Verdict::note);
    CHECK(memory_line(one.at_build()).remedy == "this takes two machines; check each with --nodes 2");
    CHECK(one.at_build().verdict() == Fit::Class::runs_but);
}

TEST_CASE("a model for processors lies in the host's memory", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.profile.accelerators.clear();
    one.machine.accelerators.clear();
    one.needs.memory->tensor_parallel = 1;
    one.needs.memory->utilisation_percent = 100;
    CHECK(memory_line(one.at_site(), Code::fit_memory).verdict == Verdict::met);
    CHECK(find_line(one.at_build(), Code::fit_memory) == nullptr);
    one.machine.memory_bytes = 50 * gibibyte - 1;
    CHECK(blocking(one.at_site()) == Blocking{"not met: model in host memory"});
    CHECK(memory_line(one.at_site(), Code::fit_memory).found == "49.9 GiB");
    CHECK(memory_line(one.at_site(), Code::fit_memory).wanted == "50 GiB");
    one.machine.memory_bytes = 0;
    CHECK(blocking(one.at_site()) == Blocking{"cannot tell: model in host memory"});
    one.needs.memory->tensor_parallel = 65536;
    one.needs.memory->weight_bytes = 1ULL << 50;
    one.needs.memory->utilisation_percent = 1;
    one.machine.memory_bytes = ~std::uint64_t{0} - 1; // no overflow makes it fit
    CHECK(blocking(one.at_site()) == Blocking{"not met: model in host memory"});
}

TEST_CASE("without a deployment nobody asks for memory", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.memory.reset();
    CHECK(find_line(one.at_site(), Code::fit_device_memory) == nullptr);
    CHECK(find_line(one.at_build(), Code::fit_device_memory) == nullptr);
}
