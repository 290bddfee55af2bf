#include "runtime/long_output.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "runtime/display_width.hpp"
#include "runtime/json_indent.hpp"
#include "runtime/shown_text.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

constexpr std::size_t enough_bytes = 64 * 1024;

// Few writes, and no row is kept for long.
void print_if_enough(std::string& waiting) {
    if (waiting.size() < enough_bytes) return;
    print(waiting);
    waiting.clear();
}

auto shown_as(StreamedTable::Cells cells) {
    return cells == StreamedTable::Cells::raw ? shown_cell : shown_safe_cell;
}

// Every line of `text` four blanks further to the right, without the last line feed.
std::string indented(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
        out.append("    ").append(text.substr(0, length));
        text.remove_prefix(length);
    }
    out.pop_back();
    return out;
}

} // namespace

StreamedTable::StreamedTable(std::vector<std::string> headers, std::vector<bool> right)
    : right_(std::move(right)), headers_(std::move(headers)) {
    for (const std::string& header : headers_)
        widths_.push_back(display_width(header));
}

void StreamedTable::measure(const std::vector<std::string>& row, Cells cells) {
    for (std::size_t column = 0; column < row.size(); ++column) {
        const std::string shown = shown_as(cells)(row[column]);
        widths_.at(column) = std::max(widths_[column], display_width(shown));
    }
}

void StreamedTable::print(std::vector<std::string> row, Cells cells) {
    if (!std::exchange(begun_, true)) waiting_ = table_line(headers_, widths_, right_);
    for (std::string& cell : row)
        cell = shown_as(cells)(cell);
    waiting_ += table_line(row, widths_, right_);
    print_if_enough(waiting_);
}

void StreamedTable::end() {
    if (!std::exchange(begun_, true)) waiting_ = table_line(headers_, widths_, right_);
    runtime::print(waiting_);
    waiting_.clear();
}

void print_long_table(const LongTable& table) {
    StreamedTable stream(table.headers, table.right);
    for (std::size_t i = 0; i < table.rows; ++i)
        stream.measure(table.row(i));
    for (std::size_t i = 0; i < table.rows; ++i)
        stream.print(table.row(i));
    stream.end();
}

void print_pieces(const manifests::NextPiece& next) {
    for (std::string_view piece = next(); !piece.empty(); piece = next())
        print(piece);
}

void print_long_json(const manifests::OrderedJson& head, const std::string& name, std::size_t count,
                     const std::function<manifests::OrderedJson(std::size_t i)>& item) {
    constexpr std::string_view tail = "]\n}\n";
    manifests::OrderedJson whole = head;
    whole[name] = manifests::OrderedJson::array();
    std::string waiting = shown_json(whole);
    waiting.resize(waiting.size() - tail.size());
    for (std::size_t i = 0; i < count; ++i) {
        waiting += (i == 0 ? "\n" : ",\n") + indented(shown_json(item(i)));
        print_if_enough(waiting);
    }
    waiting += count == 0 ? "" : "\n  ";
    waiting += tail;
    print(waiting);
}

WriteText list_text(std::size_t count, std::function<manifests::OrderedJson(std::size_t i)> item) {
    return [count, item = std::move(item)](const manifests::Sink& sink) {
        sink("[");
        for (std::size_t i = 0; i < count; ++i)
            sink((i == 0 ? "" : ",") + manifests::write_json(item(i)));
        sink("]");
    };
}

void print_json_around(const manifests::OrderedJson& value,
                       const std::vector<std::pair<std::string, WriteText>>& texts) {
    constexpr std::string_view placeholder = "null";
    const std::string around = shown_json(value);
    std::size_t from = 0;
    for (const auto& [name, write] : texts) {
        const std::string member = "\n  \"" + name + "\": "; // a line feed is in no string
        const std::size_t at = around.find(member + std::string(placeholder), from) + member.size();
        print(std::string_view(around).substr(from, at - from));
        JsonIndent indent(print, 1);
        write([&](std::string_view piece) { indent.take(piece); });
        indent.end();
        from = at + placeholder.size();
    }
    print(std::string_view(around).substr(from));
}

} // namespace runtime
