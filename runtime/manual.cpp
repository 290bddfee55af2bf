#include "runtime/manual.hpp"

#include <algorithm>
#include <cctype>
#include <memory>

#include "manifests/error.hpp"
#include "manifests/version.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/help.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

/// Text for a roff page: nothing in it is a request, an escape or a typographic quote.
std::string roff(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '\\':
            out += "\\e";
            break;
        case '-':
            out += "\\-";
            break;
        case '\'':
            out += "\\(aq";
            break;
        case '`':
            out += "\\(ga";
            break;
        case '"':
            out += "\\(dq";
            break;
        case '^':
            out += "\\(ha";
            break;
        case '~':
            out += "\\(ti";
            break;
        default:
            out += c;
        }
    }
    return !out.empty() && out.front() == '.' ? "\\&" + out : out;
}

std::string bold(const std::string& text) {
    return "\\fB" + roff(text) + "\\fR";
}

std::string italic(const std::string& text) {
    return "\\fI" + roff(text) + "\\fR";
}

std::string upper(std::string text) {
    for (char& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

bool is_shown(const CLI::Option* option) {
    return !option->get_group().empty();
}

bool takes_many(const CLI::Option& option) {
    return option.get_expected_max() >= CLI::detail::expected_max_vector_size;
}

std::string full_name(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

std::string synopsis(const CLI::App& command) {
    std::string text = bold(full_name(command)) + " [" + italic("options") + "]";
    for (const CLI::Option* option : command.get_options(is_shown)) {
        if (!option->get_positional()) continue;
        std::string name = italic(option->get_name(true, false)) + (takes_many(*option) ? " ..." : "");
        text += " " + (option->get_required() ? name : "[" + name + "]");
    }
    if (!commands_of(command).empty()) text += " " + italic("command") + " ...";
    return text + "\n";
}

std::string option_entry(const CLI::Option& option) {
    std::string head;
    for (const std::string& spelling : spellings_of(option))
        head += (head.empty() ? "" : ", ") + bold(spelling);
    if (head.empty()) head = italic(option.get_name(true, false));
    const std::string value = value_name(option);
    const bool shows_value = !value.empty() && (option.nonpositional() || !choices_of(option).empty());
    if (shows_value) head += " " + (choices_of(option).empty() ? italic(value) : roff(value));
    if (takes_many(option)) head += " ...";
    std::string text = roff(option.get_description());
    if (option.get_required() && option.nonpositional()) text += " (required)";
    if (!option.get_default_str().empty() && !value.empty())
        text += " [" + roff(option.get_default_str()) + "]";
    if (!option.get_envname().empty()) text += " (environment: " + bold(option.get_envname()) + ")";
    return ".TP\n" + head + "\n" + text + "\n";
}

std::string option_entries(const CLI::App& command) {
    std::string text;
    for (const CLI::Option* option : command.get_options(is_shown)) // arguments first, as in --help
        if (option->get_positional()) text += option_entry(*option);
    for (const CLI::Option* option : command.get_options(is_shown))
        if (!option->get_positional()) text += option_entry(*option);
    return text;
}

/// "  NAME  what it is" becomes an entry of a list, any other line is shown as it stands.
std::string footer_line(const std::string& line) {
    const std::size_t begin = line.find_first_not_of(' ');
    const std::size_t gap = line.find("  ", begin);
    if (gap == std::string::npos) return ".PP\n" + roff(line.substr(begin)) + "\n";
    const std::size_t text = line.find_first_not_of(' ', gap);
    return ".TP\n" + bold(line.substr(begin, gap - begin)) + "\n" + roff(line.substr(text)) + "\n";
}

/// A footer is sections: "Title:" at the margin, indented lines below.
std::string footer_sections(const std::string& footer, const std::string& macro) {
    std::string text;
    for (std::size_t begin = 0; begin < footer.size();) {
        const std::size_t end = std::min(footer.find('\n', begin), footer.size());
        const std::string line = footer.substr(begin, end - begin);
        begin = end + 1;
        if (line.find_first_not_of(' ') == std::string::npos) continue;
        if (line.front() == ' ') {
            text += footer_line(line);
        } else if (line.back() == ':') {
            const std::string title = line.substr(0, line.size() - 1);
            text += macro + " " + roff(macro == ".SH" ? upper(title) : title) + "\n";
        } else {
            text += ".PP\n" + roff(line) + "\n";
        }
    }
    return text;
}

std::string command_section(const CLI::App& command) {
    std::string text = ".SS " + roff(full_name(command)) + "\n" + synopsis(command);
    text += ".PP\n" + roff(command.get_description()) + "\n" + option_entries(command);
    const CLI::App* parent = command.get_parent();
    const std::string footer = command.get_footer();
    if (parent != nullptr && footer.find(exit_status_footer()) == std::string::npos) {
        text += footer_sections(footer, ".PP\n");
    }
    for (const CLI::App* inner : commands_of(command))
        text += command_section(*inner);
    return text;
}

/// What follows one command on the command line, as bash sees it.
std::string completion_case(const CLI::App& command, const std::string& path) {
    std::string options;
    std::string with_value;
    std::string with_choices;
    std::string words;
    for (const CLI::Option* option : command.get_options(is_shown)) {
        std::string choices;
        for (const std::string& choice : choices_of(*option))
            choices += (choices.empty() ? "" : " ") + choice;
        if (option->get_positional()) words += (words.empty() ? "" : " ") + choices;
        std::string pattern;
        for (const std::string& spelling : spellings_of(*option)) {
            options += (options.empty() ? "" : " ") + spelling;
            pattern += (pattern.empty() ? "" : "|") + spelling;
        }
        if (pattern.empty() || value_name(*option).empty()) continue;
        if (choices.empty()) {
            with_value += (with_value.empty() ? "" : "|") + pattern;
        } else {
            with_choices += "                " + pattern + ") words=\"" + choices + "\"; options= ;;\n";
        }
    }
    for (const CLI::App* inner : commands_of(command))
        words += (words.empty() ? "" : " ") + inner->get_name();
    std::string text = "        \"" + path + "\")\n";
    text += "            options=\"" + options + "\"\n            words=\"" + words + "\"\n";
    text += "            case \"$previous\" in\n" + with_choices;
    if (!with_value.empty()) text += "                " + with_value + ") return ;;\n";
    text += "            esac ;;\n";
    for (const CLI::App* inner : commands_of(command))
        text += completion_case(*inner, path + "/" + inner->get_name());
    return text;
}

void collect_paths(const CLI::App& command, const std::string& path, std::string& paths) {
    for (const CLI::App* inner : commands_of(command)) {
        const std::string own = path + "/" + inner->get_name();
        paths += (paths.empty() ? "\"" : "|\"") + own + "\"";
        collect_paths(*inner, own, paths);
    }
}

const CLI::App& root_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? app : root_of(*app.get_parent());
}

void put(const std::string& text, const std::string& path) {
    if (path.empty()) return print(text);
    write_file_whole(path, text, 0644, Replace::allow);
}

} // namespace

std::string man_page(const CLI::App& app) {
    const std::string name = app.get_name();
    // No date: the page is the same whenever it is built.
    std::string text = ".TH " + roff(upper(name)) + " 1 \"\" \"sealift " +
                       std::string(manifests::program_version()) + "\" \"User Commands\"\n";
    text += ".SH NAME\n" + roff(name) + " \\- " + roff(app.get_description()) + "\n";
    text += ".SH SYNOPSIS\n" + synopsis(app);
    text += ".SH OPTIONS\n" + option_entries(app);
    text += ".SH COMMANDS\n";
    for (const CLI::App* command : commands_of(app))
        text += command_section(*command);
    return text + footer_sections(app.get_footer(), ".SH");
}

std::string bash_completion(const CLI::App& app) {
    const std::string name = app.get_name();
    std::string function = "_" + name;
    for (char& c : function)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    std::string paths;
    collect_paths(app, "", paths);
    std::string text = "# bash completion for " + name + ", printed by: " + name + " completion bash\n";
    text += function +
            "() {\n"
            "    local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
            "    local command= options= words= at\n"
            "    COMPREPLY=()\n"
            "    # bash takes --option=value for three words\n"
            "    if [[ $current == = ]]; then\n"
            "        current=\n"
            "    elif [[ $previous == = ]]; then\n"
            "        previous=\"${COMP_WORDS[COMP_CWORD-2]}\"\n"
            "    fi\n"
            "    for ((at = 1; at < COMP_CWORD; ++at)); do\n"
            "        case \"$command/${COMP_WORDS[at]}\" in\n"
            "            " +
            paths +
            ") command=\"$command/${COMP_WORDS[at]}\" ;;\n"
            "        esac\n"
            "    done\n"
            "    case \"$command\" in\n";
    text += completion_case(app, "");
    text += "    esac\n"
            "    # an empty COMPREPLY makes bash complete file names\n"
            "    if [[ $current == -* ]]; then\n"
            "        COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
            "    elif [[ -n $words ]]; then\n"
            "        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
            "    fi\n"
            "}\n"
            "complete -o default -F " +
            function + " " + name + "\n";
    return text;
}

void add_completion(CLI::App& app, int& status) {
    struct Options {
        std::string shell;
        std::string output;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("completion", "Print a completion script for a shell");
    command->add_option("SHELL", options->shell, "The shell to print it for")
        ->required()
        ->check(CLI::IsMember({"bash"}));
    command->add_option("-o,--output", options->output, "Write it to this file instead of stdout")
        ->type_name("FILE");
    command->callback([options, command, &status] {
        put(bash_completion(root_of(*command)), options->output);
        status = static_cast<int>(manifests::Exit::done);
    });
}

void add_manual(CLI::App& app, int& status) {
    auto folder = std::make_shared<std::string>();
    auto* command = app.add_subcommand("man", "Print the manual page, for man(1)");
    command->add_option("-o,--output", *folder, "Write NAME.1 into this folder instead of to stdout")
        ->type_name("DIR");
    command->callback([folder, command, &status] {
        const CLI::App& root = root_of(*command);
        put(man_page(root), folder->empty() ? "" : *folder + "/" + root.get_name() + ".1");
        status = static_cast<int>(manifests::Exit::done);
    });
}

} // namespace runtime
