// One flipped bit anywhere in a bundle is refused, with a code. The bytes that make up structure (headers,
// padding, documents, closing blocks) are tried one by one, the long stretches of file content in steps.

#include <algorithm>
#include <filesystem>
#include <set>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "manifests/tar_layout.hpp"
#include "runtime/bundle.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/verdict.hpp"

using runtime::Bundle;
using tests::make_sample;
using tests::SampleOptions;
using tests::TempDir;
using tests::verdict_on;

namespace {

class OpenFile {
public:
    explicit OpenFile(const std::string& path) : number_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
        REQUIRE(number_ >= 0);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile() { ::close(number_); }
    void flip(std::uint64_t offset, unsigned bit) const {
        unsigned char byte = 0;
        REQUIRE(::pread(number_, &byte, 1, static_cast<off_t>(offset)) == 1);
        byte = static_cast<unsigned char>(byte ^ (1U << bit));
        REQUIRE(::pwrite(number_, &byte, 1, static_cast<off_t>(offset)) == 1);
    }

private:
    int number_;
};

// What is said of the bundle at `path` with one bit of `file` flipped; afterwards all is as before.
std::string verdict_with_bit(const OpenFile& file, const std::string& path, std::uint64_t offset) {
    const unsigned bit = static_cast<unsigned>(offset % 8);
    file.flip(offset, bit);
    const std::string verdict = verdict_on(path);
    file.flip(offset, bit);
    return verdict;
}

// Offsets worth a try: of each header its fields, of each document and padding a few, of each file its ends.
std::set<std::uint64_t> offsets_of(const manifests::TarLayout& layout, std::uint64_t size_bytes) {
    std::set<std::uint64_t> offsets;
    for (const manifests::TarEntry& entry : layout.entries) {
        for (std::uint64_t at = 0; at < 512; at += 37)
            offsets.insert(entry.header_offset + at);
        for (const std::uint64_t field :
             {99, 100, 108, 116, 124, 135, 136, 148, 155, 156, 157, 257, 263, 345})
            offsets.insert(entry.header_offset + field);
        const std::uint64_t end = entry.data_offset() + entry.size_bytes;
        const std::uint64_t step = std::max<std::uint64_t>(entry.size_bytes / 7, 1);
        for (std::uint64_t at = entry.data_offset(); at < end; at += step)
            offsets.insert(at);
        if (entry.size_bytes > 0) offsets.insert(end - 1);
        if (end % 512 != 0) {
            offsets.insert(end);
            offsets.insert((end / 512 + 1) * 512 - 1);
        }
    }
    for (const std::uint64_t from_end : {1, 512, 513, 1024})
        offsets.insert(size_bytes - from_end);
    return offsets;
}

} // namespace

TEST_CASE("one flipped bit anywhere in a bundle file is refused with a code", "[runtime][bundle_file]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const Bundle bundle = Bundle::open(sample.path);
    const manifests::TarLayout layout = manifests::plan_tar(bundle.items());
    const OpenFile file(sample.path);
    std::set<std::string> codes;
    for (const std::uint64_t offset : offsets_of(layout, layout.total_bytes)) {
        const std::string verdict = verdict_with_bit(file, sample.path, offset);
        codes.insert(verdict);
        if (!verdict.starts_with("SL-")) FAIL_CHECK("byte " << offset << ": " << verdict);
    }
    REQUIRE(verdict_on(sample.path) == "trusted"); // every flip was taken back
    CHECK(codes.contains("SL-FORMAT-HEADER"));
    CHECK(codes.contains("SL-FORMAT-PADDING"));
    CHECK(codes.contains("SL-CONTENT-DIGEST"));
}

TEST_CASE("one flipped bit in any file of a bundle folder is refused with a code",
          "[runtime][bundle_folder]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.form = SampleOptions::Form::folder, .bootable = false});
    std::size_t tried = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(sample.path)) {
        if (!entry.is_regular_file()) continue;
        const OpenFile file(entry.path().string());
        const std::uint64_t size = entry.file_size();
        for (std::uint64_t at = 0; at < size; at += std::max<std::uint64_t>(size / 9, 1)) {
            const std::string verdict = verdict_with_bit(file, sample.path, at);
            if (!verdict.starts_with("SL-")) FAIL_CHECK(entry.path() << " byte " << at << ": " << verdict);
            ++tried;
        }
    }
    CHECK(tried > 150);
    REQUIRE(verdict_on(sample.path) == "trusted");
}
