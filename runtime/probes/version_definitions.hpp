#pragma once
// The symbol versions that a shared library offers, from .gnu.version_d as the dynamic linker finds it:
// program headers and the dynamic section, never the section headers. What a library wants of others is the
// packager's to read; a site has to know only what its own libraries offer.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace runtime {

struct VersionDefinitions {
    std::string architecture;       ///< "x86_64", "aarch64", "loongarch64", or "" for another machine
    std::vector<std::string> names; ///< "GLIBC_2.34", in the order of the file; not the library's own name
};

/// Gives `length` bytes at `offset`; fewer at the end of the file.
using ReadPart = std::function<std::string(std::uint64_t offset, std::size_t length)>;

/// Allocates some kilobytes at most, whatever the file says about itself.
/// @throws Error  Fault::damaged for what is no 64-bit little-endian ELF file, or points outside of itself
/// Source: System V ABI (gabi) chapters 4 and 5; LSB Core 5.0, 10.7.2.2 and 10.7.2.3 (Elfxx_Verdef).
VersionDefinitions read_version_definitions(std::uint64_t size_bytes, const ReadPart& read_part);

/// The highest of the versions with this prefix: "2.36" for "GLIBC" among GLIBC_2.2.5 and GLIBC_2.36; what is
/// not made of numbers and dots (GLIBC_PRIVATE) does not count. Empty if there is none.
std::string highest_version(const VersionDefinitions& definitions, std::string_view prefix);

} // namespace runtime
