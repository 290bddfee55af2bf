#include "runtime/fit_output.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/finding.hpp"
#include "manifests/profile.hpp"
#include "manifests/text.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

std::string_view verdict_text(FitLine::Verdict verdict) {
    switch (verdict) {
    case FitLine::Verdict::met:
        return "met";
    case FitLine::Verdict::not_met:
        return "not met";
    case FitLine::Verdict::cannot_tell:
        return "cannot tell";
    case FitLine::Verdict::note:
        break;
    }
    return "note";
}

// Forty names of instructions make a table that no screen is wide enough for; those that are missing stand in
// the column of what was found, and JSON has them all.
std::string wanted_text(const FitLine& line) {
    if (line.code != manifests::Code::fit_features) return line.wanted;
    const auto count = std::count(line.wanted.begin(), line.wanted.end(), ' ') + 1;
    return count == 1 ? line.wanted : std::to_string(count) + " instruction sets";
}

} // namespace

Fit fit_of(const Bundle& bundle, const manifests::Machine& machine) {
    return fit(manifests::Profile::parse(bundle.carried().profile), machine);
}

std::string fit_text(const Fit& fit) {
    Table table({"REQUIRED", "WANTED", "FOUND", "VERDICT"});
    std::string hints;
    for (const FitLine& line : fit.lines) {
        table.row({line.requirement, wanted_text(line), line.found, std::string(verdict_text(line.verdict))});
        const bool bad =
            line.verdict == FitLine::Verdict::not_met || line.verdict == FitLine::Verdict::cannot_tell;
        if (bad) {
            hints += std::string(manifests::name_of(line.code)) + "  " + harmless(line.requirement) +
                     ": found " + harmless(line.found) + ", wanted " + harmless(wanted_text(line)) + "\n";
            if (!line.remedy.empty()) hints += "    hint: " + harmless(line.remedy) + "\n";
        }
    }
    return table.text() + hints;
}

manifests::OrderedJson fit_json(const Fit& fit) {
    manifests::OrderedJson list = manifests::OrderedJson::array();
    for (const FitLine& line : fit.lines) {
        list.push_back({{"code", manifests::name_of(line.code)},
                        {"verdict", verdict_text(line.verdict)},
                        {"requirement", line.requirement},
                        {"found", line.found},
                        {"wanted", line.wanted},
                        {"remedy", line.remedy}});
    }
    return list;
}

} // namespace runtime
