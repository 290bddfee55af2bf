#pragma once
// Times in signed documents: RFC 3339 in the one spelling that we write, whole seconds in UTC, such as
// 2026-11-01T00:00:00Z. Texts of this shape sort as the times do, so < and == compare them.

#include <cstdint>
#include <string>
#include <string_view>

namespace manifests {

inline constexpr std::int64_t seconds_per_day = 86'400;
inline constexpr std::int64_t last_time_s = 253'402'300'799; ///< 9999-12-31T23:59:59Z

/// Whether `text` is such a time and the day is in the calendar. No leap seconds: no clock here knows them.
bool is_time_text(std::string_view text);

/// @param name  of the member, for the message
/// @throws Error  Fault::damaged, Code::format_document unless is_time_text()
void check_time(std::string_view name, std::string_view text);

/// Seconds since 1970; before that, negative. @throws Error  as check_time
std::int64_t seconds_of(std::string_view text);

/// The way back. @throws Error  Fault::damaged for a year that has no four digits
std::string time_text(std::int64_t seconds);

/// Whole days from one time to a later one, rounded down; negative when it is earlier.
std::int64_t days_between(std::string_view from, std::string_view to);

/// `text` that many days later, at most the end of the year 9999.
std::string days_after(std::string_view text, std::uint64_t days);

} // namespace manifests
