#pragma once
// Small ELF files made by hand, one knob per thing that a reader has to find or to refuse.

#include <cstdint>
#include <string>
#include <vector>

#include "packager/elf.hpp"

namespace tests {

struct ElfImage {
    std::uint16_t machine = 62; ///< x86_64
    std::uint16_t type = 3;     ///< ET_DYN
    bool big_endian = false;
    std::string soname;
    std::vector<std::string> needed;
    std::vector<packager::ElfVersionNeed> version_needs;
    std::string interpreter;
    std::string run_path;
    std::uint64_t flags_1 = 0;
    std::string payload; ///< bytes that make this file a different one
};

/// The bytes, and where to put a lie.
struct ElfBytes {
    std::string bytes;
    std::uint64_t dynamic = 0;  ///< offset of the dynamic section: pairs of 8-byte tag and value
    std::uint64_t strings = 0;  ///< offset of the string table
    std::uint64_t versions = 0; ///< offset of the version needs, if there are any
};

/// A 64-bit file with one segment that loads all of it, a dynamic section, and no section headers.
ElfBytes make_elf(const ElfImage& image);

/// Writes `value` over `length` bytes at `offset`, lowest byte first.
void put(std::string& bytes, std::uint64_t offset, std::size_t length, std::uint64_t value);

} // namespace tests
