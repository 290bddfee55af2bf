// Accelerators as an engine counts them, and which chips they are.

#include <algorithm>
#include <map>

#include "manifests/text.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {

using manifests::AcceleratorRequirement;
using manifests::Code;
using manifests::escaped;
using manifests::KernelEntry;
using manifests::Machine;
using manifests::PciFound;
using Verdict = FitLine::Verdict;

namespace {

constexpr const char* ask_a_tool =
    "no file of the machine says it: give the probe what the vendor's tool says (--plugin or --evidence)";

// Where no PCI id is known, the name that a driver or a vendor's tool says is all there is to go by.
bool is_one(const AcceleratorRequirement& wanted, const PciFound& found) {
    if (!wanted.pci_ids.empty()) return contains(wanted.pci_ids, found.id);
    return !found.model.empty() && contains(wanted.models, found.model);
}

// Two NPUs on one function look like one, except for the subsystem id (310P Duo: 0110).
std::uint64_t devices_behind(const AcceleratorRequirement& wanted, const PciFound& found) {
    if (found.devices > 1) return found.devices; // the machine itself says so
    for (const manifests::SubsystemDevices& exception : wanted.devices_by_subsystem)
        if (exception.subsystem_id == found.subsystem_id) return exception.devices;
    return std::max<std::uint64_t>(wanted.devices_per_function, 1);
}

std::string counts_text(const std::map<std::string, std::uint64_t>& counts) {
    std::string text;
    for (const auto& [name, count] : counts)
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " x " + name;
    return text.empty() ? "none" : text;
}

// Everything that computes, known or not: "2 x 19e5:d802 Huawei, 1 x 1abc:0001 of an unknown maker".
std::string accelerators_text(const Machine& machine) {
    std::map<std::string, std::uint64_t> counts;
    for (const PciFound& found : machine.accelerators) {
        const std::string maker = found.vendor.empty() ? "of an unknown maker" : escaped(found.vendor);
        ++counts[escaped(found.id) + " " + maker];
    }
    return counts_text(counts);
}

std::string wanted_text(const AcceleratorRequirement& wanted) {
    std::string what = joined(wanted.pci_ids, " or ");
    if (what.empty()) what = joined(wanted.models, " or ");
    return std::to_string(wanted.quantity) + " x " + (what.empty() ? escaped(wanted.name) : what);
}

// What is there is of another kind, or is nowhere to be seen.
std::string remedy_for_none(const FitQuestion& question) {
    const std::vector<const manifests::Profile*> others = other_chips(question);
    if (others.empty()) return "check that the cards are seated, powered and passed through to this system";
    std::string ids;
    for (const manifests::Profile* other : others)
        ids += (ids.empty() ? "" : " or ") + escaped(other->id);
    return "this is another chip: take a bundle for " + ids;
}

FitLine fit_number(const FitQuestion& question, const AcceleratorRequirement& wanted,
                   const DevicesFound& devices) {
    const Machine& machine = *question.machine;
    FitLine line{Code::fit_accelerator,      Verdict::met,        escaped(wanted.name),
                 accelerators_text(machine), wanted_text(wanted), ""};
    if (devices.count > devices.functions.size())
        line.found += " (" + std::to_string(devices.count) + " devices)";
    if (devices.count >= wanted.quantity) return line;
    // A chip whose PCI id nobody has published can be there and be taken for another.
    const bool unnamed = std::any_of(machine.accelerators.begin(), machine.accelerators.end(),
                                     [](const PciFound& found) { return found.model.empty(); });
    if (is_unreadable(machine, "/sys/bus/pci")) {
        line.verdict = Verdict::cannot_tell;
        line.remedy = "let the probe read /sys/bus/pci/devices, as root or with it mounted";
    } else if (is_unreadable(machine, "/sys/bus/")) { // Ascend 950 on "ub"
        line.verdict = Verdict::cannot_tell;
        line.remedy =
            "an accelerator is on a bus that the probe cannot read (see 'unreadable' of the machine)";
    } else if (wanted.pci_ids.empty() && unnamed) {
        line.verdict = Verdict::cannot_tell;
        line.remedy = "the profile knows no PCI id of this chip, and " + std::string(ask_a_tool);
    } else {
        line.verdict = Verdict::not_met;
        line.remedy = remedy_for_none(question);
    }
    return line;
}

std::map<std::string, std::uint64_t> models_of(const DevicesFound& devices,
                                               const AcceleratorRequirement& wanted) {
    std::map<std::string, std::uint64_t> counts;
    for (const PciFound* found : devices.functions)
        counts[found->model] += devices_behind(wanted, *found);
    return counts;
}

std::string models_text(std::map<std::string, std::uint64_t> models) {
    std::map<std::string, std::uint64_t> shown;
    for (const auto& [name, count] : models)
        shown[name.empty() ? "unknown" : escaped(name)] += count;
    return counts_text(shown);
}

FitLine fit_model(const AcceleratorRequirement& wanted, const DevicesFound& devices) {
    const auto models = models_of(devices, wanted);
    FitLine line{Code::fit_accelerator,           Verdict::met,
                 escaped(wanted.name) + " model", models_text(models),
                 joined(wanted.models, " or "),   ""};
    std::uint64_t matching = 0;
    for (const auto& [name, count] : models)
        if (contains(wanted.models, name)) matching += count;
    if (matching >= wanted.quantity && matching == devices.count) return line;
    if (models.contains("")) {
        line.verdict = Verdict::cannot_tell;
        line.remedy = ask_a_tool;
    } else {
        line.verdict = Verdict::not_met;
        line.remedy = "take a bundle for this chip; one PCI id stands for several";
    }
    return line;
}

// A driver keeps up to a sixteenth for itself: 60.32 of 64 GiB are visible on a 910B, 63.66 on a BI-V150.
bool is_board_of(std::uint64_t nominal_bytes, std::uint64_t found_bytes) {
    return found_bytes >= nominal_bytes / 16 * 15;
}

std::string sizes_text(const DevicesFound& devices) {
    std::map<std::string, std::uint64_t> counts;
    for (const std::uint64_t bytes : devices.memory_bytes)
        ++counts[bytes == 0 ? "unknown" : memory_text(bytes)];
    return counts_text(counts);
}

// One PCI id covers boards of 32 and of 64 GiB, so the id does not stand for a size. What the model needs
// decides where it is known: then a smaller board is a note.
void add_board_memory_line(const AcceleratorRequirement& wanted, const DevicesFound& devices,
                           bool model_decides, FitLines& lines) {
    const auto count = [&](const auto& is_it) {
        return static_cast<std::uint64_t>(
            std::count_if(devices.memory_bytes.begin(), devices.memory_bytes.end(), is_it));
    };
    const std::uint64_t enough =
        count([&](std::uint64_t bytes) { return bytes != 0 && is_board_of(wanted.memory_bytes, bytes); });
    const bool unknown = count([](std::uint64_t bytes) { return bytes == 0; }) > 0;
    if (model_decides && (unknown || enough == devices.memory_bytes.size())) return;
    FitLine line{Code::fit_accelerator,
                 Verdict::met,
                 escaped(wanted.name) + " memory",
                 sizes_text(devices),
                 std::to_string(wanted.quantity) + " x " + memory_text(wanted.memory_bytes, Rounding::up),
                 ""};
    if (model_decides) {
        line.verdict = Verdict::note;
        line.remedy = "these are smaller boards than the profile's; what the model needs decides";
    } else if (enough < wanted.quantity) {
        line.verdict = unknown ? Verdict::cannot_tell : Verdict::not_met;
        line.remedy = unknown ? ask_a_tool : "take a bundle for these boards, or boards of this size";
    }
    lines.push_back(std::move(line));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// npu-smi says 910B3 where the toolkit says Ascend910B3.
std::string_view without_brand(std::string_view name) {
    constexpr std::string_view brand = "ascend";
    const bool branded = name.size() > brand.size() && same_name(name.substr(0, brand.size()), brand) &&
                         is_digit(name[brand.size()]);
    return branded ? name.substr(brand.size()) : name;
}

// What the name of a chip has after that of its family: "3" of Ascend910B3, "ProA" of Ascend910ProA, "PR" of
// Ascend950PR. As packager/target_rules.cpp has it.
bool is_after_family(std::string_view family, std::string_view rest) {
    const auto starts = [&](std::string_view text) {
        return rest.size() >= text.size() && same_name(rest.substr(0, text.size()), text);
    };
    if (rest.empty() || is_digit(rest[0])) return !rest.empty();
    if (family == "950") return starts("dt") || starts("pr");
    if (family != "910") return false;
    return same_name(rest, "a") || rest == "B" || starts("pro") || starts("premium");
}

// "ascend910b", as folders of operators are named, is a family: Ascend910B1 to B4, and not "Ascend910B",
// which is a chip of the generation before. "Ascend910B3" is one chip.
bool is_target(std::string_view target, std::string_view model) {
    const bool family =
        std::none_of(target.begin(), target.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    target = without_brand(target);
    model = without_brand(model);
    if (!family) return target == model;
    if (same_name(target, model)) return is_digit(target.empty() ? '0' : target.back());
    return model.size() > target.size() && same_name(target, model.substr(0, target.size())) &&
           is_after_family(target, model.substr(target.size()));
}

// Targets that bytes tell ("sm_90") were held against the profile when the bundle was built; what only a
// declaration says, and what is spelled as chips are, is held against the chip itself.
bool names_a_chip(const KernelEntry& kernel, const manifests::Profile& profile) {
    if (!kernel.targets_declared || kernel.targets.empty()) return false;
    if (kernel.format.starts_with("ascend")) return true;
    for (const AcceleratorRequirement& accelerator : profile.accelerators)
        for (const std::string& model : accelerator.models)
            for (const std::string& target : kernel.targets)
                if (is_target(target, model)) return true;
    return false;
}

void add_kernel_line(const FitQuestion& question, const std::map<std::string, std::uint64_t>& models,
                     FitLines& lines) {
    if (question.kernels == nullptr) return;
    const KernelEntry* first = nullptr;
    std::uint64_t others = 0;
    std::uint64_t held = 0;
    for (const KernelEntry& kernel : *question.kernels) {
        if (!names_a_chip(kernel, question.profile)) continue;
        ++held;
        const bool fits = std::all_of(models.begin(), models.end(), [&](const auto& found) {
            return std::any_of(kernel.targets.begin(), kernel.targets.end(),
                               [&](const std::string& target) { return is_target(target, found.first); });
        });
        if (fits) continue;
        if (first == nullptr)
            first = &kernel;
        else
            ++others;
    }
    if (held == 0) return;
    FitLine line{Code::fit_kernel, Verdict::met, "kernels", models_text(models), "the declared chips", ""};
    if (first != nullptr) {
        line.wanted = joined(first->targets, " or ") + " (" + escaped(first->path.text()) +
                      (others == 0 ? "" : " and " + std::to_string(others) + " more") + ")";
        line.verdict = models.contains("") ? Verdict::cannot_tell : Verdict::not_met;
        line.remedy =
            models.contains("")
                ? ask_a_tool
                : "socversion does not match: take a bundle whose kernels are for " + models_text(models);
    }
    lines.push_back(std::move(line));
}

} // namespace

DevicesFound devices_of(const AcceleratorRequirement& wanted, const Machine& machine) {
    DevicesFound devices;
    for (const PciFound& found : machine.accelerators) {
        if (!is_one(wanted, found)) continue;
        const std::uint64_t behind = devices_behind(wanted, found);
        devices.functions.push_back(&found);
        devices.count += behind;
        for (std::uint64_t i = 0; i < std::min<std::uint64_t>(behind, 1024); ++i) // outside says how many
            devices.memory_bytes.push_back(found.memory_bytes);
    }
    return devices;
}

std::uint64_t wanted_devices(const FitQuestion& question, std::uint64_t quantity) {
    if (question.needs == nullptr || !question.needs->memory) return quantity;
    const std::uint64_t all = question.needs->memory->devices();
    const std::uint64_t nodes = std::max<std::uint64_t>(question.nodes, 1);
    return std::max(quantity, all / nodes + (all % nodes != 0 ? 1 : 0));
}

bool add_device_lines(const FitQuestion& question, FitLines& lines) {
    if (question.machine == nullptr) return true;
    const bool model_decides = question.needs != nullptr && question.needs->memory.has_value();
    bool there = true;
    std::map<std::string, std::uint64_t> models;
    for (const AcceleratorRequirement& wanted : question.profile.accelerators) {
        const DevicesFound devices = devices_of(wanted, *question.machine);
        lines.push_back(fit_number(question, wanted, devices));
        if (lines.back().verdict != Verdict::met) {
            there = false;
            continue;
        }
        if (!wanted.models.empty()) lines.push_back(fit_model(wanted, devices));
        if (wanted.memory_bytes != 0) add_board_memory_line(wanted, devices, model_decides, lines);
        add_device_node_line(question, wanted, wanted_devices(question, wanted.quantity), lines);
        for (const auto& [name, count] : models_of(devices, wanted))
            models[name] += count;
    }
    if (there && !question.profile.accelerators.empty()) add_kernel_line(question, models, lines);
    return there;
}

} // namespace runtime
