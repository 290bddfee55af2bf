#pragma once
// The verbs of `sealift policy`, one file for each or for two that are alike.

namespace CLI {
class App;
}

namespace packager {

void add_policy_new(CLI::App& policy, int& status);
void add_policy_show(CLI::App& policy, int& status);
void add_policy_lint(CLI::App& policy, int& status);
void add_policy_sign(CLI::App& policy, int& status);
void add_policy_rotate(CLI::App& policy, int& status);

} // namespace packager
