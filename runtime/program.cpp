#include "runtime/program.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <new>

#include <fcntl.h>
#include <malloc.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "manifests/hashing/sha256.hpp"
#include "manifests/text.hpp"
#include "manifests/version.hpp"
#include "runtime/cleanup.hpp"
#include "runtime/help.hpp"

namespace runtime {

using manifests::Error;
using manifests::Exit;
using manifests::Fault;
using manifests::in_quotes;

namespace {

/// What a person typed that no command or option answers to.
struct UnknownWord {
    const CLI::App* command = nullptr; ///< the innermost command that was recognised
    std::string word;                  ///< empty: nothing was unknown
};

/// Whether somebody started us with a standard stream closed: else the first file opened would take its
/// number, and output would be written into it. Wrong direction on purpose: using such a stream fails.
void keep_standard_numbers_taken() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(number, F_GETFD) >= 0) continue;
        const int direction = number == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        [[maybe_unused]] const int opened = ::open("/dev/null", direction); // takes the lowest free number
    }
}

const CLI::App& innermost_command(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : innermost_command(*chosen.front());
}

UnknownWord find_unknown_word(const CLI::App& app) {
    // An argument that no command of the chain wanted is kept by the one that saw it.
    for (const CLI::App* at = &innermost_command(app); at != nullptr; at = at->get_parent()) {
        const std::vector<std::string> words = at->remaining();
        if (!words.empty()) return {at, words.front()};
    }
    return {&innermost_command(app), {}};
}

std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options(is_shown)) {
        const auto spellings = spellings_of(*option);
        names.insert(names.end(), spellings.begin(), spellings.end());
    }
    return names;
}

Error error_for(const CLI::App& app, const CLI::ParseError& problem) {
    const UnknownWord unknown = find_unknown_word(app);
    const std::string name = full_name(*unknown.command);
    const std::string help = "'" + name + " --help' shows what there is";
    // Some commands stand for themselves and have others below them as well.
    const bool needs_command = unknown.command->get_require_subcommand_min() > 0;
    if (unknown.word.size() > 1 && unknown.word.front() == '-') {
        const std::string word = unknown.word.substr(0, unknown.word.find('='));
        const std::string near = nearest_name(word, option_names(*unknown.command));
        Error error(Fault::usage, name + " has no option " + in_quotes(word));
        return error.hint(near.empty() ? help : "did you mean " + near + "? " + help);
    }
    if (!unknown.word.empty() && needs_command) {
        std::vector<std::string> names;
        for (const CLI::App* command : commands_of(*unknown.command))
            names.push_back(command->get_name());
        const std::string near = nearest_name(unknown.word, names);
        Error error(Fault::usage, name + " has no command " + in_quotes(unknown.word));
        return error.hint(near.empty() ? help : "did you mean " + near + "? " + help);
    }
    if (!unknown.word.empty()) {
        Error error(Fault::usage, name + " has no use for the argument " + in_quotes(unknown.word));
        return error.hint(help);
    }
    if (needs_command && unknown.command->get_subcommands().empty())
        return Error(Fault::usage, name + " needs a command").hint(help);
    return Error(Fault::usage, std::string(problem.what())).in(name).hint(help);
}

int parse_and_run(CLI::App& app, int argc, const char* const* argv, const int& status) {
    try {
        app.parse(argc, argv);
        check_output();
        return status;
    } catch (const CLI::CallForVersion&) {
        print(app.get_name() + " " + std::string(manifests::program_version()) + "\n");
        return static_cast<int>(Exit::done);
    } catch (const CLI::Success&) { // help asked for
        print(app.help());
        return static_cast<int>(Exit::done);
    } catch (const CLI::ParseError& problem) {
        return report_error(error_for(app, problem));
    }
}

std::string environment_footer(const Program& program) {
    auto variables = program.environment;
    variables.insert(variables.begin(), {"NO_COLOR", "no colours, if set to anything"});
    variables.push_back({"SEALIFT_SHA256", "hashing kernel: evp, sha-ni, zen5, avx512, avx2, armv8-ce"});
    variables.push_back({"XDG_STATE_HOME", "verify --continue keeps its record below it"});
    std::size_t width = 0;
    for (const auto& [name, meaning] : variables)
        width = std::max(width, name.size());
    std::string text = "\n\nEnvironment:";
    for (const auto& [name, meaning] : variables)
        text += "\n  " + name + std::string(width - name.size() + 2, ' ') + meaning;
    return text;
}

/// Edits between two words (Damerau's: two letters swapped are one edit, for that is how people mistype).
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::vector<std::size_t>> edits(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                edits[i][j] = i + j;
                continue;
            }
            const std::size_t replaced = edits[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            edits[i][j] = std::min({replaced, edits[i - 1][j] + 1, edits[i][j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
    }
    return edits[a.size()][b.size()];
}

void name_group(CLI::App& app) {
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
        if (command->get_group() == "Subcommands") command->group("Commands");
        name_group(*command);
    }
}

} // namespace

std::unique_ptr<CLI::App> make_app(const Program& program, int& status) {
    auto app = std::make_unique<CLI::App>(program.description, program.name);
    app->formatter(std::make_shared<HelpFormatter>());
    app->set_help_flag("-h,--help", "Show this help and exit");
    app->footer(exit_status_footer()); // commands take it over as they are added
    app->require_subcommand(1);
    program.add_commands(*app, status);
    app->set_version_flag("--version", std::string(manifests::program_version()),
                          "Show the version and exit");
    name_group(*app);
    app->footer(exit_status_footer() + environment_footer(program));
    return app;
}

namespace {

// The kernels are chosen by the processor; this is for who does not trust the choice, or measures it.
void choose_hashing() {
    const char* const name = std::getenv("SEALIFT_SHA256"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    if (name == nullptr || *name == '\0') return;
    try {
        hashing::force(name);
    } catch (Error& error) {
        error.in("SEALIFT_SHA256=" + manifests::escaped(name));
        throw;
    }
}

} // namespace

int run_program(const Program& program, int argc, const char* const* argv) {
    try {
        ::signal(SIGPIPE, SIG_IGN); // a write to a closed pipe shall be an Error like any other
        ::signal(SIGXFSZ, SIG_IGN); // and so shall one beyond `ulimit -f`
        keep_standard_numbers_taken();
        set_terminal({.program = program.name, .quiet = false, .no_color = false});
        install_signal_handlers();
        // A long list goes back to the system when it is freed: glibc, left to itself, begins to keep them.
        ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
        choose_hashing();
        int status = static_cast<int>(Exit::done);
        const auto app = make_app(program, status);
        return parse_and_run(*app, argc, argv, status);
    } catch (const Error& error) {
        return report_error(error);
    } catch (const std::bad_alloc&) {
        error_line("out of memory");
    } catch (const std::exception& problem) {
        error_line(problem.what());
    } catch (...) {
        error_line("something unknown went wrong");
    }
    return static_cast<int>(Exit::no_answer);
}

namespace {

// Who asked for JSON gets JSON, also when the answer is that there is none.
void print_error_json(const Error& error) {
    print_json({{"schema", "sealift.error/1"},
                {"code", error.code() ? manifests::name_of(*error.code()) : ""},
                {"text", json_text(error.what())},
                {"hint", json_text(error.hint())},
                {"exit", static_cast<int>(manifests::exit_of(error.fault()))}});
}

} // namespace

int report_error(const Error& error) noexcept {
    if (output_reader_gone()) return static_cast<int>(Exit::no_answer);
    try {
        std::string text = error.what();
        if (error.code()) {
            text.insert(error.where_bytes(), "[" + std::string(manifests::name_of(*error.code())) + "] ");
        }
        error_line(text, error.hint());
        if (terminal_settings().format == Format::json) print_error_json(error);
    } catch (const std::exception&) {
        error_line(error.what());
    }
    return static_cast<int>(manifests::exit_of(error.fault()));
}

CLI::Option* add_key_option(CLI::App& command, std::vector<std::string>& keys) {
    return command
        .add_option("--key", keys, "Public key file (PEM) of somebody you trust; may be given again")
        ->allow_extra_args(false)
        ->type_name("FILE");
}

void add_output_options(CLI::App& command, OutputOptions& options) {
    const auto set_format = [&options](const std::string& name) {
        options.format = name == "json" ? Format::json : Format::table;
        TerminalSettings settings = terminal_settings();
        settings.format = options.format;
        set_terminal(std::move(settings));
    };
    const auto set_quiet = [&options] {
        options.quiet = true;
        TerminalSettings settings = terminal_settings();
        settings.quiet = true;
        set_terminal(std::move(settings));
    };
    const auto set_no_color = [&options] {
        options.no_color = true;
        TerminalSettings settings = terminal_settings();
        settings.no_color = true;
        set_terminal(std::move(settings));
    };
    command.add_option_function<std::string>("--format", set_format, "How the result is printed")
        ->check(CLI::IsMember({"table", "json"}))
        ->default_str("table");
    command
        .add_option("--progress", options.progress,
                    "A bar on a terminal, plain lines for logs, or none; always on stderr")
        ->check(CLI::IsMember({"auto", "plain", "none"}))
        ->default_str("auto");
    command.add_flag_callback("-q,--quiet", set_quiet, "Print results, warnings and errors only");
    command.add_flag_callback("--no-color", set_no_color, "Print without colours, as NO_COLOR does");
}

std::string nearest_name(const std::string& wrong, const std::vector<std::string>& names) {
    if (wrong.size() < 3 || wrong.size() > 64) return {}; // nothing to compare, or nothing typed by hand
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, wrong.size() / 3) + 1;
    for (const std::string& name : names) {
        const std::size_t edits = distance(wrong, name);
        if (edits < best_distance) best = name, best_distance = edits;
    }
    return best;
}

} // namespace runtime
