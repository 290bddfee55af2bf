#include <CLI/CLI.hpp>

#include "packager/commands/commands.hpp"
#include "packager/commands/key_commands.hpp"

namespace packager {

void add_key(CLI::App& app, int& status) {
    auto* command = app.add_subcommand("key", "Show keys, write them for other tools, change passphrases");
    command->require_subcommand(1);
    add_key_show(*command, status);
    add_key_convert(*command, status);
    add_key_change_passphrase(*command, status);
}

} // namespace packager
