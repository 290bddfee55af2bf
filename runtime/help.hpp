#pragma once
// How --help looks: two columns, wrapped at 80, also where CLI11's own formatter would print one long line.
// Kept apart from program.hpp because it needs the whole of CLI11.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace runtime {

/// Exit statuses, as every --help ends with them and as the manual page lists them.
std::string exit_status_footer();

class HelpFormatter : public CLI::Formatter {
public:
    HelpFormatter();
    std::string make_option(const CLI::Option* option, bool is_positional) const override;
    std::string make_option_opts(const CLI::Option* option) const override;
    std::string make_subcommand(const CLI::App* command) const override;
};

/// The commands of `app` that have a name, in the order they were added.
std::vector<const CLI::App*> commands_of(const CLI::App& app);
/// "{table,json}" as a list; empty when the option takes anything.
std::vector<std::string> choices_of(const CLI::Option& option);
/// What stands for the value: "FILE", "table|json"; empty for a flag.
std::string value_name(const CLI::Option& option);
/// "-o", "--output": all spellings, each with its hyphens; empty for a positional.
std::vector<std::string> spellings_of(const CLI::Option& option);

/// Not hidden: every option with a group.
bool is_shown(const CLI::Option* option);
/// "sealift policy show"
std::string full_name(const CLI::App& command);
const CLI::App& root_of(const CLI::App& app);

} // namespace runtime
