#pragma once
// Small ELF files made by hand, one knob per thing that a reader has to find or to refuse.

#include <cstdint>
#include <string>
#include <utility>
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
    std::uint32_t flags = 0;
    std::uint8_t os_abi = 0, abi_version = 0;
    std::vector<std::string> exports = {}; ///< functions in .dynsym, found by a hash table
    bool gnu_hash = true;                  ///< DT_GNU_HASH, else DT_HASH
    std::uint32_t x86_isa_needed = 0;      ///< bits of GNU_PROPERTY_X86_ISA_1_NEEDED; 0: no such property
    std::vector<std::pair<std::string, std::string>> sections = {}; ///< name and content
};

/// The bytes, and where to put a lie.
struct ElfBytes {
    std::string bytes;
    std::uint64_t dynamic = 0;  ///< offset of the dynamic section: pairs of 8-byte tag and value
    std::uint64_t strings = 0;  ///< offset of the string table
    std::uint64_t versions = 0; ///< offset of the version needs, if there are any
    std::uint64_t property = 0; ///< offset of the note with the x86 level, if there is one
    std::uint64_t symbols = 0;  ///< offset of the symbol table; the first of its 24-byte rows is empty
    std::uint64_t hash = 0;     ///< offset of the hash table
    std::uint64_t sections = 0; ///< offset of the section header table, whose first 64-byte row is empty
};

/// A 64-bit file with one segment that loads all of it, a dynamic section, and section headers only if
/// `sections` asks for some.
ElfBytes make_elf(const ElfImage& image);

/// Writes `value` over `length` bytes at `offset`, lowest byte first.
void put(std::string& bytes, std::uint64_t offset, std::size_t length, std::uint64_t value);

} // namespace tests
