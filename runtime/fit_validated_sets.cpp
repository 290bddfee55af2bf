// Versions that somebody has run together. Another combination may run, so this never refuses: it says which
// set is nearest, who says so and when.

#include <algorithm>
#include <tuple>

#include "manifests/text.hpp"
#include "manifests/version_range.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {

using manifests::Code;
using manifests::escaped;
using manifests::Machine;
using manifests::ValidatedSet;
using manifests::VersionRange;
using Verdict = FitLine::Verdict;

namespace {

/// One set against what is known of this machine and bundle.
struct SetMatch {
    const ValidatedSet* set = nullptr;
    std::vector<std::string> other;   ///< "toolkit CANN 8.0"
    std::vector<std::string> unknown; ///< "framework torch-npu"
    bool foreign = false;             ///< it is about another engine
};

std::vector<std::string> versions_of(const ValidatedSet::Member& member, const FitQuestion& question) {
    std::vector<std::string> versions;
    if (member.kind == "engine") {
        const manifests::EngineFacts* engine = question.needs == nullptr ? nullptr : &question.needs->engine;
        if (engine != nullptr && same_name(engine->name, member.name)) versions.push_back(engine->version);
        return versions;
    }
    const Machine& machine = *question.machine;
    if (member.kind == "operating_system") {
        if (same_name(machine.system_id, member.name)) versions.push_back(machine.system_version);
        return versions;
    }
    // A probe finds libraries; that one of them is a framework is for profiles to say.
    const std::string kind = member.kind == "framework" ? "library" : member.kind;
    for (const auto* found : software_of(machine, kind, member.name))
        versions.push_back(found->version);
    return versions;
}

// Some sets name two engines, one of which is built on the other (vllm, vllm-ascend).
bool is_about(const ValidatedSet& set, const std::string& engine) {
    bool names_engines = false;
    for (const ValidatedSet::Member& member : set.members) {
        if (member.kind != "engine") continue;
        if (same_name(engine, member.name)) return true;
        names_engines = true;
    }
    return !names_engines;
}

SetMatch match(const ValidatedSet& set, const FitQuestion& question) {
    SetMatch result;
    result.set = &set;
    const std::string engine = question.needs == nullptr ? "" : question.needs->engine.name;
    result.foreign = !engine.empty() && !is_about(set, engine);
    for (const ValidatedSet::Member& member : set.members) {
        const std::string what = escaped(member.kind) + " " + escaped(member.name);
        const std::vector<std::string> versions = versions_of(member, question);
        const VersionRange range = VersionRange::parse(member.version_range);
        if (versions.empty()) {
            result.unknown.push_back(what);
        } else if (std::none_of(versions.begin(), versions.end(),
                                [&](const std::string& version) { return range.contains(version); })) {
            result.other.push_back(what + " " + escaped(versions.front()));
        }
    }
    return result;
}

// "vllm-ascend 0.23.0, CANN 9.1.0"
std::string members_text(const ValidatedSet& set) {
    std::string text;
    for (const ValidatedSet::Member& member : set.members)
        text += (text.empty() ? "" : ", ") + escaped(member.name) + " " + range_text(member.version_range);
    return text;
}

std::string origin_text(const ValidatedSet& set, const manifests::Profile& profile) {
    std::string text = escaped(set.id) + ", " + escaped(set.date);
    for (const manifests::ProfileSource& source : profile.sources)
        if (source.id == set.source) text += ", " + escaped(source.title);
    return text;
}

std::string list_text(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& item : list)
        text += (text.empty() ? "" : ", ") + item;
    return text;
}

} // namespace

void add_validated_set_line(const FitQuestion& question, FitLines& lines) {
    const manifests::Profile& profile = question.profile;
    if (question.machine == nullptr || profile.validated_sets.empty()) return;
    std::vector<SetMatch> matches;
    for (const ValidatedSet& set : profile.validated_sets)
        matches.push_back(match(set, question));
    const auto nearest = std::min_element(matches.begin(), matches.end(), [](const auto& a, const auto& b) {
        const auto order = [](const SetMatch& one) {
            return std::tuple(one.foreign, one.other.size(), one.unknown.size());
        };
        if (order(a) != order(b)) return order(a) < order(b);
        return a.set->date > b.set->date; // the newest statement
    });
    FitLine line{
        Code::fit_set, Verdict::met, "validated together", "as validated", members_text(*nearest->set), ""};
    if (nearest->other.empty() && nearest->unknown.empty() && !nearest->foreign) {
        line.found += " (" + origin_text(*nearest->set, profile) + ")";
        lines.push_back(std::move(line));
        return;
    }
    line.verdict = Verdict::note;
    const std::string origin = "nearest set: " + origin_text(*nearest->set, profile);
    if (!nearest->other.empty() || nearest->foreign) {
        line.found = nearest->other.empty() ? "another engine" : list_text(nearest->other);
        line.remedy = "these versions were not validated together; " + origin;
    } else {
        line.found = "unknown: " + list_text(nearest->unknown);
        line.remedy = "nothing found contradicts it, not all could be told; " + origin;
    }
    lines.push_back(std::move(line));
}

} // namespace runtime
