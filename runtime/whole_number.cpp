#include "runtime/whole_number.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "manifests/text.hpp"

namespace runtime {
namespace {

std::optional<std::uint64_t> digits_of(std::string_view text) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, number);
    if (problem != std::errc{} || stop != end) return std::nullopt;
    return number;
}

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

// "", "b", "k", "kb", "ki", "kib" and so on; 0: no unit
std::uint64_t unit_of(std::string_view text) {
    std::string unit = in_lower_case(text);
    if (unit.ends_with('b')) unit.pop_back();
    if (unit.empty()) return 1;
    const std::size_t power = std::string_view("kmgtpe").find(unit.front());
    if (power == std::string_view::npos || (unit.size() != 1 && unit.substr(1) != "i")) return 0;
    std::uint64_t bytes = 1;
    for (std::size_t i = 0; i <= power; ++i)
        bytes *= unit.size() == 1 ? 1000 : 1024;
    return bytes;
}

std::optional<std::uint64_t> bytes_of(std::string_view text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = digits_of(text.substr(0, end));
    const std::uint64_t unit = unit_of(text.substr(end));
    std::uint64_t bytes = 0;
    if (!number || unit == 0 || __builtin_mul_overflow(*number, unit, &bytes)) return std::nullopt;
    return bytes;
}

} // namespace

std::function<std::string(const std::string& text)> whole_number_from(std::uint64_t least) {
    return [least](const std::string& text) -> std::string {
        const auto number = digits_of(text);
        if (number && *number >= least) return "";
        return manifests::in_quotes(text) + " is not a whole number from " + std::to_string(least) + " on";
    };
}

std::function<std::string(const std::string& text)> whole_number_between(std::uint64_t least,
                                                                         std::uint64_t most) {
    return [least, most](const std::string& text) -> std::string {
        const auto number = digits_of(text);
        if (number && *number >= least && *number <= most) return "";
        return manifests::in_quotes(text) + " is not a whole number from " + std::to_string(least) + " to " +
               std::to_string(most);
    };
}

std::function<std::string(std::string& text)> size_between(std::uint64_t least_bytes,
                                                           std::uint64_t most_bytes) {
    return [least_bytes, most_bytes](std::string& text) -> std::string {
        const auto bytes = bytes_of(text);
        if (!bytes || *bytes < least_bytes || *bytes > most_bytes)
            return manifests::in_quotes(text) + " is not a size such as 64GiB, from " +
                   std::to_string(least_bytes) + " to " + std::to_string(most_bytes) + " bytes";
        text = std::to_string(*bytes);
        return "";
    };
}

} // namespace runtime
