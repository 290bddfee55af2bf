#include "runtime/sealed_file.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Code;
using manifests::Digest;
using manifests::Fault;
using runtime::BlobAt;
using runtime::FileDescriptor;
using tests::faults_with;

namespace {

BlobAt blob_in(const std::string& path, std::uint64_t offset, std::uint64_t size_bytes) {
    return {std::make_shared<FileDescriptor>(runtime::open_to_read(path)), offset, size_bytes, "it"};
}

} // namespace

TEST_CASE("a sealed file holds the bytes at the offset and nobody can change it", "[runtime][sealed_file]") {
    const tests::TempDir folder;
    const std::string bytes(3'000'000, 'b'); // several pieces
    tests::write_file(folder / "file", "front" + bytes + "back");
    const FileDescriptor sealed =
        runtime::seal(blob_in(folder / "file", 5, bytes.size()), Digest::of(bytes), "kernels/a.so");
    const std::string path = runtime::inherited_path(sealed.get());
    CHECK(tests::read_file(path) == bytes);
    CHECK(::write(sealed.get(), "x", 1) == -1);
    CHECK(::ftruncate(sealed.get(), 0) == -1);
    CHECK(::ftruncate(sealed.get(), 4'000'000) == -1);
    CHECK(::fcntl(sealed.get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == -1);
    CHECK(::mmap(nullptr, 4096, PROT_WRITE, MAP_SHARED, sealed.get(), 0) == MAP_FAILED);
    const FileDescriptor again(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (again) CHECK(::write(again.get(), "x", 1) == -1); // root may open it for writing, to no effect
    CHECK((::fcntl(sealed.get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(tests::read_file(path) == bytes);
}

TEST_CASE("bytes that are not the promised ones are not sealed", "[runtime][sealed_file]") {
    const tests::TempDir folder;
    tests::write_file(folder / "file", "bytes");
    REQUIRE_THROWS_MATCHES(runtime::seal(blob_in(folder / "file", 0, 5), Digest::of("other"), "x"),
                           manifests::Error, faults_with(Fault::damaged, Code::content_digest));
    REQUIRE_THROWS_MATCHES(runtime::seal(blob_in(folder / "file", 1, 4), Digest::of("bytes"), "x"),
                           manifests::Error, faults_with(Fault::damaged, Code::content_digest));
    REQUIRE_THROWS_MATCHES(runtime::seal(blob_in(folder / "file", 0, 6), Digest::of("bytes"), "x"),
                           manifests::Error, faults_with(Fault::damaged, Code::format_truncated));
}

TEST_CASE("an empty file and one with a very long name can be sealed", "[runtime][sealed_file]") {
    const tests::TempDir folder;
    tests::write_file(folder / "empty", "");
    CHECK(runtime::seal(blob_in(folder / "empty", 0, 0), Digest::of(""), std::string(4000, 'n')));
}
