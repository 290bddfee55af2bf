#include "packager/source_date.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {

std::optional<std::uint64_t> source_date() {
    constexpr std::uint64_t latest_s =
        253402300799; // 9999-12-31T23:59:59Z: RFC 3339 has four digits for the year
    const char* text =
        std::getenv("SOURCE_DATE_EPOCH"); // NOLINT(concurrency-mt-unsafe): nothing here sets variables
    if (text == nullptr || *text == '\0') return std::nullopt;
    const std::string_view digits = text;
    std::uint64_t time_s = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), time_s);
    if (problem != std::errc() || end != digits.data() + digits.size() || time_s > latest_s) {
        throw manifests::Error(manifests::Fault::usage, "SOURCE_DATE_EPOCH is " +
                                                            manifests::in_quotes(digits) +
                                                            ", wanted seconds since 1970");
    }
    return time_s;
}

std::string rfc3339(std::uint64_t time_s) {
    const auto seconds = static_cast<std::time_t>(time_s);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::optional<std::uint64_t> parse_rfc3339(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == nullptr || *end != '\0') return std::nullopt;
    const std::time_t seconds = ::timegm(&parts);
    if (seconds < 0) return std::nullopt;
    const auto time_s = static_cast<std::uint64_t>(seconds);
    return rfc3339(time_s) == text ? std::optional(time_s) : std::nullopt; // not 31 February, not " 1:02:03"
}

} // namespace packager
