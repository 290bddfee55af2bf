// Bytes that are read past the page cache are the same bytes; and the end of a file is where it is.

#include "runtime/direct_file.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <fcntl.h>

#include "manifests/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using runtime::BlobAt;
using runtime::DirectBuffer;
using runtime::DirectFile;
using runtime::FileDescriptor;

namespace {

constexpr std::size_t all_bytes = (1 << 20) + 777;

std::string noise() {
    std::string bytes(all_bytes, '\0');
    std::uint32_t state = 2463534242; // xorshift32
    for (char& byte : bytes) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        byte = static_cast<char>(state & 0xff);
    }
    return bytes;
}

BlobAt blob_of(const std::string& path, std::uint64_t offset = 0) {
    return {std::make_shared<const FileDescriptor>(runtime::open_to_read(path)), offset, all_bytes - offset,
            path};
}

// Not every file system that tests run on has such a way: /tmp may be memory.
bool has_direct_way(const std::string& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
    DirectBuffer buffer(DirectBuffer::alignment_bytes);
    return file && ::pread(file.get(), buffer.data(), DirectBuffer::alignment_bytes, 0) ==
                       static_cast<ssize_t>(DirectBuffer::alignment_bytes);
}

std::string read(const DirectFile& file, std::size_t length_bytes, std::uint64_t offset) {
    DirectBuffer buffer(length_bytes);
    const std::size_t got = file.read(buffer.data(), length_bytes, offset);
    REQUIRE(got <= length_bytes);
    return {reinterpret_cast<const char*>(buffer.data()), got};
}

} // namespace

TEST_CASE("read past the cache or through it, the bytes are those of the file", "[runtime][direct_file]") {
    const tests::TempDir folder;
    const std::string path = folder / "file";
    const std::string bytes = noise();
    tests::write_file(path, bytes);
    for (const std::uint64_t start : {0U, 4096U, 512U, 1U}) {
        const BlobAt blob = blob_of(path, start);
        const DirectFile file(blob);
        for (const std::uint64_t offset : {0U, 4096U, 524288U, 1048576U - 4096U, 1U, 513U, 5000U}) {
            for (const std::size_t length : {1U, 511U, 4096U, 4097U, 524288U}) {
                CAPTURE(start, offset, length);
                tests::drop_from_cache(path);
                const std::string wanted = bytes.substr(start + offset, length);
                REQUIRE(read(file, length, offset) == wanted);
            }
        }
    }
}

TEST_CASE("a file that ends early gives what it has", "[runtime][direct_file]") {
    const tests::TempDir folder;
    const std::string path = folder / "file";
    const std::string bytes = noise();
    tests::write_file(path, bytes);
    const BlobAt blob = blob_of(path);
    const DirectFile file(blob);
    for (const std::size_t left : {1048576U, 1048575U, 524288U + 4096U, 524288U + 1U, 524288U, 100U, 0U}) {
        tests::resize_file(path, left);
        tests::drop_from_cache(path);
        CAPTURE(left);
        const std::size_t wanted = left > 524288 ? left - 524288 : 0;
        REQUIRE(read(file, 524288 + 777, 524288) == bytes.substr(524288, wanted));
    }
}

TEST_CASE("what the cache has is read from there, and only whole pages past it", "[runtime][direct_file]") {
    const tests::TempDir folder;
    const std::string path = folder / "file";
    tests::write_file(path, noise());
    const BlobAt blob = blob_of(path);
    const DirectFile file(blob);
    CHECK_FALSE(file.wants(0, 524288)); // it was written just now
    const BlobAt inside = blob_of(path, 100);
    CHECK_FALSE(DirectFile(inside).wants(0, 524288));
    if (!has_direct_way(path)) return;
    tests::drop_from_cache(path);
    CHECK(file.wants(0, 524288));
    CHECK_FALSE(file.wants(1, 524288));
    CHECK_FALSE(DirectFile(inside).wants(0, 524288));
    CHECK(DirectFile(inside).wants(4096 - 100, 524288));
    CHECK(read(file, 524288, 0).size() == 524288);
    CHECK(file.wants(0, 524288)); // reading it has left nothing behind
}

TEST_CASE("a folder has no bytes on this way either", "[runtime][direct_file]") {
    const tests::TempDir folder;
    const BlobAt blob{std::make_shared<const FileDescriptor>(
                          ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
                      0, 4096, folder.path()};
    const DirectFile file(blob);
    DirectBuffer buffer(4096);
    REQUIRE_THROWS_AS(file.read(buffer.data(), 4096, 0), manifests::Error);
}
