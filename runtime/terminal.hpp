#pragma once
// The one place that writes to the terminal. Data goes to stdout, everything else to stderr in lines that
// begin with the program's name. What came from outside is escaped here once more, so nothing that a bundle
// says can move the cursor of a terminal or hide a line.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/finding.hpp"
#include "manifests/json.hpp"
#include "runtime/display_width.hpp"

namespace runtime {

enum class Format { table, json };

/// What every command that prints a result takes; see add_output_options() in runtime/program.hpp.
struct OutputOptions {
    Format format = Format::table;
    bool quiet = false;            ///< no notes and no progress; results, warnings and errors stay
    std::string progress = "auto"; ///< auto, plain or none
    bool no_color = false;
};

/// What all output of this process shares. Set once by run_program() and again by the options of the command.
struct TerminalSettings {
    std::string program = "sealift"; ///< in front of every line on stderr
    bool quiet = false;
    bool no_color = false;
    Format format = Format::table; ///< of errors too, once a command has said json
};
void set_terminal(TerminalSettings settings);
const TerminalSettings& terminal_settings() noexcept;

/// Writes the whole text to stdout as it is.
/// @throws Error  Fault::io when not all of it could be written. When that is because the reader of a pipe
/// has
///                gone, output_reader_gone() is true afterwards and run_program() ends without a message.
void print(std::string_view text);
bool output_reader_gone() noexcept;
/// The last chance to hear that stdout did not take what it was given (a network file system says so late).
/// @throws Error  Fault::io
void check_output();

/// "sealift: text" on stderr, unless --quiet. Never throws: who cannot be told need not be.
void note(std::string_view text) noexcept;
/// "sealift: text" on stderr, also when --quiet: for lines that somebody asked for.
void line(std::string_view text) noexcept;
/// "sealift: warning: text" on stderr.
void warning(std::string_view text) noexcept;
/// "sealift: error: text" and, unless empty, "sealift: hint: hint" on stderr.
void error_line(std::string_view text, std::string_view hint = {}) noexcept;

/// Columns padded to the widest cell, two spaces between them, nothing after the last. Cells are escaped, and
/// an empty one is shown as "-", so every line has the same number of fields.
class Table {
public:
    explicit Table(std::vector<std::string> headers);
    /// Missing cells are empty. @throws Error  Fault::internal for more cells than headers
    void row(std::vector<std::string> cells);
    /// The same for cells in which outside text is escaped already: harmless() is all that is done to them.
    void safe_row(std::vector<std::string> cells);
    /// Numbers stand on the right. @param column  0-based
    void align_right(std::size_t column);
    bool empty() const noexcept { return rows_.empty(); }
    /// The headers and the rows, each line with a line feed.
    std::string text() const;

private:
    void add(std::vector<std::string> cells, std::string (*shown)(const std::string& cell));

    std::vector<std::string> headers_;
    std::vector<std::vector<std::string>> rows_;
    std::vector<bool> right_;
};

/// `text` with control characters, broken UTF-8 and direction overrides shown as escapes, and backslashes
/// left alone: for lines of ours in which outside text is escaped already.
std::string harmless(std::string_view text);

/// Indented by two spaces, with a line feed at the end. Characters that a terminal obeys are written \uXXXX.
void print_json(const manifests::OrderedJson& value);
/// `text` as it is if it is UTF-8, and escaped otherwise: for paths, which a script wants to open.
std::string json_text(const std::string& text);

/// The findings on stdout. As a table: "SL-CODE  where: text" and an indented hint for each; nothing when
/// there are none. As JSON: report_json().
void print_report(const manifests::Report& report, const OutputOptions& options);
/// [{code, severity, where, text, hint}], all of them always there; severity is refusal, not-checked or note.
manifests::OrderedJson report_json(const manifests::Report& report);

enum class Stream { out, err };
enum class Style { plain, good, bad, careful, strong };
/// `text` in colour when that stream is a terminal that shows it and neither --no-color nor NO_COLOR is
/// given.
std::string styled(Style style, std::string_view text, Stream stream = Stream::out);
bool is_terminal(Stream stream) noexcept;
/// A line of stderr can be drawn anew: it is a terminal, and not one that only prints (TERM=dumb).
bool can_redraw() noexcept;
/// Columns of the terminal behind stderr; 80 when unknown.
std::size_t terminal_columns() noexcept;

} // namespace runtime
