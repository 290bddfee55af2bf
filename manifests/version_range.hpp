#pragma once
// Version ranges as VERS texts, and the comparing of the dotted version numbers that drivers and kernels
// have.

#include <string>
#include <string_view>
#include <vector>

namespace manifests {

/// Compares versions piece by piece: numbers as numbers, letters as letters; letters come before the release
/// they lead to, so 24.1.rc2 < 24.1 = 24.1.0 < 24.1.1 < 26.
/// @return below 0, 0 or above 0
int compare_versions(std::string_view left, std::string_view right);

/// "vers:generic/>=24.1.rc2|<26", or "vers:generic/*" for all.
/// Source: VERS specification (ECMA-427), constraints in rising order; schemes are compared alike here.
class VersionRange {
public:
    /// @throws Error  Fault::damaged
    static VersionRange parse(std::string_view text);
    bool contains(std::string_view version) const;

private:
    enum class Comparator { equal, unequal, below, at_most, above, at_least };
    struct Constraint {
        Comparator comparator;
        std::string version;
    };
    static Constraint parse_constraint(std::string_view text);
    bool any_ = false;
    std::vector<Constraint> constraints_;
};

} // namespace manifests
