#pragma once
// The two dates of a policy that is being made.

#include <cstdint>
#include <optional>
#include <string>

namespace packager {

/// SOURCE_DATE_EPOCH, or else the clock. @throws Error  Fault::usage as source_date()
std::string issue_time();

struct Expiry {
    std::string date;                  ///< 2027-11-01, its first second, or a whole time; empty: not given
    std::optional<std::uint64_t> days; ///< after the issue
    static constexpr std::uint64_t usual_days = 365;

    /// @throws Error  Fault::usage for a date that is none
    std::string time_after(const std::string& issued) const;
};

} // namespace packager
