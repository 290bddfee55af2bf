#pragma once
// The parts of `sealift profiles` that have a file of their own.

namespace CLI {
class App;
}

namespace packager {

void add_profiles_lint(CLI::App& profiles, int& status);

} // namespace packager
