#include "manifests/tar_header.hpp"

#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using manifests::tar_header;

namespace {

// The first block that its "gnutar" writer puts out for a regular file.
std::string header_of_libarchive(const std::string& name, std::uint64_t size_bytes) {
    // Before the writer, which writes into them until it is freed.
    std::string bytes(4096, '\0');
    std::size_t used = 0;
    const std::unique_ptr<archive, int (*)(archive*)> writer(::archive_write_new(), ::archive_write_free);
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(::archive_entry_new(),
                                                                         ::archive_entry_free);
    REQUIRE(::archive_write_set_format_gnutar(writer.get()) == ARCHIVE_OK);
    REQUIRE(::archive_write_set_bytes_per_block(writer.get(), 0) == ARCHIVE_OK);
    REQUIRE(::archive_write_open_memory(writer.get(), bytes.data(), bytes.size(), &used) == ARCHIVE_OK);
    ::archive_entry_set_pathname(entry.get(), name.c_str());
    ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size_bytes));
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_entry_set_perm(entry.get(), 0644);
    ::archive_entry_set_mtime(entry.get(), 0, 0);
    REQUIRE(::archive_write_header(writer.get(), entry.get()) == ARCHIVE_OK);
    REQUIRE(used == 512);
    // Freed as it is: the zeros that libarchive adds for the data find no room. (archive_write_fail leaks.)
    return bytes.substr(0, 512);
}

} // namespace

TEST_CASE("a tar header is one GNU block with fixed modes, owners and time", "[manifests][tar_header]") {
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

TEST_CASE("sizes over 8 GiB take base 256, never a second header", "[manifests][tar_header]") {
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

TEST_CASE("a name that needs more than one header is our own mistake", "[manifests][tar_header]") {
    CHECK(tar_header(std::string(99, 'n'), 0).size() == 512);
    for (const std::size_t length : {std::size_t{0}, std::size_t{100}, std::size_t{101}}) {
        REQUIRE_THROWS_MATCHES(tar_header(std::string(length, 'n'), 0), manifests::Error,
                               tests::faults_with(manifests::Fault::internal));
    }
}

TEST_CASE("a header is read as it was written, and with any bit flipped not at all",
          "[manifests][tar_header]") {
    for (const std::uint64_t size :
         std::vector<std::uint64_t>{0, 1234, (1ULL << 33) - 1, 1ULL << 33, 1ULL << 62}) {
        CAPTURE(size);
        std::string block = tar_header("blobs/sha256/x", size);
        const auto claim = manifests::read_tar_header(block);
        REQUIRE(claim);
        CHECK(claim->name == "blobs/sha256/x");
        CHECK(claim->size_bytes == size);
        CHECK(manifests::has_tar_checksum(block));
        for (std::size_t bit = 0; bit < 8 * block.size(); ++bit) {
            char& byte = block[bit / 8];
            byte = static_cast<char>(byte ^ (1 << (bit % 8)));
            if (manifests::read_tar_header(block)) FAIL_CHECK("bit " << bit << " does not count");
            byte = static_cast<char>(byte ^ (1 << (bit % 8)));
        }
    }
    CHECK_FALSE(manifests::read_tar_header(std::string(512, '\0')));
    CHECK_FALSE(manifests::read_tar_header(std::string(512, 'x')));
    CHECK_FALSE(manifests::read_tar_header(std::string(512, '\xff')));
    CHECK_FALSE(manifests::has_tar_checksum(std::string(512, '\0')));
}

TEST_CASE("a header is the one that libarchive writes for GNU tars", "[manifests][tar_header]") {
    const auto [name, size] = GENERATE(table<std::string, std::uint64_t>({
        {"oci-layout", 30},
        {"index.json", 0},
        {"sealift-padding/00000001", 52'224},
        {"blobs/sha256/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", 5},
        {std::string(99, 'n'), 1},
        {"blobs/sha256/large", (1ULL << 33) - 1},
        {"blobs/sha256/larger", 1ULL << 33},
        {"blobs/sha256/9-gib", 9ULL << 30},
        {"blobs/sha256/huge", 1ULL << 61},
    }));
    CAPTURE(name, size);
    CHECK(tar_header(name, size) == header_of_libarchive(name, size));
}
