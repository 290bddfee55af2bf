#include "manifests/time_text.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using namespace manifests;
using tests::faults_with;

TEST_CASE("times are seconds since 1970 and back", "[manifests][time]") {
    // The right column is what `date -u -d TEXT +%s` prints.
    const auto [text, seconds] = GENERATE(table<std::string, std::int64_t>({
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59Z", -1},
        {"2000-02-29T12:34:56Z", 951827696},
        {"2026-11-01T00:00:00Z", 1793491200},
        {"2100-03-01T00:00:00Z", 4107542400},
        {"9999-12-31T23:59:59Z", 253402300799},
        {"0000-01-01T00:00:00Z", -62167219200},
    }));
    CHECK(seconds_of(text) == seconds);
    CHECK(time_text(seconds) == text);
}

TEST_CASE("what is no time in our spelling is refused", "[manifests][time]") {
    const std::string text = GENERATE(
        as<std::string>(), "", "2026-11-01", "2026-11-01T00:00:00", "2026-11-01T00:00:00+00:00",
        "2026-11-01T00:00:00.0Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-01T24:00:00Z",
        "2026-11-01T00:60:00Z", "2026-11-01T00:00:60Z", "-026-11-01T00:00:00Z", "2026-11-01t00:00:00z");
    CAPTURE(text);
    CHECK_FALSE(is_time_text(text));
    REQUIRE_THROWS_MATCHES(seconds_of(text), Error, faults_with(Fault::damaged));
    REQUIRE_THROWS_MATCHES(check_time("issued", text), Error, faults_with(Fault::damaged));
}

TEST_CASE("days are counted whole", "[manifests][time]") {
    CHECK(days_between("2026-11-01T00:00:00Z", "2026-11-01T23:59:59Z") == 0);
    CHECK(days_between("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z") == 1);
    CHECK(days_between("2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z") == 365);
    CHECK(days_between("2026-11-01T00:00:01Z", "2026-11-01T00:00:00Z") == -1);
    CHECK(days_after("2028-02-28T01:02:03Z", 2) == "2028-03-01T01:02:03Z");
    CHECK(days_after("2028-02-28T01:02:03Z", 0xffff'ffff'ffff'ffffU) == "9999-12-31T23:59:59Z");
    REQUIRE_THROWS_MATCHES(time_text(last_time_s + 1), Error, faults_with(Fault::damaged));
    REQUIRE_THROWS_MATCHES(time_text(-62'167'219'201), Error, faults_with(Fault::damaged));
}
