#include "runtime/fit.hpp"

#include <algorithm>

#include "runtime/fit_lines.hpp"

namespace runtime {

using Verdict = FitLine::Verdict;

namespace {

bool blocks(const FitLine& line) {
    return line.verdict == Verdict::not_met || line.verdict == Verdict::cannot_tell;
}

} // namespace

std::string_view name_of(FitLine::Verdict verdict) {
    switch (verdict) {
    case Verdict::met:
        return "met";
    case Verdict::not_met:
        return "not met";
    case Verdict::cannot_tell:
        return "cannot tell";
    case Verdict::note:
        break;
    }
    return "note";
}

std::string_view name_of(Fit::Class verdict) {
    switch (verdict) {
    case Fit::Class::runs:
        return "runs";
    case Fit::Class::runs_but:
        return "runs, but";
    case Fit::Class::does_not_run:
        break;
    }
    return "does not run";
}

bool Fit::fits() const {
    return std::none_of(lines.begin(), lines.end(), blocks);
}

Fit::Class Fit::verdict() const {
    if (!fits()) return Class::does_not_run;
    const bool noted = std::any_of(lines.begin(), lines.end(),
                                   [](const FitLine& line) { return line.verdict == Verdict::note; });
    return noted ? Class::runs_but : Class::runs;
}

Fit fit(const FitQuestion& question) {
    Fit result;
    // What is said of a machine of another architecture, or without the accelerators, would be ten refusals
    // for one reason.
    const bool same_architecture = add_cpu_lines(question, result.lines);
    if (same_architecture || question.machine == nullptr) {
        add_host_memory_line(question, result.lines);
        if (add_device_lines(question, result.lines)) add_device_memory_line(question, result.lines);
        add_software_lines(question, result.lines);
        add_abi_lines(question, result.lines);
        add_validated_set_line(question, result.lines);
    }
    add_number_type_lines(question, result.lines);
    add_file_mode_lines(question, result.lines);
    add_room_line(question, result.lines);
    return result;
}

Fit fit(const manifests::Profile& profile, const manifests::Machine& machine) {
    return fit(FitQuestion{.profile = profile, .machine = &machine});
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
