#include "runtime/tar_header.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using runtime::tar_header;

TEST_CASE("a tar header is one GNU block with fixed modes, owners and time", "[runtime][tar_header]") {
    const std::string header = tar_header("blobs/sha256/x", 1234);
    REQUIRE(header.size() == 512);
    const auto field = [&](std::size_t at, std::size_t length) { return header.substr(at, length); };
    CHECK(field(0, 15) == std::string("blobs/sha256/x\0", 15));
    CHECK(field(100, 8) == std::string("0000644\0", 8));
    CHECK(field(108, 6) == "000000");
    CHECK(field(116, 6) == "000000");
    CHECK(std::stoul(field(124, 11), nullptr, 8) == 1234);
    CHECK(std::stoul(field(136, 11), nullptr, 8) == 0);
    CHECK(header[156] == '0');
    CHECK(field(257, 8) == std::string("ustar  \0", 8));
    CHECK(field(265, 64) == std::string(64, '\0')); // no user and group names
    CHECK(field(345, 167) == std::string(167, '\0'));
    unsigned sum = 8 * ' ';
    for (std::size_t i = 0; i < 512; ++i) {
        if (i < 148 || i >= 156) sum += static_cast<unsigned char>(header[i]);
    }
    CHECK(std::stoul(field(148, 6), nullptr, 8) == sum);
}

TEST_CASE("sizes over 8 GiB take base 256, never a second header", "[runtime][tar_header]") {
    const std::uint64_t most_octal = (1ULL << 33) - 1;
    CHECK(tar_header("x", most_octal).substr(124, 11) == "77777777777");
    for (const std::uint64_t size : {most_octal + 1, std::uint64_t{1} << 40, (std::uint64_t{1} << 62)}) {
        const std::string header = tar_header("x", size);
        REQUIRE(header.size() == 512);
        CHECK(static_cast<unsigned char>(header[124]) == 0x80);
        std::uint64_t read = 0;
        for (std::size_t i = 128; i < 136; ++i)
            read = read << 8 | static_cast<unsigned char>(header[i]);
        CHECK(read == size);
    }
}

TEST_CASE("a name that needs more than one header is our own mistake", "[runtime][tar_header]") {
    CHECK(tar_header(std::string(100, 'n'), 0).size() == 512);
    REQUIRE_THROWS_MATCHES(tar_header(std::string(101, 'n'), 0), manifests::Error,
                           tests::faults_with(manifests::Fault::internal));
}
