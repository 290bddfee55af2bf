#include "runtime/help.hpp"

#include <algorithm>

#include "runtime/display_width.hpp"

namespace runtime {
namespace {

constexpr std::size_t page_columns = 80;
constexpr std::size_t name_columns = 28;

/// "  name  text", the text wrapped and indented.
std::string two_columns(const std::string& name, const std::string& text) {
    std::string out = "  " + name;
    std::size_t at = display_width(out);
    if (at + 2 > name_columns && !text.empty()) out += "\n", at = 0;
    out += std::string(name_columns > at ? name_columns - at : 0, ' ');
    at = name_columns;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const std::string word = text.substr(begin, end - begin);
        if (at > name_columns && at + 1 + display_width(word) > page_columns) {
            out += "\n" + std::string(name_columns, ' ') + word;
            at = name_columns + display_width(word);
        } else {
            out += (at > name_columns ? " " : "") + word;
            at += (at > name_columns ? 1 : 0) + display_width(word);
        }
        begin = end + 1;
    }
    return out + "\n";
}

} // namespace

std::string exit_status_footer() {
    return "Exit status:\n"
           "  0  done; trusted; fits\n"
           "  1  the answer is no: not trusted, does not fit, differs\n"
           "  2  wrong command line or recipe\n"
           "  3  no answer: could not read, disk full, missing key";
}

HelpFormatter::HelpFormatter() {
    label("Subcommands", "Commands");
    label("SUBCOMMAND", "COMMAND");
    label("Positionals", "Arguments");
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
    return two_columns(make_option_name(option, is_positional) + make_option_opts(option),
                       make_option_desc(option));
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
    std::string text;
    // A positional's name says what it is.
    const std::string value = value_name(*option);
    if (!value.empty() && (option->nonpositional() || !choices_of(*option).empty())) text += " " + value;
    if (!option->get_default_str().empty() && !value.empty()) text += " [" + option->get_default_str() + "]";
    if (option->get_expected_max() >= CLI::detail::expected_max_vector_size) text += " ...";
    if (option->get_required() && option->nonpositional()) text += " (required)";
    if (!option->get_envname().empty()) text += " ($" + option->get_envname() + ")";
    return text;
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
    return two_columns(command->get_name(), command->get_description());
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* command) {
        return !command->get_name().empty() && !command->get_group().empty();
    });
}

std::vector<std::string> choices_of(const CLI::Option& option) {
    // CLI::IsMember describes itself in the type's name: "TEXT:{table,json}".
    const std::string type = option.get_type_name();
    const std::size_t open = type.find('{');
    const std::size_t close = type.find('}', open);
    std::vector<std::string> choices;
    if (open == std::string::npos || close == std::string::npos) return choices;
    for (std::size_t begin = open + 1; begin < close;) {
        const std::size_t end = std::min(type.find(',', begin), close);
        choices.push_back(type.substr(begin, end - begin));
        begin = end + 1;
    }
    return choices;
}

std::string value_name(const CLI::Option& option) {
    if (option.get_type_size() == 0 || option.get_items_expected_max() == 0) return {};
    std::string text;
    for (const std::string& choice : choices_of(option))
        text += (text.empty() ? "" : "|") + choice;
    constexpr std::size_t most_columns = 60; // more of them are left to the words of the option
    if (!text.empty() && text.size() <= most_columns) return text;
    const std::string type = option.get_type_name();
    // A check such as "UINT:INT in [1 - 64]" says it all behind the colon.
    const std::size_t colon = type.find(':');
    return colon == std::string::npos ? type : type.substr(0, colon);
}

std::string full_name(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

bool is_shown(const CLI::Option* option) {
    return !option->get_group().empty();
}

const CLI::App& root_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? app : root_of(*app.get_parent());
}

std::vector<std::string> spellings_of(const CLI::Option& option) {
    std::vector<std::string> spellings;
    for (const std::string& name : option.get_snames())
        spellings.push_back("-" + name);
    for (const std::string& name : option.get_lnames())
        spellings.push_back("--" + name);
    return spellings;
}

} // namespace runtime
