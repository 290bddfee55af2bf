#include "runtime/long_output.hpp"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "runtime/display_width.hpp"
#include "runtime/shown_text.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

/// Few writes, and no row is kept for long.
class Batch {
public:
    void add(std::string_view text) {
        waiting_ += text;
        if (waiting_.size() >= enough_bytes) end();
    }
    void end() {
        print(waiting_);
        waiting_.clear();
    }

private:
    static constexpr std::size_t enough_bytes = 64 * 1024;
    std::string waiting_;
};

std::vector<std::string> shown_row(const LongTable& table, std::size_t i) {
    std::vector<std::string> cells = table.row(i);
    for (std::string& cell : cells)
        cell = shown_cell(cell);
    return cells;
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

void print_long_table(const LongTable& table) {
    std::vector<std::size_t> widths;
    for (const std::string& header : table.headers)
        widths.push_back(display_width(header));
    for (std::size_t i = 0; i < table.rows; ++i) {
        const std::vector<std::string> cells = shown_row(table, i);
        for (std::size_t column = 0; column < cells.size(); ++column)
            widths[column] = std::max(widths[column], display_width(cells[column]));
    }
    Batch batch;
    batch.add(table_line(table.headers, widths, table.right));
    for (std::size_t i = 0; i < table.rows; ++i)
        batch.add(table_line(shown_row(table, i), widths, table.right));
    batch.end();
}

void print_long_json(const manifests::OrderedJson& head, const std::string& name, std::size_t count,
                     const std::function<manifests::OrderedJson(std::size_t i)>& item) {
    constexpr std::string_view tail = "]\n}\n";
    manifests::OrderedJson whole = head;
    whole[name] = manifests::OrderedJson::array();
    std::string front = shown_json(whole);
    front.resize(front.size() - tail.size());
    Batch batch;
    batch.add(front);
    for (std::size_t i = 0; i < count; ++i)
        batch.add((i == 0 ? "\n" : ",\n") + indented(shown_json(item(i))));
    batch.add(count == 0 ? "" : "\n  ");
    batch.add(tail);
    batch.end();
}

} // namespace runtime
