#pragma once
// Shell completion and manual pages, made from the very objects that parse the command line and print --help,
// so they cannot say anything else.

#include <string>

namespace CLI {
class App;
}

namespace runtime {

/// A script for bash that completes commands, options, the choices of an option ("{table,json}") and else
/// file names. Needs nothing but bash: it works without the bash-completion package, which bare sites do not
/// have.
std::string bash_completion(const CLI::App& app);

/// A page for man(7), section 1: one per program, with a subsection for each command.
std::string man_page(const CLI::App& app);

/// The command "completion bash", which prints the script.
void add_completion(CLI::App& app, int& status);
/// The command "man", which prints the page, or with -o DIR writes DIR/NAME.1.
void add_manual(CLI::App& app, int& status);

} // namespace runtime
