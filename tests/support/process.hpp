#pragma once
// Runs a program to its end and keeps what it said. No shell is involved, so nothing needs quoting.

#include <map>
#include <string>
#include <vector>

namespace tests {

struct ProcessResult {
    int status = 0; ///< exit status; 128 + N when signal N ended it; 127 when it could not be started
    std::string out;
    std::string error;
};

struct ProcessOptions {
    std::string input;                              ///< its standard input
    std::map<std::string, std::string> environment; ///< on top of ours; LC_ALL=C unless given here
    std::string folder;                             ///< where it runs; ours when empty
};

/// @param command  the program (looked up in PATH unless it holds a '/') and its arguments
/// @throws std::runtime_error  when the system has no pipes or processes left
ProcessResult run(const std::vector<std::string>& command, const ProcessOptions& options = {});

/// Whether PATH has the program. When not, says "not run on this machine: NAME", by which ctest counts the
/// test as skipped; with SEALIFT_TOOLS_REQUIRED=1, as in CI, throws instead.
bool have_tool(const std::string& name);

} // namespace tests
