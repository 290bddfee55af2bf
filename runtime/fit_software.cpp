// Versions: drivers, firmware, toolkits, the operating system and its libraries.

#include <algorithm>

#include "manifests/text.hpp"
#include "manifests/version_range.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {

using manifests::Code;
using manifests::escaped;
using manifests::Machine;
using manifests::SoftwareFound;
using manifests::SoftwareRequirement;
using manifests::VersionRange;
using Verdict = FitLine::Verdict;

namespace {

// "5.10.0-136.12.0.oe2203sp1.aarch64" is 5.10.0; what follows is the distribution's own count.
std::string kernel_version(const std::string& release) {
    return release.substr(0, release.find_first_not_of("0123456789."));
}

std::string versions_text(const std::vector<const SoftwareFound*>& found) {
    std::string text;
    for (const SoftwareFound* one : found) {
        text += (text.empty() ? "" : ", ") + escaped(one->version);
        if (!one->path.empty()) text += " (" + escaped(one->path) + ")";
    }
    return text;
}

// The file itself, one of those that a '*' stands for, or the folder in which these would be listed.
bool could_not_be_read(const std::string& place, const Machine& machine) {
    const std::size_t star = place.find('*');
    if (is_unreadable(machine, place.substr(0, star))) return true;
    const std::size_t part = star == std::string::npos ? 0 : place.rfind('/', star);
    return part != 0 && part != std::string::npos && contains(machine.unreadable, place.substr(0, part));
}

// A place that the profile names was looked at, and nothing stands there.
bool was_looked_for(const SoftwareRequirement& wanted, const Machine& machine) {
    return !wanted.places.empty() &&
           std::none_of(wanted.places.begin(), wanted.places.end(),
                        [&](const auto& place) { return could_not_be_read(place.path, machine); });
}

// "9.1 (a-smi), 8.0 (b-smi)"; "" if no tool names it.
std::string versions_of_tools(const Machine& machine, const std::string& kind, const std::string& name) {
    std::vector<const SoftwareFound*> said;
    for (const manifests::EvidenceFound& evidence : machine.evidence)
        for (const SoftwareFound& one : evidence.software)
            if (one.kind == kind && same_name(one.name, name)) said.push_back(&one);
    return versions_text(said);
}

FitLine fit_version(const SoftwareRequirement& wanted, const Machine& machine) {
    const std::string kind(name_of(wanted.kind));
    const auto found = software_of(machine, kind, wanted.name);
    FitLine line{Code::fit_driver,
                 Verdict::met,
                 kind + " " + escaped(wanted.name),
                 versions_text(found),
                 range_text(wanted.version_range),
                 ""};
    const bool any = wanted.version_range.ends_with("/*");
    const VersionRange range = VersionRange::parse(wanted.version_range);
    const auto in_range = [&](const SoftwareFound* one) { return range.contains(one->version); };
    if (std::any_of(found.begin(), found.end(), in_range)) return line;
    if (!found.empty()) {
        line.verdict = Verdict::not_met;
        line.remedy = "install " + escaped(wanted.name) + " " + line.wanted + ", or take a bundle for " +
                      escaped(found.front()->version);
    } else if (const std::string tools = versions_of_tools(machine, kind, wanted.name); !tools.empty()) {
        line.verdict = Verdict::cannot_tell;
        line.found = tools;
        line.remedy = "these tools contradict each other: find out which one is right, and give only that";
    } else if (was_looked_for(wanted, machine)) {
        line.verdict = Verdict::not_met;
        line.found = "none at " + escaped(wanted.places.front().path);
        line.remedy = "install " + escaped(wanted.name) + (any ? "" : " " + line.wanted);
    } else {
        line.verdict = Verdict::cannot_tell;
        line.found = "unknown";
        line.remedy = "no file that was probed says it: if it is installed, give the probe what the vendor's "
                      "tool says (--plugin or --evidence)";
    }
    return line;
}

std::string system_text(const Machine& machine) {
    std::string text = escaped(machine.system_id);
    if (!machine.system_version.empty()) text += " " + escaped(machine.system_version);
    const std::string kernel = escaped(machine.kernel_name + " " + machine.kernel_release);
    return text.empty() ? kernel : text + ", " + kernel;
}

bool is_kernel(const SoftwareRequirement& wanted) {
    return same_name(wanted.name, "Linux");
}

// The kernel by its own name, anything else by the name in os-release ("openEuler").
Verdict judge_system(const SoftwareRequirement& wanted, const Machine& machine) {
    const std::string& name = is_kernel(wanted) ? machine.kernel_name : machine.system_id;
    if (name.empty()) return Verdict::cannot_tell;
    if (!same_name(wanted.name, name)) return Verdict::not_met;
    if (wanted.version_range.ends_with("/*")) return Verdict::met;
    const std::string version =
        is_kernel(wanted) ? kernel_version(machine.kernel_release) : machine.system_version;
    if (version.empty()) return Verdict::cannot_tell;
    const bool in_range = VersionRange::parse(wanted.version_range).contains(version);
    return in_range ? Verdict::met : Verdict::not_met;
}

FitLine system_line(const SoftwareRequirement& wanted, Verdict verdict, const Machine& machine) {
    FitLine line{Code::fit_host,
                 verdict,
                 escaped(wanted.name),
                 system_text(machine),
                 range_text(wanted.version_range),
                 ""};
    if (machine.kernel_name.empty() && machine.system_id.empty()) line.found = "unknown";
    if (verdict == Verdict::cannot_tell) line.remedy = "let the probe read /proc and /etc/os-release";
    if (verdict == Verdict::not_met)
        line.remedy = "boot a system in the range, or take a bundle for this one";
    return line;
}

// A machine has one system, so several named ones are alternatives; the kernel is asked besides.
void add_system_lines(const FitQuestion& question, FitLines& lines) {
    const Machine& machine = *question.machine;
    std::vector<FitLine> systems;
    for (const SoftwareRequirement& wanted : question.profile.software) {
        if (wanted.kind != SoftwareRequirement::Kind::operating_system) continue;
        FitLine line = system_line(wanted, judge_system(wanted, machine), machine);
        if (is_kernel(wanted))
            lines.push_back(std::move(line));
        else
            systems.push_back(std::move(line));
    }
    if (systems.empty()) return;
    const auto best = [&](Verdict verdict) {
        return std::find_if(systems.begin(), systems.end(),
                            [&](const FitLine& line) { return line.verdict == verdict; });
    };
    auto chosen = best(Verdict::met);
    if (chosen == systems.end()) chosen = best(Verdict::cannot_tell);
    if (chosen == systems.end()) chosen = systems.begin();
    if (systems.size() > 1 && chosen->verdict != Verdict::met) {
        std::string wanted;
        for (const FitLine& line : systems)
            wanted += (wanted.empty() ? "" : " or ") + line.requirement + " " + line.wanted;
        chosen->wanted = wanted;
        chosen->requirement = "operating system";
    }
    lines.push_back(*chosen);
}

FitLine fit_abi(const manifests::AbiNeed& need, const Machine& machine) {
    FitLine line{Code::fit_abi, Verdict::met, need.name, "unknown", range_text("/>=" + need.version), ""};
    const auto found = std::find_if(machine.abi.begin(), machine.abi.end(),
                                    [&](const auto& one) { return one.name == need.name; });
    if (found == machine.abi.end()) {
        line.verdict = Verdict::cannot_tell;
        line.remedy =
            "the probe found no library of the system that says it: install libc6 and libstdc++6, or "
            "put them into the bundle's engine";
        return line;
    }
    line.found = escaped(found->version) + " (" + escaped(found->path) + ")";
    if (manifests::compare_versions(found->version, need.version) >= 0) return line;
    line.verdict = Verdict::not_met;
    line.remedy = "take an engine that is built on an older system, or a newer system";
    return line;
}

} // namespace

std::vector<const SoftwareFound*> software_of(const Machine& machine, std::string_view kind,
                                              std::string_view name) {
    std::vector<const SoftwareFound*> found;
    const auto add = [&](const std::vector<SoftwareFound>& list) {
        for (const SoftwareFound& one : list)
            if (one.kind == kind && same_name(one.name, name)) found.push_back(&one);
    };
    add(machine.software);
    if (!found.empty()) return found;
    for (const manifests::EvidenceFound& evidence : machine.evidence)
        add(evidence.software);
    const auto is_other = [&](const SoftwareFound* one) { return one->version != found.front()->version; };
    if (std::any_of(found.begin(), found.end(), is_other)) found.clear(); // a contradiction says nothing
    return found;
}

void add_software_lines(const FitQuestion& question, FitLines& lines) {
    if (question.machine == nullptr) return;
    for (const SoftwareRequirement& wanted : question.profile.software)
        if (wanted.kind != SoftwareRequirement::Kind::operating_system)
            lines.push_back(fit_version(wanted, *question.machine));
    add_system_lines(question, lines);
}

void add_abi_lines(const FitQuestion& question, FitLines& lines) {
    if (question.machine == nullptr || question.needs == nullptr) return;
    for (const manifests::AbiNeed& need : question.needs->abi)
        lines.push_back(fit_abi(need, *question.machine));
}

} // namespace runtime
