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

TEST_CASE("a server with everything runs the bundle, with nothing to add", "[runtime][fit]") {
    const Fit fit = ascend_case().at_site();
    CHECK(blocking(fit).empty());
    CHECK(fit.verdict() == Fit::Class::runs);
    for (const FitLine& line : fit.lines) {
        CAPTURE(line.requirement);
        CHECK(line.verdict == Verdict::met);
        CHECK(line.remedy.empty());
        CHECK_FALSE(line.found.empty());
        CHECK_FALSE(line.wanted.empty());
    }
    CHECK(runtime::report_of(fit).passed());
    CHECK(ascend_case().at_build().verdict() == Fit::Class::runs);
}

TEST_CASE("the three classes have the names that people and scripts read", "[runtime][fit]") {
    FitCase one = ascend_case();
    CHECK(name_of(one.at_site().verdict()) == "runs");
    one.opener.reset(); // nobody knows who will open the nodes
    CHECK(name_of(one.at_site().verdict()) == "runs, but");
    one.machine.software.clear();
    CHECK(name_of(one.at_site().verdict()) == "does not run");
    CHECK_FALSE(one.at_site().fits());
}

TEST_CASE("the engine decides the architecture where the profile leaves it open", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.machine.cpu.architecture = "x86_64";
    CHECK(blocking(one.at_site()) == Blocking{"not met: architecture"});
    one.needs.architecture.clear();
    CHECK(blocking(one.at_site()).empty());
    one.needs.architecture = "aarch64";
    one.profile.cpu.architecture = "x86_64";
    CHECK(blocking(one.at_site()) == Blocking{"not met: engine"});
    CHECK(blocking(one.at_build()) == Blocking{"not met: engine"});
}

TEST_CASE("devices are counted as an engine counts them", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.memory->tensor_parallel = 16;
    CHECK(blocking(one.at_site()) ==
          Blocking{"not met: Ascend 910B device nodes", "not met: model in device memory"});
    one.accelerator().device_nodes.clear();
    SECTION("two behind each function, as the profile says") {
        one.accelerator().devices_per_function = 2;
        CHECK(one.at_site().fits());
    }
    SECTION("two behind the functions with one subsystem id") {
        one.accelerator().devices_by_subsystem = {{"19e5:0110", 2}};
        CHECK_FALSE(one.at_site().fits());
        one.each_device([](auto& device) { device.subsystem_id = "19e5:0110"; });
        CHECK(one.at_site().fits());
        const Fit fit = one.at_site();
        CHECK(find_line(fit, Code::fit_accelerator)->found == "8 x 19e5:d802 Huawei (16 devices)");
    }
    SECTION("as many as the machine itself says, whatever the profile thinks") {
        one.accelerator().devices_per_function = 1;
        one.each_device([](auto& device) { device.devices = 2; });
        CHECK(one.at_site().fits());
    }
    SECTION("a machine that claims endless devices costs no memory") {
        one.each_device([](auto& device) { device.devices = ~std::uint64_t{0} / 16; });
        CHECK(one.at_site().fits());
    }
}

TEST_CASE("accelerators of unknown makers are named, and count for nothing", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.each_device([](auto& device) {
        device.id = "1bcf:001c";
        device.vendor.clear();
    });
    const Fit fit = one.at_site();
    CHECK(blocking(fit) == Blocking{"not met: Ascend 910B"});
    CHECK(find_line(fit, Code::fit_accelerator)->found == "8 x 1bcf:001c of an unknown maker");
    one.machine.accelerators.clear();
    const Fit without = one.at_site();
    CHECK(find_line(without, Code::fit_accelerator)->found == "none");
    CHECK(blocking(without) == Blocking{"not met: Ascend 910B"});
}

TEST_CASE("a chip whose PCI id nobody knows is recognised by its name, or not at all", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.accelerator().pci_ids.clear();
    CHECK(one.at_site().fits());
    one.each_device([](auto& device) { device.model.clear(); });
    CHECK(blocking(one.at_site()) == Blocking{"cannot tell: Ascend 910B"});
    one.each_device([](auto& device) { device.model = "MLU590"; });
    CHECK(blocking(one.at_site()) == Blocking{"not met: Ascend 910B"});
    one.accelerator().models.clear(); // nothing to recognise it by
    one.each_device([](auto& device) { device.model.clear(); });
    CHECK(blocking(one.at_site()) == Blocking{"cannot tell: Ascend 910B"});
}

TEST_CASE("one PCI id stands for several chips, so the SoC's name is held against the profile's",
          "[runtime][fit]") {
    FitCase one = ascend_case();
    one.machine.accelerators[3].model = "Ascend910B4";
    const Fit other = one.at_site();
    CHECK(blocking(other) == Blocking{"not met: Ascend 910B model"});
    CHECK(find_line(other, Code::fit_accelerator, "Ascend 910B model")->found ==
          "7 x Ascend910B3, 1 x Ascend910B4");
    one.machine.accelerators[3].model.clear();
    CHECK(blocking(one.at_site()) == Blocking{"cannot tell: Ascend 910B model"});
    one.accelerator().models.clear();
    CHECK(one.at_site().fits());
}

TEST_CASE("kernels that are declared for a chip are held against the chip", "[runtime][fit]") {
    const auto [target, found, verdict] = GENERATE(table<std::string, std::string, Verdict>({
        {"Ascend910B3", "Ascend910B3", Verdict::met},
        {"Ascend910B3", "910B3", Verdict::met}, // as npu-smi says it
        {"ascend910b", "910B3", Verdict::met},
        {"Ascend910B1", "910B3", Verdict::not_met},
        {"Ascend910B1", "Ascend910B3", Verdict::not_met},
        {"Ascend910B1", "", Verdict::cannot_tell},
        {"ascend910b", "Ascend910B3", Verdict::met},    // a folder of operators: the family
        {"ascend910b", "Ascend910B", Verdict::not_met}, // a chip of the generation before
        {"ascend310", "Ascend310P3", Verdict::not_met},
        {"ascend310p", "Ascend310P3", Verdict::met},
        {"Ascend910", "Ascend910B3", Verdict::not_met},
        {"ascend950", "Ascend950PR_9579", Verdict::met},
        {"ascend950", "Ascend950DT_9581", Verdict::met},
        {"ascend910", "Ascend910A", Verdict::met},
        {"ascend910", "910ProA", Verdict::met},
        {"ascend910", "Ascend910B", Verdict::met},
        {"ascend910", "Ascend910B3", Verdict::not_met},
    }));
    CAPTURE(target, found);
    FitCase one = ascend_case();
    one.accelerator().models.clear();
    one.each_device([&, name = found](auto& device) { device.model = name; });
    manifests::KernelEntry kernel{manifests::BundlePath::parse("kernels/op.o"), {}, {}};
    kernel.format = "ascend-object";
    kernel.targets = {target};
    kernel.targets_declared = true;
    one.kernels = {kernel};
    const Fit fit = one.at_site();
    REQUIRE(find_line(fit, Code::fit_kernel) != nullptr);
    CHECK(find_line(fit, Code::fit_kernel)->verdict == verdict);
    if (verdict == Verdict::not_met) {
        CHECK(find_line(fit, Code::fit_kernel)->found == "8 x " + found);
        CHECK(find_line(fit, Code::fit_kernel)->wanted == target + " (kernels/op.o)");
        CHECK(find_line(fit, Code::fit_kernel)->remedy.starts_with("socversion does not match"));
    }
}

TEST_CASE("targets that the bytes of a kernel tell are no names of chips", "[runtime][fit]") {
    FitCase one = ascend_case();
    manifests::KernelEntry kernel{manifests::BundlePath::parse("kernels/op.cubin"), {}, {}};
    kernel.format = "cuda";
    kernel.targets = {"sm_90"};
    one.kernels = {kernel};
    CHECK(find_line(one.at_site(), Code::fit_kernel) == nullptr);
    one.kernels[0].targets_declared = true;
    CHECK(find_line(one.at_site(), Code::fit_kernel) == nullptr);
}

TEST_CASE("boards are of the profile's size, but for what a driver keeps", "[runtime][fit]") {
    const auto [bytes, verdict] = GENERATE(table<std::uint64_t, Verdict>({
        {64 * gibibyte, Verdict::met},
        {65'520ULL << 20, Verdict::met},       // K100 AI says this
        {6032 * gibibyte / 100, Verdict::met}, // visible on a 910B
        {48 * gibibyte, Verdict::not_met},
        {32 * gibibyte, Verdict::not_met},
        {0, Verdict::cannot_tell},
    }));
    FitCase one = ascend_case();
    one.needs.memory.reset();
    one.each_device([size = bytes](auto& device) { device.memory_bytes = size; });
    const Fit fit = one.at_site();
    CHECK(find_line(fit, Code::fit_accelerator, "Ascend 910B memory")->verdict == verdict);
    CHECK(fit.fits() == (verdict == Verdict::met));
}

TEST_CASE("where the model's own figures decide, a smaller board is worth a note", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.memory->weight_bytes = gibibyte;
    one.each_device([](auto& device) { device.memory_bytes = 32 * gibibyte; });
    const Fit fit = one.at_site();
    CHECK(fit.verdict() == Fit::Class::runs_but);
    CHECK(find_line(fit, Code::fit_accelerator, "Ascend 910B memory")->verdict == Verdict::note);
    CHECK(find_line(fit, Code::fit_device_memory)->verdict == Verdict::met);
}

TEST_CASE("what a device says of itself cannot move a cursor", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.each_device([](auto& device) { device.model = "\x1b[2J"; });
    const Fit fit = one.at_site();
    for (const FitLine& line : fit.lines)
        CHECK(line.found.find('\x1b') == std::string::npos);
}

TEST_CASE("accelerators on a bus that nobody could read are undecided, not absent", "[runtime][fit]") {
    const auto [unreadable, verdict] = GENERATE(table<std::string, Verdict>({
        {"/sys/bus/pci/devices", Verdict::cannot_tell},
        {"/sys/bus/ub/devices", Verdict::cannot_tell},
        {"/sys/block", Verdict::not_met},
    }));
    CAPTURE(unreadable);
    FitCase one = ascend_case();
    one.machine.accelerators.clear();
    one.machine.unreadable = {unreadable};
    const Fit fit = one.at_site();
    CHECK(find_line(fit, Code::fit_accelerator)->verdict == verdict);
}
