#include "packager/source_date.hpp"

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/packager/environment.hpp"
#include "tests/support/faults.hpp"

using manifests::Fault;
using packager::rfc3339;
using packager::source_date;
using tests::Environment;
using tests::faults_with;

TEST_CASE("the time of a build is what SOURCE_DATE_EPOCH says", "[packager][source_date]") {
    const Environment variable("SOURCE_DATE_EPOCH", "1793491200");
    CHECK(source_date() == 1'793'491'200U);
}

TEST_CASE("a build without SOURCE_DATE_EPOCH has no time", "[packager][source_date]") {
    const Environment variable("SOURCE_DATE_EPOCH", "");
    CHECK_FALSE(source_date());
    ::unsetenv("SOURCE_DATE_EPOCH");
    CHECK_FALSE(source_date());
}

TEST_CASE("a SOURCE_DATE_EPOCH that is no number of seconds is refused", "[packager][source_date]") {
    const std::string text =
        GENERATE(as<std::string>(), "-1", "+1", " 1", "1 ", "1.0", "1e9", "0x10", "now", "2026-11-01", "1\n",
                 "253402300800", "18446744073709551615", "18446744073709551616", "99999999999999999999999");
    CAPTURE(text);
    const Environment variable("SOURCE_DATE_EPOCH", text);
    REQUIRE_THROWS_MATCHES(source_date(), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("times are written as RFC 3339 in UTC", "[packager][source_date]") {
    const Environment zone("TZ", "Asia/Shanghai");
    CHECK(rfc3339(0) == "1970-01-01T00:00:00Z");
    CHECK(rfc3339(951'827'696) == "2000-02-29T12:34:56Z");
    CHECK(rfc3339(4'294'967'296) == "2106-02-07T06:28:16Z");
    CHECK(rfc3339(253'402'300'799) == "9999-12-31T23:59:59Z");
}
