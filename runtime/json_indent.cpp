#include "runtime/json_indent.hpp"

#include <algorithm>

#include "runtime/shown_text.hpp"

namespace runtime {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10;

// Where the last character begins, if its end may be in the next piece; else the end.
std::size_t whole_characters(std::string_view text) {
    constexpr std::size_t longest_bytes = 4;
    for (std::size_t back = 1; back <= std::min(longest_bytes, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte >= 0xc0) return text.size() - back; // if it is whole, waiting does no harm
        if (byte < 0x80) break;
    }
    return text.size();
}

} // namespace

void JsonIndent::take(std::string_view piece) {
    rest_ += piece;
    const std::size_t whole = whole_characters(rest_);
    for (const char c : harmless_json(std::string_view(rest_).substr(0, whole)))
        add(c);
    rest_.erase(0, whole);
    if (out_.size() < piece_bytes) return;
    sink_(out_);
    out_.clear();
}

void JsonIndent::end() {
    for (const char c : harmless_json(rest_))
        add(c);
    rest_.clear();
    sink_(out_);
    out_.clear();
}

void JsonIndent::begin_line() {
    out_ += '\n';
    out_.append(2 * depth_, ' ');
}

void JsonIndent::add(char c) {
    if (is_in_string_) {
        out_ += c;
        is_in_string_ = c != '"' || is_escaped_;
        is_escaped_ = c == '\\' && !is_escaped_;
        return;
    }
    const bool closes = c == '}' || c == ']';
    if (closes) {
        --depth_;
        if (!is_first_) begin_line();
    } else if (is_first_) {
        begin_line();
    }
    is_first_ = c == '{' || c == '[';
    depth_ += is_first_ ? 1 : 0;
    is_in_string_ = c == '"';
    out_ += c;
    if (c == ',') begin_line();
    if (c == ':') out_ += ' ';
}

} // namespace runtime
