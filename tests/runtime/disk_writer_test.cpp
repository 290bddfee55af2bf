// Whichever way bytes go to the disk, they are the same bytes, and what lies beside them stays.

#include "runtime/disk_writer.hpp"

#include <algorithm>
#include <csignal>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/resource.h>

#include "manifests/error.hpp"
#include "runtime/disk_space.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Fault;
using runtime::Cache;
using runtime::DirectBuffer;
using runtime::DiskWriter;
using runtime::FileDescriptor;
using runtime::Space;
using tests::faults_with;

namespace {

constexpr std::size_t page_bytes = DirectBuffer::alignment_bytes;

FileDescriptor create(const std::string& path) {
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    REQUIRE(file);
    return file;
}

const char* aligned_copy(DirectBuffer& buffer, std::string_view bytes) {
    std::copy(bytes.begin(), bytes.end(), buffer.data());
    return reinterpret_cast<const char*>(buffer.data());
}

// Not every file system that tests run on has such a way: /tmp may be memory.
bool has_direct_way(const std::string& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC));
    DirectBuffer buffer(page_bytes);
    return file && ::pwrite(file.get(), buffer.data(), page_bytes, 0) == static_cast<ssize_t>(page_bytes);
}

bool is_cached(const std::string& path, std::uint64_t size_bytes) {
    const runtime::BlobAt blob{std::make_shared<const FileDescriptor>(runtime::open_to_read(path)), 0,
                               size_bytes, path};
    return !runtime::DirectFile(blob).wants(0, static_cast<std::size_t>(size_bytes));
}

// A limit on the size of files, as a full disk would be, for as long as this lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t most_bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit less{most_bytes, before_.rlim_max};
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &less);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int);
};

} // namespace

TEST_CASE("written past the cache or into it, from wherever, the bytes are the same",
          "[runtime][disk_writer]") {
    const auto cache = GENERATE(Cache::keep, Cache::pass);
    const std::uint64_t start = GENERATE(0U, 4096U, 512U, 1U);
    const std::size_t skew = GENERATE(0U, 1U, 512U); // of the memory
    CAPTURE(cache == Cache::pass, start, skew);
    const tests::TempDir folder;
    const std::string path = folder / "out";
    const std::string bytes = tests::sample_bytes((2 << 20) + 777, 3);
    const FileDescriptor file = create(path);
    DiskWriter writer(file, cache);
    const std::size_t piece_bytes = 256 << 10;
    std::vector<std::size_t> order;
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes)
        order.push_back(at);
    std::reverse(order.begin(), order.end()); // whatever comes first
    const auto write = [&](std::size_t first) {
        DirectBuffer buffer(piece_bytes + page_bytes);
        for (std::size_t i = first; i < order.size(); i += 2) {
            const std::string_view piece = std::string_view(bytes).substr(order[i], piece_bytes);
            std::copy(piece.begin(), piece.end(), buffer.data() + skew);
            writer.write(reinterpret_cast<const char*>(buffer.data()) + skew, piece.size(), start + order[i],
                         path);
        }
    };
    std::thread other(write, 1);
    write(0);
    other.join();
    writer.finish(path);
    runtime::sync(file, path);
    CHECK(tests::read_file(path) == std::string(start, '\0') + bytes);
    tests::drop_from_cache(path); // and what the disk has is that as well
    CHECK(tests::read_file(path) == std::string(start, '\0') + bytes);
}

TEST_CASE("what others wrote into the pages before and behind stays", "[runtime][disk_writer]") {
    const tests::TempDir folder;
    const std::string path = folder / "out";
    const FileDescriptor file = create(path);
    const std::size_t tail = 100;
    const std::string bytes = tests::sample_bytes(4 * page_bytes + tail, 4);
    const std::uint64_t at = 2 * page_bytes;
    runtime::set_size(file, at + 8 * page_bytes, Space::reserved, path);
    runtime::write_at(file, "before", 6, at - 6, path);
    runtime::write_at(file, "behind", 6, at + bytes.size(), path);
    DiskWriter writer(file, Cache::pass);
    DirectBuffer buffer(bytes.size());
    writer.write(aligned_copy(buffer, bytes), bytes.size(), at, path);
    writer.finish(path);
    const std::string found = tests::read_file(path);
    CHECK(found.substr(at - 6, 6 + bytes.size() + 6) == "before" + bytes + "behind");
    CHECK(found.size() == at + 8 * page_bytes);
}

TEST_CASE("the cache is passed only if that was wanted", "[runtime][disk_writer]") {
    const tests::TempDir folder;
    const std::string path = folder / "out";
    const std::string bytes = tests::sample_bytes(1 << 20, 5);
    DirectBuffer buffer(bytes.size());
    const FileDescriptor file = create(path);
    const bool direct = has_direct_way(path);
    const auto cache = GENERATE(Cache::keep, Cache::pass);
    DiskWriter writer(file, cache);
    writer.write(aligned_copy(buffer, bytes), bytes.size(), 0, path);
    writer.finish(path);
    CHECK(is_cached(path, bytes.size()) == (cache == Cache::keep || !direct));
    CHECK(tests::read_file(path) == bytes);
}

TEST_CASE("a small bundle stays in the cache, a large one does not come there", "[runtime][disk_writer]") {
    CHECK(runtime::cache_for_writing(0) == Cache::keep);
    CHECK(runtime::cache_for_writing((512ULL << 20) - 1) == Cache::keep);
    CHECK(runtime::cache_for_writing(512ULL << 20) == Cache::pass);
    CHECK(runtime::cache_for_writing(700'000'000'000) == Cache::pass);
}

TEST_CASE("no room is an error, before the first byte and in the middle", "[runtime][disk_writer]") {
    const tests::TempDir folder;
    const std::string path = folder / "out";
    const FileDescriptor file = create(path);
    const auto cache = GENERATE(Cache::keep, Cache::pass);
    const std::string bytes = tests::sample_bytes(1 << 20, 6);
    DirectBuffer buffer(bytes.size());
    const char* const data = aligned_copy(buffer, bytes);
    const FileSizeLimit limit((512 << 10) + 100);
    CHECK_THROWS_MATCHES(runtime::set_size(file, 1 << 20, Space::reserved, path), manifests::Error,
                         faults_with(Fault::io));
    DiskWriter writer(file, cache);
    CHECK_THROWS_MATCHES(writer.write(data, bytes.size(), 0, path), manifests::Error, faults_with(Fault::io));
    CHECK_NOTHROW(writer.write(data, page_bytes, 0, path));
}

TEST_CASE("what gets its space as it is written has holes where zeros are", "[runtime][disk_writer]") {
    const tests::TempDir folder;
    const std::string path = folder / "out";
    const FileDescriptor file = create(path);
    const auto cache = GENERATE(Cache::keep, Cache::pass);
    const std::size_t piece_bytes = 1 << 20;
    runtime::set_size(file, 3 * piece_bytes + 1, Space::as_written, path);
    CHECK(tests::blocks_of(path) == 0);
    const std::string bytes = tests::sample_bytes(piece_bytes, 7);
    DirectBuffer buffer(piece_bytes);
    DiskWriter writer(file, cache);
    writer.write(aligned_copy(buffer, bytes), piece_bytes, piece_bytes, path);
    const std::string zeros(piece_bytes, '\0');
    for (const std::size_t at : {std::size_t{0}, 2 * piece_bytes})
        writer.write(aligned_copy(buffer, zeros), piece_bytes, at, path);
    writer.write(zeros.data(), 1, 3 * piece_bytes, path);
    writer.finish(path);
    runtime::sync(file, path);
    CHECK(tests::read_file(path) == zeros + bytes + zeros + '\0');
    CHECK(tests::blocks_of(path) <= 2 * piece_bytes / 512);
}
