#include "manifests/json_stream.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "tests/support/faults.hpp"

using manifests::Fault;
using manifests::JsonStream;
using tests::faults_with;

namespace {

std::string written(const std::function<void(JsonStream&)>& write) {
    std::string text;
    JsonStream json([&](std::string_view piece) { text += piece; });
    write(json);
    json.flush();
    return text;
}

std::string written_text(std::string_view value) {
    return written([&](JsonStream& json) { json.text(value); });
}

} // namespace

TEST_CASE("streamed JSON has its commas where they belong", "[manifests][json]") {
    const std::string text = written([](JsonStream& json) {
        json.open_object();
        json.name("a");
        json.open_list();
        json.close_list();
        json.name("b");
        json.open_list();
        json.text("1");
        json.open_object();
        json.close_object();
        json.open_object();
        json.member("c", "");
        json.member_unless_empty("d", "");
        json.member_unless_empty("e", "2");
        json.close_object();
        json.literal("3");
        json.close_list();
        json.name("f");
        json.literal("true");
        json.close_object();
    });
    CHECK(text == R"({"a":[],"b":["1",{},{"c":"","e":"2"},3],"f":true})");
}

TEST_CASE("streamed text is spelled as the other writer spells it", "[manifests][json]") {
    for (int byte = 0; byte < 0x80; ++byte) {
        const std::string text = "a" + std::string(1, static_cast<char>(byte)) + "b";
        CAPTURE(byte);
        CHECK(written_text(text) == manifests::write_json(text));
    }
    const std::string text = GENERATE(
        values<std::string>({"", "\"", "\\\\", "\xc2\x80", "\xe2\x82\xac\n\xf4\x8f\xbf\xbf", "\xef\xbb\xbf",
                             "\xef\xbf\xbf", "a long text with \"quotes\" and d\xc3\xa9p\xc3\xb4t"}));
    CHECK(written_text(text) == manifests::write_json(text));
}

TEST_CASE("streamed text that is not UTF-8 is refused", "[manifests][json]") {
    const std::string text = GENERATE(values<std::string>(
        {"\xff", "a\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}));
    REQUIRE_THROWS_MATCHES(written_text(text), manifests::Error, faults_with(Fault::internal));
}

TEST_CASE("a long stream comes in pieces that are not longer than they have to be", "[manifests][json]") {
    std::size_t longest_bytes = 0;
    std::size_t pieces = 0;
    JsonStream json([&](std::string_view piece) {
        longest_bytes = std::max(longest_bytes, piece.size());
        ++pieces;
    });
    json.open_list();
    for (int i = 0; i < 100'000; ++i)
        json.text("0123456789");
    json.close_list();
    json.flush();
    json.flush(); // nothing is left
    CHECK(longest_bytes < 66'000);
    CHECK(pieces == 20);
}
