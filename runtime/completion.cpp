#include "runtime/completion.hpp"

#include <cctype>
#include <memory>

#include "manifests/error.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/help.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

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

} // namespace

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
        const std::string script = bash_completion(root_of(*command));
        if (options->output.empty()) {
            print(script);
        } else {
            write_file_whole(options->output, script, 0644, Replace::allow);
        }
        status = static_cast<int>(manifests::Exit::done);
    });
}

} // namespace runtime
