// What an engine opens under /dev: whether it is there, and for whom.

#include <algorithm>

#include "manifests/text.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {

using manifests::Code;
using manifests::DeviceNodeFound;
using manifests::escaped;
using Verdict = FitLine::Verdict;

namespace {

constexpr std::string_view number_mark = "{n}";

bool matches(std::string_view pattern, std::string_view path) {
    const std::size_t mark = pattern.find(number_mark);
    if (mark == std::string_view::npos) return pattern == path;
    const std::string_view front = pattern.substr(0, mark);
    const std::string_view back = pattern.substr(mark + number_mark.size());
    if (path.size() <= front.size() + back.size()) return false;
    if (!path.starts_with(front) || !path.ends_with(back)) return false;
    const std::string_view number = path.substr(front.size(), path.size() - front.size() - back.size());
    return number.find_first_not_of("0123456789") == std::string_view::npos;
}

unsigned bits_of(const std::string& mode) {
    unsigned bits = 0;
    for (const char c : mode)
        bits = bits * 8 + (c >= '0' && c <= '7' ? static_cast<unsigned>(c - '0') : 0U);
    return bits;
}

bool may_open(const DeviceNodeFound& node, const Opener& opener) {
    const unsigned bits = bits_of(node.mode);
    const auto both = [&](unsigned shift) { return (bits >> shift & 6U) == 6U; };
    if (opener.user == 0) return true;
    if (opener.user == node.user) return both(6); // the owner's bits hold for the owner, as the kernel has it
    const bool member =
        std::find(opener.groups.begin(), opener.groups.end(), node.group) != opener.groups.end();
    return both(member ? 3 : 0);
}

struct NodesSeen {
    std::vector<std::string> missing; ///< "/dev/davinci{n}: 4 of 8"
    std::vector<std::string> closed;  ///< "/dev/davinci0 (0660, user 0, group 1000)"
    std::uint64_t there = 0;
};

void look_for(const std::string& pattern, std::uint64_t wanted, const FitQuestion& question,
              NodesSeen& seen) {
    std::uint64_t found = 0;
    std::uint64_t open = 0;
    const DeviceNodeFound* closed = nullptr;
    for (const DeviceNodeFound& node : question.machine->device_nodes) {
        if (!matches(pattern, node.path)) continue;
        ++found;
        // Nobody known: what everybody may open is open.
        const bool is_open =
            question.opener ? may_open(node, *question.opener) : (bits_of(node.mode) & 6U) == 6U;
        if (is_open)
            ++open;
        else if (closed == nullptr)
            closed = &node;
    }
    seen.there += found;
    if (found < wanted) {
        seen.missing.push_back(
            pattern + (wanted == 1 ? "" : ": " + std::to_string(found) + " of " + std::to_string(wanted)));
    } else if (open < wanted && closed != nullptr) {
        seen.closed.push_back(closed->path + " (" + closed->mode + ", user " + std::to_string(closed->user) +
                              ", group " + std::to_string(closed->group) + ")");
    }
}

} // namespace

void add_device_node_line(const FitQuestion& question, const manifests::AcceleratorRequirement& wanted,
                          std::uint64_t devices, FitLines& lines) {
    if (wanted.device_nodes.empty()) return;
    NodesSeen seen;
    for (const std::string& pattern : wanted.device_nodes) {
        const bool numbered = pattern.find(number_mark) != std::string::npos;
        look_for(pattern, numbered ? devices : 1, question, seen);
    }
    FitLine line{Code::fit_device_node,
                 Verdict::met,
                 escaped(wanted.name) + " device nodes",
                 std::to_string(seen.there) + " nodes",
                 joined(wanted.device_nodes, ", "),
                 ""};
    if (!seen.missing.empty()) {
        const bool unreadable = is_unreadable(*question.machine, "/dev");
        line.verdict = unreadable ? Verdict::cannot_tell : Verdict::not_met;
        line.found = "missing: " + joined(seen.missing, ", ");
        line.remedy = unreadable ? "let the probe read /dev"
                                 : "load the driver, or pass the nodes through to this container";
    } else if (!seen.closed.empty()) {
        line.found = joined(seen.closed, ", ");
        line.verdict = question.opener ? Verdict::not_met : Verdict::note;
        line.remedy = question.opener ? "put the user that runs the engine into that group, or run as another"
                                      : "the engine has to run as this user or in this group";
    }
    lines.push_back(std::move(line));
}

} // namespace runtime
