#include "manifests/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>

#include "manifests/json.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view shape = "0000-00-00T00:00:00Z";
constexpr std::int64_t first_time_s = -62'167'219'200; // 0000-01-01T00:00:00Z

bool has_shape(std::string_view text) {
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool fits = shape[i] == '0' ? text[i] >= '0' && text[i] <= '9' : shape[i] == text[i];
        if (!fits) return false;
    }
    return true;
}

unsigned number_at(std::string_view text, std::size_t at, std::size_t length) {
    unsigned value = 0;
    for (const char c : text.substr(at, length))
        value = 10 * value + static_cast<unsigned>(c - '0');
    return value;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
    if (!has_shape(text)) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number_at(text, 0, 4))),
                                           std::chrono::month(number_at(text, 5, 2)),
                                           std::chrono::day(number_at(text, 8, 2))};
    const unsigned hour = number_at(text, 11, 2);
    const unsigned minute = number_at(text, 14, 2);
    const unsigned second = number_at(text, 17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * seconds_per_day + hour * 3600 + minute * 60 + second;
}

// Rounded down, for times before 1970 too.
std::int64_t days_of(std::int64_t seconds) {
    return seconds / seconds_per_day - (seconds % seconds_per_day < 0 ? 1 : 0);
}

} // namespace

bool is_time_text(std::string_view text) {
    return parse_time(text).has_value();
}

void check_time(std::string_view name, std::string_view text) {
    if (!is_time_text(text))
        refuse_document(std::string(name) + " is " + in_quotes(text) +
                        ", wanted a time such as 2026-11-01T00:00:00Z");
}

std::int64_t seconds_of(std::string_view text) {
    check_time("the time", text);
    return *parse_time(text);
}

std::string time_text(std::int64_t seconds) {
    if (seconds < first_time_s || seconds > last_time_s)
        refuse_document(std::to_string(seconds) + " seconds since 1970 are outside the years 0 to 9999");
    const std::int64_t days = days_of(seconds);
    const auto rest = static_cast<unsigned>(seconds - days * seconds_per_day);
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02u:%02u:%02uZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / 3600,
                  rest / 60 % 60, rest % 60);
    return text.data();
}

std::int64_t days_between(std::string_view from, std::string_view to) {
    return days_of(seconds_of(to) - seconds_of(from));
}

std::string days_after(std::string_view text, std::uint64_t days) {
    const std::int64_t start = seconds_of(text);
    const auto most = static_cast<std::uint64_t>((last_time_s - start) / seconds_per_day);
    if (days > most) return time_text(last_time_s);
    return time_text(start + static_cast<std::int64_t>(days) * seconds_per_day);
}

} // namespace manifests
