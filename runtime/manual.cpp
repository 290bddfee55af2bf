#include "runtime/manual.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "manifests/version.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/help.hpp"
#include "runtime/terminal.hpp"

namespace runtime {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

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

/// roff() in lines of at most 80 bytes; where a line breaks does not show.
std::string paragraph(const std::string& text) {
    std::string out;
    std::string line;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const std::string word = text.substr(begin, end - begin);
        begin = end + 1;
        if (!line.empty() && roff(line + " " + word).size() > 78) {
            out += roff(line) + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return out + roff(line) + "\n";
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

bool takes_many(const CLI::Option& option) {
    return option.get_expected_max() >= CLI::detail::expected_max_vector_size;
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
    std::string text = option.get_description();
    if (option.get_required() && option.nonpositional()) text += " (required)";
    if (!option.get_default_str().empty() && !value.empty()) text += " [" + option.get_default_str() + "]";
    if (!option.get_envname().empty()) text += " (environment: " + option.get_envname() + ")";
    return ".TP\n" + head + "\n" + paragraph(text);
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
    if (gap == std::string::npos) return ".PP\n" + paragraph(line.substr(begin));
    const std::size_t text = line.find_first_not_of(' ', gap);
    return ".TP\n" + bold(line.substr(begin, gap - begin)) + "\n" + paragraph(line.substr(text));
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
            text += ".PP\n" + paragraph(line);
        }
    }
    return text;
}

std::string command_section(const CLI::App& command) {
    std::string text = ".SS " + roff(full_name(command)) + "\n" + synopsis(command);
    text += ".PP\n" + paragraph(command.get_description()) + option_entries(command);
    const CLI::App* parent = command.get_parent();
    const std::string footer = command.get_footer();
    if (parent != nullptr && footer.find(exit_status_footer()) == std::string::npos) {
        text += footer_sections(footer, ".PP\n");
    }
    for (const CLI::App* inner : commands_of(command))
        text += command_section(*inner);
    return text;
}

/// The day that SOURCE_DATE_EPOCH names, "2026-02-03"; empty when it is not set, for the page shall be the
/// same whenever it is built.
std::string source_date() {
    const char* variable =
        std::getenv("SOURCE_DATE_EPOCH"); // NOLINT(concurrency-mt-unsafe): nobody calls setenv
    if (variable == nullptr) return {};
    const std::string_view digits = variable;
    std::time_t seconds = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    std::tm day{};
    const bool whole =
        parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size() && seconds >= 0;
    if (!whole || ::gmtime_r(&seconds, &day) == nullptr || day.tm_year > 9999 - 1900) {
        throw Error(Fault::usage,
                    "SOURCE_DATE_EPOCH is " + in_quotes(digits) + ", wanted seconds since 1970");
    }
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d", &day);
    return text.data();
}

} // namespace

std::string man_page(const CLI::App& app, const std::string& date) {
    const std::string name = app.get_name();
    std::string text = ".TH " + roff(upper(name)) + " 1 \"" + date + "\" \"sealift " +
                       std::string(manifests::program_version()) + "\" \"User Commands\"\n";
    text += ".SH NAME\n" + roff(name) + " \\-\n" + paragraph(app.get_description());
    text += ".SH SYNOPSIS\n" + synopsis(app);
    text += ".SH OPTIONS\n" + option_entries(app);
    text += ".SH COMMANDS\n";
    for (const CLI::App* command : commands_of(app))
        text += command_section(*command);
    return text + footer_sections(app.get_footer(), ".SH");
}

void add_manual(CLI::App& app, int& status) {
    auto folder = std::make_shared<std::string>();
    auto* command = app.add_subcommand("man", "Print the manual page, for man(1)");
    command->add_option("-o,--output", *folder, "Write NAME.1 into this folder instead of to stdout")
        ->type_name("DIR");
    command->callback([folder, command, &status] {
        const CLI::App& root = root_of(*command);
        const std::string page = man_page(root, source_date());
        if (folder->empty()) {
            print(page);
        } else {
            write_file_whole(*folder + "/" + root.get_name() + ".1", page, 0644, Replace::allow);
        }
        status = static_cast<int>(manifests::Exit::done);
    });
}

} // namespace runtime
