#pragma once
// A server with eight Ascend NPUs, the profile that it fits and a model that fits into them: each test
// changes one thing.

#include <optional>
#include <string>

#include "manifests/machine.hpp"
#include "manifests/needs.hpp"
#include "manifests/profile.hpp"
#include "runtime/fit.hpp"

namespace tests {

inline constexpr std::uint64_t gibibyte = 1ULL << 30;

/// The question and everything it points to.
struct FitCase {
    manifests::Profile profile;
    manifests::Machine machine;
    manifests::Needs needs;
    std::vector<manifests::BundleFile> files = {};
    std::vector<manifests::KernelEntry> kernels = {};
    std::optional<runtime::Opener> opener = runtime::Opener{0, {0}};
    std::optional<runtime::Room> room = {};
    std::uint64_t nodes = 1;
    std::vector<manifests::Profile> known = {};

    manifests::AcceleratorRequirement& accelerator() { return profile.accelerators.at(0); }
    void each_device(const auto& change) {
        for (manifests::PciFound& device : machine.accelerators)
            change(device);
    }

    runtime::Fit at_site() const { return ask(&machine); }
    runtime::Fit at_build() const { return ask(nullptr); }

private:
    runtime::Fit ask(const manifests::Machine* where) const {
        return runtime::fit({.profile = profile,
                             .machine = where,
                             .needs = &needs,
                             .files = &files,
                             .kernels = &kernels,
                             .opener = opener,
                             .room = room,
                             .nodes = nodes,
                             .known = &known});
    }
};

/// Everything is met.
inline FitCase ascend_case() {
    using Kind = manifests::SoftwareRequirement::Kind;
    FitCase one;
    one.profile.id = "ascend-910b";
    one.profile.title = "Huawei Ascend 910B";
    manifests::AcceleratorRequirement& npu = one.profile.accelerators.emplace_back();
    npu.name = "Ascend 910B";
    npu.pci_ids = {"19e5:d802"};
    npu.memory_bytes = 64 * gibibyte;
    npu.models = {"Ascend910B1", "Ascend910B3"};
    npu.devices_per_node = 8;
    npu.device_nodes = {"/dev/davinci_manager", "/dev/davinci{n}"};
    manifests::SoftwareRequirement& toolkit = one.profile.software.emplace_back();
    toolkit.kind = Kind::toolkit;
    toolkit.name = "CANN";
    toolkit.version_range = "vers:generic/>=8.2|<10";
    one.profile.types.emplace();
    one.profile.types->computes = {"bf16", "fp16", "int4", "int8"};
    one.profile.types->lacks = {"fp8", "mxfp4", "mxfp8"};
    manifests::Machine& machine = one.machine;
    machine.cpu.architecture = "aarch64";
    machine.memory_bytes = 1024 * gibibyte;
    machine.kernel_name = "Linux";
    machine.kernel_release = "5.10.0-136.12.0.oe2203sp1.aarch64";
    machine.system_id = "openEuler";
    machine.system_version = "22.03";
    machine.abi = {{"GLIBC", "2.34", "/lib64/libc.so.6"}};
    machine.software = {{"toolkit", "CANN", "9.1.0", "/usr/local/Ascend/cann/version.info"}};
    for (int i = 0; i < 8; ++i) {
        manifests::PciFound device;
        device.address = "0000:0" + std::to_string(i) + ":00.0";
        device.id = "19e5:d802";
        device.class_code = "120000";
        device.vendor = "Huawei";
        device.model = "Ascend910B3";
        device.memory_bytes = 64 * gibibyte;
        machine.accelerators.push_back(device);
        machine.device_nodes.push_back({"/dev/davinci" + std::to_string(i), "0660", 0, 1000});
    }
    machine.device_nodes.push_back({"/dev/davinci_manager", "0660", 0, 1000});
    one.needs.architecture = "aarch64";
    one.needs.abi = {{"GLIBC", "2.34"}};
    one.needs.engine = {"vllm-ascend", "0.23.0"};
    one.needs.tensor_types = {"BF16", "F32"};
    one.needs.memory.emplace();
    one.needs.memory->tensor_parallel = 8;
    one.needs.memory->weight_bytes = 40 * gibibyte;
    one.needs.memory->cache_bytes = 8 * gibibyte;
    one.needs.memory->overhead_bytes = 2 * gibibyte;
    return one;
}

/// The first line with this code and, unless empty, with this requirement; nullptr if there is none.
inline const runtime::FitLine* find_line(const runtime::Fit& fit, manifests::Code code,
                                         const std::string& requirement = "") {
    for (const runtime::FitLine& line : fit.lines)
        if (line.code == code && (requirement.empty() || line.requirement == requirement)) return &line;
    return nullptr;
}

/// What blocks, as "code requirement" in order: a test that changes one thing expects one entry.
inline std::vector<std::string> blocking(const runtime::Fit& fit) {
    std::vector<std::string> list;
    for (const runtime::FitLine& line : fit.lines) {
        const bool open = line.verdict == runtime::FitLine::Verdict::cannot_tell;
        if (!open && line.verdict != runtime::FitLine::Verdict::not_met) continue;
        list.push_back(std::string(name_of(line.verdict)) + ": " + line.requirement);
    }
    return list;
}

} // namespace tests
