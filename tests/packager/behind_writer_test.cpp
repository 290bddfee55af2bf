#include "packager/behind_writer.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <fcntl.h>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Fault;
using packager::BehindWriter;
using packager::Target;
using runtime::FileDescriptor;

namespace {

void write_all(const Target& target, const std::string& bytes) {
    BehindWriter writer(target, bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        std::vector<char>& buffer = writer.buffer();
        const std::size_t length = std::min(buffer.size(), bytes.size() - at);
        std::copy_n(bytes.data() + at, length, buffer.data());
        writer.write(length, at);
        at += length;
    }
    writer.finish();
}

} // namespace

TEST_CASE("what is written behind stands where it belongs", "[packager][behind_writer]") {
    const auto size = static_cast<std::size_t>(
        GENERATE(1, 1 << 20, (1 << 20) + 1, (16 << 20) - 1, 16 << 20, (21 << 20) + 77));
    CAPTURE(size);
    const tests::TempDir folder;
    const std::string bytes = tests::sample_bytes(size, 5);
    const FileDescriptor file(::open((folder / "out").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    write_all({&file, 4096, "out"}, bytes);
    const std::string found = tests::read_file(folder / "out");
    CHECK(found.size() == 4096 + size);
    CHECK(found.compare(4096, std::string::npos, bytes) == 0);
}

TEST_CASE("a piece that cannot be written is an error, from whichever thread", "[packager][behind_writer]") {
    const auto size = static_cast<std::size_t>(GENERATE(5, 40 << 20));
    const tests::TempDir folder;
    tests::write_file(folder / "out", "");
    const FileDescriptor file(::open((folder / "out").c_str(), O_RDONLY | O_CLOEXEC));
    CHECK_THROWS_MATCHES(write_all({&file, 0, "out"}, std::string(size, 'x')), manifests::Error,
                         tests::faults_with(Fault::io));
}

TEST_CASE("a writer that is given up does not wait", "[packager][behind_writer]") {
    const tests::TempDir folder;
    const FileDescriptor file(::open((folder / "out").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const Target target{&file, 0, "out"};
    {
        BehindWriter writer(target, 64 << 20);
        writer.buffer();
        writer.write(BehindWriter::piece_bytes, 0);
        writer.buffer();
    }
    CHECK(tests::read_file(folder / "out").size() <= BehindWriter::piece_bytes);
}

TEST_CASE("without a target the bytes go nowhere", "[packager][behind_writer]") {
    const Target nowhere;
    CHECK_NOTHROW(write_all(nowhere, std::string(20 << 20, 'x')));
}
