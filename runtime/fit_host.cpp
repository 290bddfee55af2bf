// Processor and memory of the host.

#include <algorithm>

#include "manifests/text.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {

using manifests::Code;
using manifests::CpuFound;
using manifests::CpuRequirement;
using manifests::escaped;
using Verdict = FitLine::Verdict;

namespace {

const std::string unknown = "unknown";

std::string or_unknown(const std::string& text) {
    return text.empty() ? unknown : escaped(text);
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

FitLine fit_architecture(const std::string& wanted, const CpuFound& found) {
    FitLine line{Code::fit_architecture,         Verdict::met,    "architecture",
                 or_unknown(found.architecture), escaped(wanted), ""};
    if (found.architecture.empty()) {
        line.verdict = Verdict::cannot_tell;
        line.remedy = "probe on the machine itself; a copied tree does not hold what its processor can do";
    } else if (found.architecture != wanted) {
        line.verdict = Verdict::not_met;
        line.remedy = "take a bundle that is built for " + escaped(found.architecture);
    }
    return line;
}

// An engine for another architecture than the profile's starts on no machine that the profile fits.
FitLine fit_engine_architecture(const std::string& engine, const std::string& wanted) {
    return {Code::fit_architecture,
            Verdict::not_met,
            "engine",
            "binaries for " + escaped(engine),
            escaped(wanted),
            "take the engine's build for " + escaped(wanted) + ", or another profile"};
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

} // namespace

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

bool add_cpu_lines(const FitQuestion& question, FitLines& lines) {
    const CpuRequirement& wanted = question.profile.cpu;
    const std::string& engine = question.needs == nullptr ? "" : question.needs->architecture;
    if (!engine.empty() && !wanted.architecture.empty() && engine != wanted.architecture) {
        lines.push_back(fit_engine_architecture(engine, wanted.architecture));
        return false;
    }
    if (question.machine == nullptr) return true;
    const CpuFound& found = question.machine->cpu;
    const std::string& architecture = wanted.architecture.empty() ? engine : wanted.architecture;
    if (!architecture.empty()) {
        lines.push_back(fit_architecture(architecture, found));
        // Instructions of another architecture say nothing; of an unknown one they are as unknown.
        if (lines.back().verdict != Verdict::met) return lines.back().verdict == Verdict::cannot_tell;
    }
    if (match_identity(wanted, found) != IdentityMatch::open) lines.push_back(fit_identity(wanted, found));
    if (!wanted.features.empty()) lines.push_back(fit_features(wanted, found));
    return true;
}

void add_host_memory_line(const FitQuestion& question, FitLines& lines) {
    const std::uint64_t wanted_bytes = question.profile.memory_bytes;
    if (question.machine == nullptr || wanted_bytes == 0) return;
    const std::uint64_t found_bytes = question.machine->memory_bytes;
    FitLine line{Code::fit_memory,
                 Verdict::met,
                 "host memory",
                 manifests::size_text(found_bytes),
                 manifests::size_text(wanted_bytes),
                 ""};
    if (found_bytes == 0) {
        line.verdict = Verdict::cannot_tell;
        line.found = unknown;
        line.remedy = "let the probe read /proc/meminfo";
    } else if (found_bytes < wanted_bytes) {
        line.verdict = Verdict::not_met;
        line.remedy =
            "add " + manifests::size_text(wanted_bytes - found_bytes) + " of memory, or take a smaller model";
    }
    lines.push_back(std::move(line));
}

} // namespace runtime
