#include <CLI/CLI.hpp>

#include "packager/commands/commands.hpp"
#include "packager/commands/policy_commands.hpp"

namespace packager {

void add_policy(CLI::App& app, int& status) {
    auto* command =
        app.add_subcommand("policy", "Make, check, sign and renew trust policies: who may sign what");
    command->require_subcommand(1);
    add_policy_new(*command, status);
    add_policy_show(*command, status);
    add_policy_lint(*command, status);
    add_policy_sign(*command, status);
    add_policy_rotate(*command, status);
}

} // namespace packager
