// How the verdict says things: lists, ranges of versions, sizes of memory.

#include <algorithm>
#include <array>
#include <cstdio>

#include "manifests/text.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {
namespace {

std::string constraint_text(std::string_view constraint) {
    struct Spelling {
        std::string_view sign;
        std::string_view before;
        std::string_view after;
    };
    constexpr std::array spellings{Spelling{">=", "", " or newer"}, Spelling{"<=", "", " or older"},
                                   Spelling{"!=", "not ", ""}, Spelling{">", "newer than ", ""},
                                   Spelling{"<", "below ", ""}};
    for (const Spelling& spelling : spellings) {
        if (!constraint.starts_with(spelling.sign)) continue;
        constraint.remove_prefix(spelling.sign.size());
        return std::string(spelling.before) + manifests::escaped(constraint) + std::string(spelling.after);
    }
    return manifests::escaped(constraint);
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Tenths of a unit, so that what is wanted never looks like less than it is.
std::string tenths_text(std::uint64_t bytes, std::uint64_t unit_bytes, Rounding rounding, const char* unit) {
    std::uint64_t tenths = bytes / unit_bytes * 10 + bytes % unit_bytes * 10 / unit_bytes;
    if (rounding == Rounding::up && bytes % unit_bytes * 10 % unit_bytes != 0) ++tenths;
    const std::string fraction = tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10);
    return std::to_string(tenths / 10) + fraction + " " + unit;
}

} // namespace

std::string range_text(std::string_view range) {
    std::string_view rest = range.substr(std::min(range.size(), range.find('/') + 1));
    if (rest == "*") return "any version";
    std::string text;
    bool equal = false; // two versions in a row are alternatives, bounds hold together
    while (true) {
        const std::size_t bar = rest.find('|');
        const std::string_view one = rest.substr(0, bar);
        const bool is_equal = one.find_first_of("<>!=") == std::string_view::npos;
        if (!text.empty()) text += equal && is_equal ? " or " : ", ";
        text += constraint_text(one);
        equal = is_equal;
        if (bar == std::string_view::npos) return text;
        rest.remove_prefix(bar + 1);
    }
}

std::string memory_text(std::uint64_t bytes, Rounding rounding) {
    constexpr std::uint64_t mebibyte = 1ULL << 20;
    constexpr std::uint64_t gibibyte = 1ULL << 30;
    if (bytes < mebibyte) return std::to_string(bytes) + " B";
    if (bytes < gibibyte) return tenths_text(bytes, mebibyte, rounding, "MiB");
    return tenths_text(bytes, gibibyte, rounding, "GiB");
}

std::string number_word(std::uint64_t count) {
    constexpr std::array words{"no", "one", "two", "three", "four"};
    return count < words.size() ? words[count] : std::to_string(count);
}

std::string joined(const std::vector<std::string>& list, std::string_view between) {
    std::string text;
    for (const std::string& item : list)
        text += (text.empty() ? "" : std::string(between)) + manifests::escaped(item);
    return text;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

bool same_name(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

bool is_unreadable(const manifests::Machine& machine, std::string_view start) {
    return std::any_of(machine.unreadable.begin(), machine.unreadable.end(),
                       [&](const std::string& path) { return path.starts_with(start); });
}

} // namespace runtime
