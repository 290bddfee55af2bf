#include "runtime/fit.hpp"

#include <algorithm>

#include "manifests/text.hpp"
#include "manifests/version_range.hpp"

namespace runtime {

using manifests::AcceleratorRequirement;
using manifests::Code;
using manifests::CpuFound;
using manifests::CpuRequirement;
using manifests::escaped;
using manifests::Machine;
using manifests::Profile;
using manifests::SoftwareRequirement;
using Verdict = FitLine::Verdict;

namespace {

const std::string unknown = "unknown";

std::string or_unknown(const std::string& text) {
    return text.empty() ? unknown : escaped(text);
}

std::string joined(const std::vector<std::string>& list, const std::string& between = " ") {
    std::string text;
    for (const std::string& item : list)
        text += (text.empty() ? "" : between) + escaped(item);
    return text;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

bool is_unreadable(const Machine& machine, std::string_view start) {
    return std::any_of(machine.unreadable.begin(), machine.unreadable.end(),
                       [&](const std::string& path) { return path.starts_with(start); });
}

std::string names_of(const CpuRequirement& wanted) {
    std::string text = joined(wanted.vendors, " or ");
    std::string models;
    for (const manifests::CpuModelRange& range : wanted.models) {
        models += (models.empty() ? "" : " or ") + std::string("family ") + std::to_string(range.family) +
                  " model " + std::to_string(range.first_model);
        if (range.last_model != range.first_model) models += " to " + std::to_string(range.last_model);
    }
    return text + (text.empty() || models.empty() ? "" : ", ") + models;
}

std::string name_of_cpu(const CpuFound& found) {
    std::string text = escaped(found.vendor);
    text += (text.empty() ? "family " : ", family ") + std::to_string(found.family) + " model " +
            std::to_string(found.model);
    return found.brand.empty() ? text : text + " (" + escaped(found.brand) + ")";
}

FitLine fit_architecture(const CpuRequirement& wanted, const CpuFound& found) {
    FitLine line{Code::fit_architecture,         Verdict::met,        "architecture",
                 or_unknown(found.architecture), wanted.architecture, ""};
    if (found.architecture.empty()) {
        line.verdict = Verdict::cannot_tell;
        line.remedy = "probe on the machine itself; a copied tree does not hold what its processor can do";
    } else if (found.architecture != wanted.architecture) {
        line.verdict = Verdict::not_met;
        line.remedy = "take a bundle that is built for " + escaped(found.architecture);
    }
    return line;
}

FitLine fit_identity(const CpuRequirement& wanted, const CpuFound& found) {
    const IdentityMatch match = match_identity(wanted, found);
    FitLine line{Code::fit_cpu, Verdict::met, "processor", name_of_cpu(found), names_of(wanted), ""};
    if (match == IdentityMatch::unknown) line.found = unknown;
    if (match == IdentityMatch::same) return line;
    if (!wanted.identity_blocks) {
        line.verdict = Verdict::note;
        line.remedy = "it can run; a profile of this processor may be faster";
    } else if (match == IdentityMatch::unknown) {
        line.verdict = Verdict::cannot_tell;
        line.remedy = "let the probe read the processor's identity (on Arm as root)";
    } else {
        line.verdict = Verdict::not_met;
        line.remedy = "take a bundle for this processor; 'sealift-runtime probe' lists the profiles that fit";
    }
    return line;
}

FitLine fit_features(const CpuRequirement& wanted, const CpuFound& found) {
    std::vector<std::string> missing;
    std::vector<std::string> disabled;
    for (const std::string& feature : wanted.features) {
        if (contains(found.features, feature)) continue;
        (contains(found.disabled_features, feature) ? disabled : missing).push_back(feature);
    }
    FitLine line{Code::fit_features, Verdict::met, "instructions", "all", joined(wanted.features), ""};
    if (missing.empty() && disabled.empty()) return line;
    line.verdict = Verdict::not_met;
    line.found = missing.empty() ? "" : "without " + joined(missing);
    if (!disabled.empty()) {
        line.found += (missing.empty() ? "" : "; ") + std::string("switched off by the operating system: ") +
                      joined(disabled);
    }
    line.remedy =
        missing.empty()
            ? "switch them on: remove clearcpuid= and noxsave from the kernel's command line, or "
              "give the virtual machine the host's processor model"
            : "take a bundle for a profile that this processor fits; 'sealift-runtime probe' lists them";
    return line;
}

void add_cpu_lines(const CpuRequirement& wanted, const CpuFound& found, std::vector<FitLine>& lines) {
    lines.push_back(fit_architecture(wanted, found));
    if (lines.back().verdict != Verdict::met) return; // instructions of another architecture say nothing
    if (match_identity(wanted, found) != IdentityMatch::open) lines.push_back(fit_identity(wanted, found));
    if (!wanted.features.empty()) lines.push_back(fit_features(wanted, found));
}

FitLine fit_memory(const Profile& profile, const Machine& machine) {
    FitLine line{Code::fit_memory,
                 Verdict::met,
                 "host memory",
                 manifests::size_text(machine.memory_bytes),
                 manifests::size_text(profile.memory_bytes),
                 ""};
    if (machine.memory_bytes == 0) {
        line.verdict = Verdict::cannot_tell;
        line.found = unknown;
        line.remedy = "let the probe read /proc/meminfo";
    } else if (machine.memory_bytes < profile.memory_bytes) {
        line.verdict = Verdict::not_met;
        line.remedy = "add " + manifests::size_text(profile.memory_bytes - machine.memory_bytes) +
                      " of memory, or take a smaller model";
    }
    return line;
}

// What is there, grouped by id: "2 x 19e5:d802, 1 x 10de:2330".
std::string accelerators_text(const Machine& machine) {
    std::vector<std::string> ids;
    for (const manifests::PciFound& device : machine.accelerators)
        ids.push_back(device.id);
    std::sort(ids.begin(), ids.end());
    std::string text;
    for (auto first = ids.begin(); first != ids.end();) {
        const auto last = std::upper_bound(first, ids.end(), *first);
        text += (text.empty() ? "" : ", ") + std::to_string(last - first) + " x " + escaped(*first);
        first = last;
    }
    return text.empty() ? "none" : text;
}

FitLine fit_accelerator(const AcceleratorRequirement& wanted, const Machine& machine) {
    const auto count = static_cast<std::uint64_t>(
        std::count_if(machine.accelerators.begin(), machine.accelerators.end(),
                      [&](const auto& device) { return contains(wanted.pci_ids, device.id); }));
    FitLine line{Code::fit_accelerator,
                 Verdict::met,
                 escaped(wanted.name),
                 accelerators_text(machine),
                 std::to_string(wanted.quantity) + " x " + joined(wanted.pci_ids, " or "),
                 ""};
    if (count >= wanted.quantity) return line;
    if (is_unreadable(machine, "/sys/bus/pci/")) {
        line.verdict = Verdict::cannot_tell;
        line.remedy = "let the probe read /sys/bus/pci/devices, as root or with it mounted";
    } else {
        line.verdict = Verdict::not_met;
        line.remedy = "check that the cards are seated, powered and passed through to this system";
    }
    return line;
}

// One PCI id covers boards of 32 and of 64 GiB, so the id must not stand for a size.
FitLine fit_accelerator_memory(const AcceleratorRequirement& wanted) {
    return {Code::fit_accelerator,
            Verdict::cannot_tell,
            escaped(wanted.name) + " memory",
            "not probed",
            manifests::size_text(wanted.memory_bytes) + " each",
            "compare with what the vendor's tool says"};
}

// "5.10.0-136.12.0.oe2203sp1.aarch64" is 5.10.0; what follows is the distribution's own count.
std::string kernel_version(const std::string& release) {
    return release.substr(0, release.find_first_not_of("0123456789."));
}

FitLine fit_software(const SoftwareRequirement& wanted, const Machine& machine) {
    const bool is_system = wanted.kind == SoftwareRequirement::Kind::operating_system;
    FitLine line{is_system ? Code::fit_host : Code::fit_driver,
                 Verdict::cannot_tell,
                 std::string(is_system ? "" : name_of(wanted.kind)) + (is_system ? "" : " ") +
                     escaped(wanted.name),
                 "not probed",
                 escaped(wanted.version_range),
                 "compare the installed version with the range by hand; this version does not read it"};
    if (!is_system || machine.kernel_name.empty()) return line;
    line.found = escaped(machine.kernel_name + " " + machine.kernel_release);
    const std::string version = kernel_version(machine.kernel_release);
    const bool same_name = wanted.name == machine.kernel_name;
    if (same_name && version.empty()) return line;
    const bool in_range = same_name && manifests::VersionRange::parse(wanted.version_range).contains(version);
    line.verdict = in_range ? Verdict::met : Verdict::not_met;
    line.remedy = in_range ? "" : "boot a kernel in the range, or take a bundle for this one";
    return line;
}

} // namespace

std::string_view name_of(FitLine::Verdict verdict) {
    switch (verdict) {
    case Verdict::met:
        return "met";
    case Verdict::not_met:
        return "not-met";
    case Verdict::cannot_tell:
        return "cannot-tell";
    case Verdict::note:
        break;
    }
    return "note";
}

IdentityMatch match_identity(const CpuRequirement& wanted, const CpuFound& found) {
    if (wanted.vendors.empty() && wanted.models.empty()) return IdentityMatch::open;
    if (!wanted.vendors.empty()) {
        if (found.vendor.empty()) return IdentityMatch::unknown;
        if (!contains(wanted.vendors, found.vendor)) return IdentityMatch::other;
    }
    if (wanted.models.empty()) return IdentityMatch::same;
    if (found.family == 0) return IdentityMatch::unknown;
    const bool same = std::any_of(wanted.models.begin(), wanted.models.end(), [&](const auto& range) {
        return range.family == found.family && range.first_model <= found.model &&
               found.model <= range.last_model;
    });
    return same ? IdentityMatch::same : IdentityMatch::other;
}

bool Fit::fits() const {
    return std::none_of(lines.begin(), lines.end(), [](const FitLine& line) {
        return line.verdict == Verdict::not_met || line.verdict == Verdict::cannot_tell;
    });
}

Fit fit(const Profile& profile, const Machine& machine) {
    Fit result;
    add_cpu_lines(profile.cpu, machine.cpu, result.lines);
    if (profile.memory_bytes != 0) result.lines.push_back(fit_memory(profile, machine));
    for (const AcceleratorRequirement& accelerator : profile.accelerators) {
        result.lines.push_back(fit_accelerator(accelerator, machine));
        const bool there = result.lines.back().verdict == Verdict::met;
        if (there && accelerator.memory_bytes != 0)
            result.lines.push_back(fit_accelerator_memory(accelerator));
    }
    for (const SoftwareRequirement& software : profile.software)
        result.lines.push_back(fit_software(software, machine));
    return result;
}

manifests::Report report_of(const Fit& fit) {
    using manifests::Severity;
    manifests::Report report;
    for (const FitLine& line : fit.lines) {
        if (line.verdict == Verdict::met) continue;
        Severity severity = Severity::refusal;
        if (line.verdict == Verdict::cannot_tell) severity = Severity::not_checked;
        if (line.verdict == Verdict::note) severity = Severity::note;
        report.add({.code = line.code,
                    .where = line.requirement,
                    .text = "found " + line.found + ", wanted " + line.wanted,
                    .hint = line.remedy,
                    .severity = severity});
    }
    return report;
}

} // namespace runtime
