#pragma once
// What both programs do around their commands: one place where exceptions become exit statuses, and where
// unknown words get a hint.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "manifests/error.hpp"
#include "runtime/terminal.hpp"

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace runtime {

struct Program {
    std::string name;        ///< "sealift"
    std::string description; ///< one line, on top of --help
    /// Adds every command; a command's callback puts its exit status into `status`, which outlives it.
    std::function<void(CLI::App& app, int& status)> add_commands;
    /// Variables that the program listens to beside NO_COLOR, for --help and the manual page.
    std::vector<std::pair<std::string, std::string>> environment = {};
};

/// The whole of main(): builds the command line, parses it, runs the command. Ignores SIGPIPE, makes sure
/// that descriptors 0 to 2 are open, installs the clean-up handlers of runtime/cleanup.hpp. Never throws.
/// @return the exit status: the command's own, 0 for --help and --version (on stdout), 2 for a wrong command
///         line, exit_of() for an Error, 3 for anything else. When the reader of stdout has gone: 3,
///         silently.
int run_program(const Program& program, int argc, const char* const* argv);

/// --format table|json, --progress auto|plain|none, -q/--quiet and --no-color. `options` must live as long as
/// the command does. Quiet and colour also reach note() and styled() by themselves.
void add_output_options(CLI::App& command, OutputOptions& options);

/// --key FILE, which may be given again; each takes one file, so that words may stand behind it.
CLI::Option* add_key_option(CLI::App& command, std::vector<std::string>& keys);

/// The app that run_program() parses with, all commands in it; for tests.
/// @param status  must live as long as the app
std::unique_ptr<CLI::App> make_app(const Program& program, int& status);

/// Prints an Error as run_program() does and gives its exit status.
int report_error(const manifests::Error& error) noexcept;

/// The name in `names` that is closest to `wrong`, or "" when none is close.
std::string nearest_name(const std::string& wrong, const std::vector<std::string>& names);

} // namespace runtime
