#pragma once
// Archives in memory: honest ones as libarchive writes them, and zips by hand that no program writes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tests {

struct Inside {
    std::string name;
    std::string bytes;
};

enum class ArchiveForm { zip_stored, zip_deflated, tar, old_tar, seven_zip, raw };
enum class Compression { none, gzip, bzip2, xz, lzma, lzip, zstd, lz4 };

/// @throws std::runtime_error if libarchive cannot
std::string make_archive(const std::vector<Inside>& files, ArchiveForm form,
                         Compression compression = Compression::none);
/// One compressed file without a name.
std::string compress(const std::string& bytes, Compression compression);

struct ZipPart {
    std::string name;
    std::string bytes; ///< as they stand in the zip
    unsigned method = 0;
    unsigned flags = 0;
    std::optional<std::string> local_name = {};
    std::optional<unsigned> local_method = {};
    std::optional<std::uint64_t> local_size = {};
    std::optional<std::uint64_t> size = {}; ///< unpacked, in the directory
    bool listed = true;
    bool is_zip64 = false;
};

struct ZipEnd {
    bool is_zip64 = false;
    std::string comment = {};
    std::optional<std::uint64_t> entries = {};
    std::string in_front = {}; ///< and not counted in the places
};

std::string make_zip(const std::vector<ZipPart>& parts, const ZipEnd& end = {});

} // namespace tests
