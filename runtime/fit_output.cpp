#include "runtime/fit_output.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/finding.hpp"
#include "manifests/text.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

// Forty names of instructions make a table that no screen is wide enough for; those that are missing stand in
// the column of what was found, and JSON has them all.
std::string wanted_text(const FitLine& line) {
    if (line.code != manifests::Code::fit_features) return line.wanted;
    const auto count = std::count(line.wanted.begin(), line.wanted.end(), ' ') + 1;
    return count == 1 ? line.wanted : std::to_string(count) + " instruction sets";
}

// A note is no refusal, and reads like none.
std::string difference_text(const FitLine& line) {
    const std::string text = "found " + line.found + ", wanted " + wanted_text(line);
    return line.verdict == FitLine::Verdict::note ? "note: " + text : text;
}

} // namespace

std::string fit_text(const Fit& fit) {
    Table table({"REQUIRED", "WANTED", "FOUND", "VERDICT"});
    std::string hints;
    for (const FitLine& line : fit.lines) {
        table.safe_row({line.requirement, wanted_text(line), line.found, std::string(name_of(line.verdict))});
        if (line.verdict == FitLine::Verdict::met) continue;
        hints += std::string(manifests::name_of(line.code)) + "  " + harmless(line.requirement) + ": " +
                 harmless(difference_text(line)) + "\n";
        if (!line.remedy.empty()) hints += "    hint: " + harmless(line.remedy) + "\n";
    }
    return table.text() + hints;
}

manifests::OrderedJson fit_json(const Fit& fit) {
    manifests::OrderedJson list = manifests::OrderedJson::array();
    for (const FitLine& line : fit.lines) {
        list.push_back({{"code", manifests::name_of(line.code)},
                        {"verdict", name_of(line.verdict)},
                        {"requirement", line.requirement},
                        {"found", line.found},
                        {"wanted", line.wanted},
                        {"remedy", line.remedy}});
    }
    return list;
}

} // namespace runtime
