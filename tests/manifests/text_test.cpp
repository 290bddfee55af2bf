#include "manifests/text.hpp"

#include <cstdint>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/faults.hpp"

using manifests::escaped;
using manifests::Fault;
using manifests::from_hex;
using manifests::in_quotes;
using manifests::is_utf8;
using manifests::size_text;
using manifests::to_hex;
using tests::faults_with;

TEST_CASE("what could move a cursor or mislead an eye is shown as an escape", "[manifests][text]") {
    const auto [why, text, wanted] = GENERATE(table<std::string, std::string, std::string>({
        {"clear screen", "a\x1b[2Jb", "a\\x1b[2Jb"},
        {"window title", "\x1b]0;root\x07", "\\x1b]0;root\\x07"},
        {"line feed", "a\nb", "a\\nb"},
        {"carriage return", "good\rbad", "good\\rbad"},
        {"tab", "a\tb", "a\\tb"},
        {"backspace", "a\bb", "a\\x08b"},
        {"delete", "a\x7f", "a\\x7f"},
        {"NUL", std::string("a\0b", 3), "a\\x00b"},
        {"backslash, or an escape could be forged", "\\x1b", "\\\\x1b"},
        {"eight-bit control sequence introducer", "\u009b2J", "\\u009b2J"},
        {"next line", "\u0085", "\\u0085"},
        {"right-to-left override", "gpj.\u202eexe", "gpj.\\u202eexe"},
        {"left-to-right override", "\u202d", "\\u202d"},
        {"isolate", "\u2066a\u2069", "\\u2066a\\u2069"},
        {"arabic letter mark", "\u061c", "\\u061c"},
        {"line separator", "a\u2028b", "a\\u2028b"},
        {"zero width space", "a\u200bb", "a\\u200bb"},
        {"word joiner", "a\u2060b", "a\\u2060b"},
        {"soft hyphen", "a\u00adb", "a\\u00adb"},
        {"byte order mark", "\ufeff", "\\ufeff"},
        {"tag character", "a\U000e0041b", "a\\U000e0041b"},
        {"byte that is not UTF-8", "a\xff", "a\\xff"},
        {"overlong slash", "\xc0\xaf", "\\xc0\\xaf"},
        {"overlong NUL of three bytes", "\xe0\x80\x80", "\\xe0\\x80\\x80"},
        {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"above U+10FFFF", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
        {"cut in the middle of a character", "\xe2\x82", "\\xe2\\x82"},
        {"lone continuation, not the same as U+0085", "\x85", "\\x85"},
    }));
    CAPTURE(why);
    REQUIRE(escaped(text) == wanted);
    REQUIRE(in_quotes(text) == "'" + wanted + "'");
}

TEST_CASE("ordinary text of every script is shown as it is", "[manifests][text]") {
    const std::string text = GENERATE(as<std::string>(), "", "plain text", "caf\u00e9", "\u65e5\u672c\u8a9e",
                                      "\u05e9\u05dc\u05d5\u05dd", "\U0001f680", "a'b\"c", "~!@#$%^&*()");
    REQUIRE(escaped(text) == text);
}

TEST_CASE("long text is cut, and never inside a character or an escape", "[manifests][text]") {
    REQUIRE(escaped(std::string(200, 'x')) == std::string(200, 'x'));
    REQUIRE(escaped(std::string(201, 'x')) == std::string(200, 'x') + "...");
    REQUIRE(escaped("abcdef", 3) == "abc...");
    REQUIRE(escaped("abc", 3) == "abc");
    REQUIRE(escaped("", 0).empty());
    REQUIRE(escaped("\u20ac\u20ac\u20ac", 4) == "\u20ac\u20ac...");
    REQUIRE(escaped("\x01\x02\x03", 5) == "\\x01\\x02...");
    REQUIRE(escaped(std::string(64 << 20, '\x1b')).size() < 210);
}

TEST_CASE("UTF-8 is well-formed or it is not UTF-8", "[manifests][text]") {
    const auto [text, wanted] = GENERATE(table<std::string, bool>({
        {"", true},
        {"ascii", true},
        {"\u0080", true},
        {"\u07ff\u0800\uffff", true},
        {"\U00010000\U0010ffff", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\x80", false},
        {"\xbf\xbf", false},
        {"\xc0\x80", false},
        {"\xc1\xbf", false},
        {"\xe0\x9f\xbf", false},
        {"\xed\xa0\x80", false},
        {"\xed\xbf\xbf", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xf8\x88\x80\x80\x80", false},
        {"\xfe", false},
        {"\xff", false},
        {"\xc3", false},
        {"\xe2\x82", false},
        {"\xf0\x9f\x9a", false},
        {"\xc3\x28", false},
        {"\xe2\x28\xa1", false},
    }));
    CAPTURE(to_hex(text));
    REQUIRE(is_utf8(text) == wanted);
}

TEST_CASE("sizes are shown in the units that disks are sold in", "[manifests][text]") {
    const auto [size_bytes, wanted] = GENERATE(table<std::uint64_t, std::string>({
        {0, "0 B"},
        {1, "1 B"},
        {999, "999 B"},
        {1000, "1.0 kB"},
        {1024, "1.0 kB"},
        {1250, "1.2 kB"},
        {99'949, "99.9 kB"},
        {99'960, "100 kB"},
        {999'499, "999 kB"},
        {999'700, "1.0 MB"},
        {999'949, "1.0 MB"},
        {1'000'000, "1.0 MB"},
        {8'589'934'592, "8.6 GB"},
        {700'000'000'000, "700 GB"},
        {999'999'999'999, "1.0 TB"},
        {9'223'372'036'854'775'807, "9.2 EB"},
        {18'446'744'073'709'551'615U, "18.4 EB"},
    }));
    CAPTURE(size_bytes);
    REQUIRE(size_text(size_bytes) == wanted);
}

TEST_CASE("exact numbers have commas between thousands", "[manifests][text]") {
    using Row = std::pair<std::uint64_t, std::string>;
    const Row row = GENERATE(Row{0, "0"}, Row{999, "999"}, Row{1000, "1,000"}, Row{81920, "81,920"},
                             Row{123456, "123,456"}, Row{~std::uint64_t{0}, "18,446,744,073,709,551,615"});
    CHECK(manifests::count_text(row.first) == row.second);
}

TEST_CASE("hex goes there and back, for every byte", "[manifests][text]") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    REQUIRE(from_hex(to_hex(all)) == all);
    REQUIRE(to_hex(std::string("\x00\x0f\xf0\xff", 4)) == "000ff0ff");
    REQUIRE(from_hex("").empty());
}

TEST_CASE("hex that we would not write is refused", "[manifests][text]") {
    const std::string hex = GENERATE(as<std::string>(), "a", "abc", "AB", "0G", "g0", "0x", " 0", "0 ", "a\n",
                                     std::string("0\0", 2), "\xff\xff");
    CAPTURE(hex);
    REQUIRE_THROWS_MATCHES(from_hex(hex), manifests::Error, faults_with(Fault::damaged));
}
