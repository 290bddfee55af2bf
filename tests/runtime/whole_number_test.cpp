#include "runtime/whole_number.hpp"

#include <catch2/catch.hpp>

using runtime::size_between;
using runtime::whole_number_between;
using runtime::whole_number_from;

TEST_CASE("a whole number on the command line is digits alone", "[runtime][program]") {
    for (const char* text : {"0", "1", "007", "18446744073709551615"}) {
        CAPTURE(text);
        CHECK(whole_number_from(0)(text).empty());
    }
    for (const std::string text :
         {"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "x", "1\n", "18446744073709551616"}) {
        CAPTURE(text);
        CHECK_FALSE(whole_number_from(0)(text).empty());
    }
}

TEST_CASE("a whole number below the least one is refused in a short line", "[runtime][program]") {
    CHECK(whole_number_from(1)("1").empty());
    CHECK(whole_number_from(1)("0") == "'0' is not a whole number from 1 on");
    CHECK(whole_number_from(0)("\x1b[2J") == "'\\x1b[2J' is not a whole number from 0 on");
}

TEST_CASE("a whole number over the most is refused with both ends", "[runtime][program]") {
    for (const char* text : {"1", "64", "65536"})
        CHECK(whole_number_between(1, 65536)(text).empty());
    for (const std::string text : {"0", "65537", "-1", "", "18446744073709551616"}) {
        CAPTURE(text);
        CHECK(whole_number_between(1, 65536)(text) == "'" + text + "' is not a whole number from 1 to 65536");
    }
}

TEST_CASE("a size has a unit of 1000 or of 1024, or none", "[runtime][program]") {
    const auto [text, bytes] = GENERATE(table<std::string, std::string>({
        {"0", "0"},
        {"7", "7"},
        {"7b", "7"},
        {"64GiB", "68719476736"},
        {"64gi", "68719476736"},
        {"64GB", "64000000000"},
        {"64G", "64000000000"},
        {"3k", "3000"},
        {"3KiB", "3072"},
        {"1PiB", "1125899906842624"},
    }));
    CAPTURE(text);
    std::string changed = text;
    CHECK(size_between(0, 1ULL << 50)(changed).empty());
    CHECK(changed == bytes);
}

TEST_CASE("what is no size, or one beyond its bounds, is refused in a short line", "[runtime][program]") {
    const std::string text =
        GENERATE(as<std::string>(), "", "-1", "1.5GiB", "GiB", "64 GiB", "64GiBs", "64XB", "1e3", "0",
                 "1125899906842625", "16EiB", "17000000000000PiB", "18446744073709551616");
    CAPTURE(text);
    std::string changed = text;
    CHECK(size_between(1, 1ULL << 50)(changed) ==
          "'" + text + "' is not a size such as 64GiB, from 1 to 1125899906842624 bytes");
    CHECK(changed == text);
}
