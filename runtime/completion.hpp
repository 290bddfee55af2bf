#pragma once
// Completion for bash, made from the very objects that parse the command line.

#include <string>

namespace CLI {
class App;
}

namespace runtime {

/// A script for bash that completes commands, options, the choices of an option ("{table,json}") and else
/// file names. Needs nothing but bash: it works without the bash-completion package, which bare sites do not
/// have.
std::string bash_completion(const CLI::App& app);

/// The command "completion bash", which prints the script, or with -o FILE writes it.
void add_completion(CLI::App& app, int& status);

} // namespace runtime
