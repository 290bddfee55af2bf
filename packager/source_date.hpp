#pragma once
// The only clock of a build: SOURCE_DATE_EPOCH (reproducible-builds.org), seconds since 1970.

#include <cstdint>
#include <optional>
#include <string>

namespace packager {

/// Nothing if it is not set. @throws Error  Fault::usage if it is no number of seconds before the year 10000
std::optional<std::uint64_t> source_date();

/// "2026-11-01T00:00:00Z"
std::string rfc3339(std::uint64_t time_s);

/// The way back; nothing for a text that rfc3339() would not write.
std::optional<std::uint64_t> parse_rfc3339(const std::string& text);

} // namespace packager
