// How much room there is, and when it is taken.

#include "runtime/disk_space.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Fault;
using runtime::FileDescriptor;
using runtime::Space;
using tests::faults_with;

namespace {

FileDescriptor create(const std::string& path) {
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    REQUIRE(file);
    return file;
}

} // namespace

TEST_CASE("reserved space has the size and reads as zeros", "[runtime][disk_space]") {
    const tests::TempDir folder;
    const std::string path = folder / "out";
    const FileDescriptor file = create(path);
    const std::uint64_t size = GENERATE(1U, 4096U, 100'001U);
    runtime::set_size(file, size, Space::reserved, path);
    CHECK(tests::read_file(path) == std::string(size, '\0'));
}

TEST_CASE("the holes of a stretch are counted, of large ones", "[runtime][disk_space]") {
    constexpr std::uint64_t mib = 1 << 20;
    const tests::TempDir folder;
    const std::string path = folder / "out";
    const auto file = std::make_shared<const FileDescriptor>(create(path));
    runtime::set_size(*file, 8 * mib, Space::as_written, path);
    const std::string bytes = tests::sample_bytes(mib, 7);
    runtime::write_at(*file, bytes.data(), bytes.size(), 2 * mib, path);
    const auto holes = [&](std::uint64_t offset, std::uint64_t size_bytes) {
        return runtime::hole_bytes({file, offset, size_bytes, path});
    };
    CHECK(holes(0, 8 * mib) == 7 * mib);
    CHECK(holes(2 * mib, mib) == 0);
    CHECK(holes(mib, 3 * mib) == 2 * mib);
    CHECK(holes(2 * mib + mib / 2, mib) == mib / 2);
    CHECK(holes(4 * mib, 2 * mib) == 2 * mib);
    CHECK(holes(7 * mib, 5 * mib) == 5 * mib); // what is not there takes no room either
    CHECK(holes(4 * mib, mib - 1) == 0);
}

TEST_CASE("a device has no holes", "[runtime][disk_space]") {
    const auto device = std::make_shared<const FileDescriptor>(runtime::open_to_read("/dev/null"));
    const std::uint64_t offset = GENERATE(0U, 512U);
    CHECK(runtime::hole_bytes({device, offset, 2 << 20, "/dev/null"}) == 0);
}

TEST_CASE("more than the disk has is refused before anything is written", "[runtime][disk_space]") {
    const tests::TempDir folder;
    CHECK_NOTHROW(runtime::refuse_full_disk(folder.path(), 0));
    CHECK_NOTHROW(runtime::refuse_full_disk(folder.path(), 4096));
    struct statfs status {};
    REQUIRE(::statfs(folder.path().c_str(), &status) == 0);
    const bool known = status.f_type == EXT4_SUPER_MAGIC || status.f_type == TMPFS_MAGIC;
    const std::uint64_t over = (status.f_blocks + 1) * static_cast<std::uint64_t>(status.f_bsize);
    if (known)
        CHECK_THROWS_MATCHES(runtime::refuse_full_disk(folder.path(), over), manifests::Error,
                             faults_with(Fault::io));
    CHECK_THROWS_MATCHES(runtime::refuse_full_disk(folder / "none", 0), manifests::Error,
                         faults_with(Fault::io));
}
