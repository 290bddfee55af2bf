#pragma once
// The directories of a zip. Loaders read the directory at its end, and not all of them find the same one: the
// records there name its place twice, zip64 names it two times more, a comment can hold another record. So
// every directory is found that a loader could take, and one that can be read in two ways is refused.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "packager/tensors.hpp"

namespace packager {

struct ZipDirectory {
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t entries = 0; ///< as its end says
    std::uint64_t shift = 0;   ///< to be added to the places in it, and may wrap: bytes in front of the zip
    bool is_zip64 = false;     ///< or the number of entries has 16 bits

    friend bool operator==(const ZipDirectory&, const ZipDirectory&) = default;
};

struct ZipEntry {
    std::string name; ///< from outside, any bytes
    unsigned flags = 0;
    unsigned method = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed_bytes = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t header_at = 0; ///< of its local header, in the file
};

struct ZipDirectories {
    std::vector<ZipDirectory> list;
    bool all = true; ///< or there were too many
};

/// The file is a zip if there is one: whatever stands in front of it and, for Python, behind it.
/// @throws  whatever `read` throws
/// Source: PKWARE APPNOTE.TXT 6.3.10, 4.3; Python's Lib/zipfile.py for what it forgives
ZipDirectories find_zip_directories(std::uint64_t size_bytes, const ReadBytes& read);

/// In their order. @param on_entry  returns whether to go on
/// @return why the directory cannot be read to its end; empty if it was, or `on_entry` had enough
/// @throws  whatever `read` or `on_entry` throws
std::string for_each_zip_entry(const ZipDirectory& directory, const ReadBytes& read,
                               const std::function<bool(const ZipEntry&)>& on_entry);

/// What a field of zip64 says for those that do not fit into 32 bits.
struct Zip64Field {
    bool is_there = false;
    bool is_doubtful = false; ///< twice there, or too short
    std::string_view bytes;
};
/// @param extra  the extra fields of an entry or a local header; must live as long
Zip64Field zip64_field(std::string_view extra);

} // namespace packager
