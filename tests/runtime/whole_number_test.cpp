#include "runtime/whole_number.hpp"

#include <catch2/catch.hpp>

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
