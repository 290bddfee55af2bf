// What the files of the bundle themselves ask for: modes that an engine insists on, and room.

#include <algorithm>

#include "manifests/text.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {

using manifests::BundleFile;
using manifests::Code;
using manifests::escaped;
using manifests::FileModeRule;
using Verdict = FitLine::Verdict;

namespace {

struct WrongModes {
    const BundleFile* first = nullptr;
    std::uint64_t count = 0;
    bool any = false; ///< there are files of this role
};

WrongModes wrong_modes(const FileModeRule& rule, const std::vector<BundleFile>& files) {
    WrongModes wrong;
    for (const BundleFile& file : files) {
        if (name_of(file.role) != rule.role) continue;
        wrong.any = true;
        if (text_of(file.mode) == rule.mode) continue;
        if (wrong.count++ == 0) wrong.first = &file;
    }
    return wrong;
}

} // namespace

void add_file_mode_lines(const FitQuestion& question, FitLines& lines) {
    if (question.files == nullptr) return;
    const std::string engine = question.needs == nullptr ? "" : question.needs->engine.name;
    for (const FileModeRule& rule : question.profile.file_modes) {
        if (!rule.engine.empty() && !engine.empty() && !same_name(rule.engine, engine)) continue;
        const WrongModes wrong = wrong_modes(rule, *question.files);
        const bool applies = rule.engine.empty() || !engine.empty();
        if (!wrong.any || (!applies && wrong.count == 0)) continue;
        FitLine line{Code::fit_mode,     Verdict::met,       "modes of " + escaped(rule.role) + " files",
                     escaped(rule.mode), escaped(rule.mode), ""};
        if (wrong.count > 0) {
            line.verdict = applies ? Verdict::not_met : Verdict::note;
            line.found = std::string(text_of(wrong.first->mode)) + " (" + escaped(wrong.first->path.text()) +
                         (wrong.count == 1 ? "" : " and " + std::to_string(wrong.count - 1) + " more") + ")";
            line.remedy = applies ? "give these files \"mode\": \"" + escaped(rule.mode) +
                                        "\" in the recipe, or the engine will not read them"
                                  : "if the engine is " + escaped(rule.engine) + ", it insists on this mode";
        }
        lines.push_back(std::move(line));
    }
}

void add_room_line(const FitQuestion& question, FitLines& lines) {
    if (!question.room) return;
    const Room& room = *question.room;
    FitLine line{Code::site_space,
                 Verdict::met,
                 "free space",
                 "not probed",
                 manifests::size_text(room.wanted_bytes),
                 ""};
    if (room.shares_blocks) line.wanted += " (the files share the bundle's blocks)";
    if (!room.free_bytes) {
        line.verdict = Verdict::note;
        line.remedy = "a probe does not say how much is free; the site has to have this much";
    } else {
        line.found = manifests::size_text(*room.free_bytes) + " at " + escaped(room.place, 4096);
        if (*room.free_bytes < room.wanted_bytes) {
            line.verdict = Verdict::not_met;
            line.remedy = "make " + manifests::size_text(room.wanted_bytes - *room.free_bytes) +
                          " of room, or install elsewhere with --site";
        }
    }
    lines.push_back(std::move(line));
}

} // namespace runtime
