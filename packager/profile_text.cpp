#include "packager/profile_text.hpp"

#include <array>
#include <cstdio>
#include <vector>

#include "manifests/text.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::AcceleratorRequirement;
using manifests::Profile;

std::string joined(const std::vector<std::string>& list, const char* between = " ") {
    std::string text;
    for (const std::string& item : list)
        text += (text.empty() ? "" : between) + item;
    return text;
}

// "vers:generic/>=24.1|<26" without what every range begins with.
std::string range_text(const std::string& range) {
    const std::string text = range.substr(range.find('/') + 1);
    return text == "*" ? "any version" : text;
}

class FigureTable {
public:
    void add(const std::string& what, const std::string& value, const std::string& source) {
        if (!value.empty()) table_.row({what, value, source});
    }
    void add(const std::string& what, std::uint64_t count, const std::string& source) {
        if (count != 0) add(what, std::to_string(count), source);
    }
    std::string text() const { return table_.text(); }

private:
    runtime::Table table_{{"FIGURE", "VALUE", "SOURCE"}};
};

std::string model_ranges(const std::vector<manifests::CpuModelRange>& models) {
    std::string text;
    for (const manifests::CpuModelRange& range : models) {
        text += (text.empty() ? "" : ", ") + std::string("family ") + std::to_string(range.family) +
                " model " + std::to_string(range.first_model);
        if (range.last_model != range.first_model) text += " to " + std::to_string(range.last_model);
    }
    return text;
}

void add_host(const Profile& profile, FigureTable& table) {
    const manifests::CpuRequirement& cpu = profile.cpu;
    table.add("host architecture", cpu.architecture, cpu.source);
    table.add("processor maker", joined(cpu.vendors, ", "), cpu.identity_source);
    table.add("processor", model_ranges(cpu.models), cpu.identity_source);
    table.add("instructions", joined(cpu.features), cpu.source);
    table.add("host memory", gib_text(profile.memory_bytes), profile.memory_source);
}

void add_accelerator(const AcceleratorRequirement& device, FigureTable& table) {
    table.add("accelerator", std::to_string(device.quantity) + " x " + device.name, device.source);
    table.add("PCI ids", joined(device.pci_ids), device.source);
    table.add("models", joined(device.models, ", "), device.models_source);
    table.add("memory of one device", gib_text(device.memory_bytes), device.memory_source);
    table.add("devices behind a PCI function", device.devices_per_function, device.devices_source);
    for (const manifests::SubsystemDevices& one : device.devices_by_subsystem)
        table.add("devices behind subsystem " + one.subsystem_id, one.devices, device.devices_source);
    table.add("devices of a node", device.devices_per_node, device.node_source);
    table.add("device nodes", joined(device.device_nodes), device.device_nodes_source);
}

void add_software(const Profile& profile, FigureTable& table) {
    for (const manifests::SoftwareRequirement& software : profile.software) {
        const std::string what = std::string(name_of(software.kind)) + " " + software.name;
        table.add(what, range_text(software.version_range), software.source);
        for (const auto& place : software.places)
            table.add(what + " stands in", place.path, software.places_source);
    }
}

void add_rules(const Profile& profile, FigureTable& table) {
    if (profile.types) {
        table.add("computes", joined(profile.types->computes), profile.types->source);
        table.add("does not compute", joined(profile.types->lacks), profile.types->lacks_source);
    }
    for (const manifests::FileModeRule& rule : profile.file_modes) {
        const std::string engine = rule.engine.empty() ? "any engine" : rule.engine;
        table.add("mode of " + rule.role + " files for " + engine, rule.mode, rule.source);
    }
    table.add("kernel libraries", joined(profile.kernels.names), profile.kernels.source);
    for (const manifests::KernelFormat& format : profile.kernels.formats) {
        const std::string told = format.target_in_bytes ? ", told by their bytes" : ", as declared";
        table.add("kernels " + format.format,
                  format.targets.empty() ? "targets not told apart" : joined(format.targets) + told,
                  format.source);
    }
}

void add_sets(const Profile& profile, FigureTable& table) {
    for (const manifests::ValidatedSet& set : profile.validated_sets) {
        std::string members;
        for (const manifests::ValidatedSet::Member& member : set.members)
            members += (members.empty() ? "" : " + ") + member.name + " " + range_text(member.version_range);
        table.add("validated together " + set.date, members, set.source);
    }
}

std::string sources_text(const Profile& profile) {
    runtime::Table table({"SOURCE", "DATE", "ADDRESS", "DOCUMENT"});
    for (const manifests::ProfileSource& source : profile.sources)
        table.row({source.id, source.date, source.url, source.title});
    return table.text();
}

} // namespace

std::string gib_text(std::uint64_t bytes) {
    if (bytes == 0) return "";
    constexpr std::uint64_t gib = 1ULL << 30;
    if (bytes % gib == 0) return std::to_string(bytes / gib) + " GiB";
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.1f GiB",
                  static_cast<double>(bytes) / static_cast<double>(gib));
    return text.data();
}

std::string class_of(const Profile& profile) {
    return profile.accelerators.empty() ? "host" : "accelerator";
}

std::string profile_text(const Profile& profile) {
    FigureTable figures;
    add_host(profile, figures);
    for (const AcceleratorRequirement& accelerator : profile.accelerators)
        add_accelerator(accelerator, figures);
    add_software(profile, figures);
    add_rules(profile, figures);
    add_sets(profile, figures);
    return manifests::escaped(profile.id) + ": " + manifests::escaped(profile.title, 400) + "\n\n" +
           figures.text() + "\n" + sources_text(profile);
}

} // namespace packager
