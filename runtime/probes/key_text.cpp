#include "runtime/probes/key_text.hpp"

#include <algorithm>
#include <charconv>

namespace runtime {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";
constexpr std::size_t longest_version = 64;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view next_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_version_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
           c == '_' || c == '+' || c == '~';
}

std::optional<std::string> version_word(std::string_view word) {
    if (!word.empty() && (word[0] == 'v' || word[0] == 'V')) word.remove_prefix(1);
    if (word.empty() || word.size() > longest_version || !is_digit(word[0])) return std::nullopt;
    if (!std::all_of(word.begin(), word.end(), is_version_character)) return std::nullopt;
    return std::string(word);
}

std::optional<std::string> version_among_words(std::string_view line) {
    line = trimmed(line);
    if (line.find_first_of(blanks) == std::string_view::npos) return version_word(line);
    while (!line.empty()) {
        const std::string_view word = line.substr(0, line.find_first_of(blanks));
        if (word.find('.') != std::string_view::npos) {
            if (auto version = version_word(word)) return version;
        }
        line = trimmed(line.substr(word.size()));
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string_view> raw_value(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        std::string_view line = next_line(text);
        if (!line.starts_with(key)) continue;
        line.remove_prefix(key.size());
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        if (line.empty() || (line[0] != '=' && line[0] != ':')) continue;
        const bool colon = line[0] == ':';
        line.remove_prefix(1);
        if (colon && line.starts_with(' ')) line.remove_prefix(1);
        return line;
    }
    return std::nullopt;
}

std::optional<std::string> value_of(std::string_view text, std::string_view key) {
    const auto raw = raw_value(text, key);
    if (!raw) return std::nullopt;
    std::string_view value = trimmed(*raw);
    for (const char quote : {'"', '\''}) {
        if (value.size() >= 2 && value.front() == quote && value.back() == quote)
            value = trimmed(value.substr(1, value.size() - 2));
    }
    if (value.empty()) return std::nullopt;
    return std::string(value);
}

std::optional<std::uint64_t> number_in(std::string_view text) {
    text = trimmed(text);
    if (!text.empty() && text.back() == '\n') text = trimmed(text.substr(0, text.size() - 1));
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<std::string> version_in(std::string_view text, std::string_view key) {
    if (key.empty()) return version_among_words(next_line(text));
    const auto value = value_of(text, key);
    return value ? version_word(*value) : std::nullopt;
}

} // namespace runtime
