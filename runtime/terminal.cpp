#include "runtime/terminal.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/cleanup.hpp"
#include "runtime/file_descriptor.hpp"
#include "runtime/shown_text.hpp"

namespace runtime {

using manifests::Error;
using manifests::Fault;

namespace {

/// A path has up to 4096 bytes and shall be shown whole; what is longer is no name of ours.
constexpr std::size_t longest_cell_bytes = 4096;

TerminalSettings& settings() {
    static TerminalSettings value;
    return value;
}

std::atomic<bool> reader_gone{false};

/// @return 0 or the errno
int write_whole(int to, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t put = ::write(to, text.data(), text.size());
        if (put >= 0) {
            text.remove_prefix(static_cast<std::size_t>(put));
        } else if (errno == EAGAIN) { // somebody left the terminal or pipe non-blocking
            pollfd wait{to, POLLOUT, 0};
            ::poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/// One write for the whole line, so that lines of several processes do not mix.
void stderr_line(Style style, std::string_view label, std::string_view text) noexcept {
    try {
        std::string out = has_unfinished_line() ? "\r\x1b[K" : "";
        set_unfinished_line(false); // whoever drew it draws it again
        out += settings().program + ": ";
        if (!label.empty()) out += styled(style, std::string(label) + ":", Stream::err) + " ";
        out += harmless(text) + "\n";
        write_whole(STDERR_FILENO, out);
    } catch (...) { // out of memory; nothing that can be told to anybody
    }
}

std::string_view name_of(manifests::Severity severity) {
    switch (severity) {
    case manifests::Severity::refusal:
        return "refusal";
    case manifests::Severity::not_checked:
        return "not-checked";
    case manifests::Severity::note:
        return "note";
    }
    return "refusal";
}

std::string padded(const std::string& cell, std::size_t width, bool right, bool last) {
    const std::string blanks(width - std::min(width, display_width(cell)), ' ');
    if (right) return blanks + cell;
    return last ? cell : cell + blanks;
}

std::string finding_text(const manifests::Finding& finding) {
    Style style = Style::bad;
    std::string prefix;
    if (finding.severity == manifests::Severity::not_checked)
        style = Style::careful, prefix = "not checked: ";
    if (finding.severity == manifests::Severity::note) style = Style::plain, prefix = "note: ";
    std::string text = styled(style, manifests::name_of(finding.code)) + "  " + prefix;
    if (!finding.where.empty()) text += manifests::escaped(finding.where, longest_cell_bytes) + ": ";
    text += harmless(finding.text) + "\n";
    if (!finding.hint.empty()) text += "    hint: " + harmless(finding.hint) + "\n";
    return text;
}

} // namespace

/// JSON strings must be UTF-8; names from outside need not be.
std::string json_text(const std::string& text) {
    return manifests::is_utf8(text) ? text : manifests::escaped(text, longest_cell_bytes);
}

void set_terminal(TerminalSettings wanted) {
    settings() = std::move(wanted);
}

const TerminalSettings& terminal_settings() noexcept {
    return settings();
}

void print(std::string_view text) {
    const int problem = write_whole(STDOUT_FILENO, text);
    if (problem == 0) return;
    if (problem == EPIPE) reader_gone = true;
    errno = problem;
    throw_errno("cannot write to", "standard output");
}

bool output_reader_gone() noexcept {
    return reader_gone;
}

void check_output() {
    const int copy = ::dup(STDOUT_FILENO);
    if (copy < 0) return; // closed from the start: print() has said so if anything was to be printed
    if (::close(copy) != 0) throw_errno("cannot write to", "standard output");
}

void note(std::string_view text) noexcept {
    if (!settings().quiet) stderr_line(Style::plain, {}, text);
}

void line(std::string_view text) noexcept {
    stderr_line(Style::plain, {}, text);
}

void warning(std::string_view text) noexcept {
    stderr_line(Style::careful, "warning", text);
}

void error_line(std::string_view text, std::string_view hint) noexcept {
    stderr_line(Style::bad, "error", text);
    if (!hint.empty()) stderr_line(Style::strong, "hint", hint);
}

Table::Table(std::vector<std::string> headers)
    : headers_(std::move(headers)), right_(headers_.size(), false) {}

void Table::row(std::vector<std::string> cells) {
    add(std::move(cells), shown_cell);
}

void Table::safe_row(std::vector<std::string> cells) {
    add(std::move(cells), shown_safe_cell);
}

void Table::add(std::vector<std::string> cells, std::string (*shown)(const std::string& cell)) {
    if (cells.size() > headers_.size()) {
        throw Error(Fault::internal, "a table row has " + std::to_string(cells.size()) + " cells, wanted " +
                                         std::to_string(headers_.size()));
    }
    cells.resize(headers_.size());
    for (std::string& cell : cells)
        cell = shown(cell);
    rows_.push_back(std::move(cells));
}

void Table::align_right(std::size_t column) {
    right_.at(column) = true;
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    for (std::size_t column = 0; column < headers_.size(); ++column) {
        std::size_t width = display_width(headers_[column]);
        for (const auto& cells : rows_)
            width = std::max(width, display_width(cells[column]));
        widths.push_back(width);
    }
    std::string text = table_line(headers_, widths, right_);
    for (const auto& cells : rows_)
        text += table_line(cells, widths, right_);
    return text;
}

std::string shown_cell(const std::string& cell) {
    return cell.empty() ? "-" : manifests::escaped(cell, longest_cell_bytes);
}

std::string table_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                       const std::vector<bool>& right) {
    std::string text;
    for (std::size_t column = 0; column < cells.size(); ++column) {
        const bool last = column + 1 == cells.size();
        text += padded(cells[column], widths[column], right[column], last) + (last ? "\n" : "  ");
    }
    return text;
}

std::string shown_safe_cell(const std::string& cell) {
    return cell.empty() ? "-" : harmless(cell);
}

std::string harmless(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const manifests::CodePoint point = manifests::decode_utf8(text, at);
        const std::string_view bytes = text.substr(at, std::max<std::size_t>(point.length_bytes, 1));
        const bool safe = point.length_bytes > 0 && !manifests::is_deceptive(point.value);
        out += safe ? std::string(bytes) : manifests::escaped(bytes);
        at += bytes.size();
    }
    return out;
}

void print_json(const manifests::OrderedJson& value) {
    print(shown_json(value));
}

std::string shown_json(const manifests::OrderedJson& value) {
    return harmless_json(manifests::write_json_for_people(value));
}

std::string harmless_json(std::string_view text) {
    // The library escapes only what RFC 8259 demands (below 0x20); the rest occurs inside strings alone.
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const manifests::CodePoint point = manifests::decode_utf8(text, at);
        const std::size_t length = std::max<std::size_t>(point.length_bytes, 1);
        if (point.value != '\n' && manifests::is_deceptive(point.value)) {
            std::array<char, 16> buffer{};
            std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(point.value));
            out += buffer.data();
        } else {
            out.append(text, at, length);
        }
        at += length;
    }
    return out;
}

void print_report(const manifests::Report& report, const OutputOptions& options) {
    if (options.format == Format::json) return print_json(report_json(report));
    std::string text;
    for (const manifests::Finding& finding : report.findings())
        text += finding_text(finding);
    print(text);
}

manifests::OrderedJson report_json(const manifests::Report& report) {
    auto list = manifests::OrderedJson::array();
    for (const manifests::Finding& finding : report.findings()) {
        list.push_back({{"code", manifests::name_of(finding.code)},
                        {"severity", name_of(finding.severity)},
                        {"where", json_text(finding.where)},
                        {"text", json_text(finding.text)},
                        {"hint", json_text(finding.hint)}});
    }
    return list;
}

bool is_terminal(Stream stream) noexcept {
    return ::isatty(stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

bool can_redraw() noexcept {
    const char* kind = std::getenv("TERM"); // NOLINT(concurrency-mt-unsafe): nobody calls setenv
    return is_terminal(Stream::err) && kind != nullptr && std::string_view(kind) != "dumb";
}

std::string styled(Style style, std::string_view text, Stream stream) {
    constexpr std::array<std::string_view, 5> begins{"", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[1m"};
    const char* no_color = std::getenv("NO_COLOR"); // NOLINT(concurrency-mt-unsafe): nobody calls setenv
    const char* kind = std::getenv("TERM");         // NOLINT(concurrency-mt-unsafe)
    const bool forbidden = settings().no_color || (no_color != nullptr && *no_color != '\0');
    const bool shows = kind != nullptr && std::string_view(kind) != "dumb" && is_terminal(stream);
    if (style == Style::plain || forbidden || !shows) return std::string(text);
    return std::string(begins.at(static_cast<std::size_t>(style))) + std::string(text) + "\x1b[0m";
}

std::size_t terminal_columns() noexcept {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

} // namespace runtime
