#include "manifests/base64.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/faults.hpp"
#include "tests/support/process.hpp"

using manifests::Fault;
using manifests::from_base64;
using manifests::to_base64;
using tests::faults_with;

TEST_CASE("base64 is that of RFC 4648, section 10", "[manifests][base64]") {
    const auto [bytes, text] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/"},
        {std::string("\0\0\0", 3), "AAAA"},
    }));
    REQUIRE(to_base64(bytes) == text);
    REQUIRE(from_base64(text) == bytes);
}

TEST_CASE("base64 that we would not write is refused", "[manifests][base64]") {
    const auto [why, text] = GENERATE(table<std::string, std::string>({
        {"one digit", "Z"},
        {"padding left out", "Zg"},
        {"half of the padding", "Zg="},
        {"padding left out of three", "Zm8"},
        {"too much padding", "Zg==="},
        {"padding of whole groups", "Zm9v===="},
        {"only padding", "===="},
        {"padding first", "=Zm9"},
        {"padding inside", "Zg==Zg=="},
        {"spare bits that are not zero", "Zh=="},
        {"spare bits that are not zero, of three", "Zm9="},
        {"URL alphabet", "-_-_"},
        {"space", "Zm9v Zm9v"},
        {"line feed at the end", "Zm9v\n"},
        {"line feed in front", "\nZm9v"},
        {"carriage return", "Zm9v\r\nZm9v"},
        {"NUL", std::string("Zm9v\0", 5)},
        {"NUL for a digit", std::string("Zm9\0", 4)},
        {"not ASCII", "Zm9\xff"},
        {"comma", "Zm9,"},
        {"one digit more", "Zm9vY"},
    }));
    CAPTURE(why);
    REQUIRE_THROWS_MATCHES(from_base64(text), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("openssl reads what we write, for every length of the last group", "[manifests][base64]") {
    const std::size_t length_bytes = GENERATE(as<std::size_t>{}, 1, 2, 3, 255, 256, 257, 10'000);
    std::string bytes;
    for (std::size_t i = 0; i < length_bytes; ++i)
        bytes += static_cast<char>((i * 167) & 0xff);
    const std::string text = to_base64(bytes);
    REQUIRE(from_base64(text) == bytes);
    const auto openssl =
        tests::run({"openssl", "base64", "-A", "-e"}, {.input = bytes, .environment = {}, .folder = ""});
    REQUIRE(openssl.status == 0);
    REQUIRE(openssl.out == text);
}
