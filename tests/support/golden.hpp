#pragma once
// Golden files: what a program wrote once, looked at by a person, and holds from then on.

#include <string>
#include <string_view>

namespace tests {

/// Whether the file at `path` (in the source tree, "tests/packager/golden/x.json") holds exactly `found`.
/// When not, the first line that differs goes to stderr. With SEALIFT_UPDATE_GOLDEN=1 a file that differs is
/// written anew and the answer is still false: a rewrite never counts as a pass.
bool matches_golden(std::string_view path, std::string_view found);

} // namespace tests
