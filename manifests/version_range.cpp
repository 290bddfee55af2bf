#include "manifests/version_range.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Runs of digits and runs of letters; what stands between them only separates.
std::vector<std::string_view> pieces_of(std::string_view version) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < version.size();) {
        const auto kind = is_digit(version[at]) ? is_digit : is_letter;
        std::size_t end = at;
        while (end < version.size() && kind(version[end]))
            ++end;
        if (end > at) pieces.push_back(version.substr(at, end - at));
        at = std::max(end, at + 1);
    }
    return pieces;
}

int compare_numbers(std::string_view left, std::string_view right) {
    left.remove_prefix(std::min(left.find_first_not_of('0'), left.size()));
    right.remove_prefix(std::min(right.find_first_not_of('0'), right.size()));
    if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
    return left.compare(right);
}

bool is_clean_version(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '~';
    });
}

} // namespace

int compare_versions(std::string_view left, std::string_view right) {
    const auto a = pieces_of(left);
    const auto b = pieces_of(right);
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        const std::string_view x = i < a.size() ? a[i] : "0"; // 24.1 is 24.1.0
        const std::string_view y = i < b.size() ? b[i] : "0";
        if (is_letter(x[0]) != is_letter(y[0])) return is_letter(x[0]) ? -1 : 1;
        const int order = is_letter(x[0]) ? x.compare(y) : compare_numbers(x, y);
        if (order != 0) return order;
    }
    return 0;
}

VersionRange::Constraint VersionRange::parse_constraint(std::string_view text) {
    struct Spelling {
        std::string_view text;
        Comparator comparator;
    };
    constexpr std::array spellings{
        Spelling{">=", Comparator::at_least}, Spelling{"<=", Comparator::at_most},
        Spelling{"!=", Comparator::unequal},  Spelling{">", Comparator::above},
        Spelling{"<", Comparator::below},
    };
    Comparator comparator = Comparator::equal;
    std::string_view version = text;
    for (const Spelling& spelling : spellings) {
        if (!version.starts_with(spelling.text)) continue;
        comparator = spelling.comparator;
        version.remove_prefix(spelling.text.size());
        break;
    }
    if (!is_clean_version(version)) {
        refuse_document("version range has constraint " + in_quotes(text) + ", wanted one like '>=24.1'");
    }
    return {comparator, std::string(version)};
}

VersionRange VersionRange::parse(std::string_view text) {
    const std::string_view whole = text;
    const auto refuse = [&] {
        refuse_document("version range is " + in_quotes(whole) +
                        ", wanted one like 'vers:generic/>=24.1|<26'");
    };
    if (!text.starts_with("vers:")) refuse();
    text.remove_prefix(5);
    const std::size_t slash = text.find('/');
    if (slash == 0 || slash == std::string_view::npos) refuse();
    const std::string_view scheme = text.substr(0, slash);
    if (!std::all_of(scheme.begin(), scheme.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '-'; })) {
        refuse();
    }
    text.remove_prefix(slash + 1);
    VersionRange range;
    range.any_ = text == "*";
    while (!range.any_) {
        const std::size_t bar = text.find('|');
        Constraint next = parse_constraint(text.substr(0, bar));
        if (!range.constraints_.empty() &&
            compare_versions(range.constraints_.back().version, next.version) >= 0) {
            refuse_document("version range " + in_quotes(whole) +
                            " does not have its versions in rising order");
        }
        range.constraints_.push_back(std::move(next));
        if (bar == std::string_view::npos) break;
        text.remove_prefix(bar + 1);
    }
    return range;
}

// Walks the bounds from low to high: the bound next below the version and the one next above it decide.
bool VersionRange::contains(std::string_view version) const {
    if (any_) return true;
    std::optional<Comparator> below; // the nearest bound under `version`
    for (const Constraint& constraint : constraints_) {
        const Comparator comparator = constraint.comparator;
        const int order = compare_versions(version, constraint.version);
        if (order == 0) {
            return comparator == Comparator::equal || comparator == Comparator::at_most ||
                   comparator == Comparator::at_least;
        }
        if (comparator == Comparator::equal || comparator == Comparator::unequal) continue;
        const bool upper = comparator == Comparator::below || comparator == Comparator::at_most;
        if (order > 0) {
            below = comparator;
        } else if (!below) {
            return upper; // under the lowest bound
        } else {
            return *below == Comparator::above || *below == Comparator::at_least;
        }
    }
    if (below) return *below == Comparator::above || *below == Comparator::at_least;
    // No bounds at all, or only equalities above: a list of '!=' means everything else.
    return std::all_of(constraints_.begin(), constraints_.end(),
                       [](const Constraint& c) { return c.comparator == Comparator::unequal; });
}

} // namespace manifests
