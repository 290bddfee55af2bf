#pragma once
// The entry points that an ELF file offers to whoever loads it. How many symbols there are stands nowhere; it
// follows from the hash table that the dynamic linker finds them by.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "packager/file_view.hpp"

namespace packager {

/// Calls `on_name` for every defined global or weak function or object, in the order of the file: of .dynsym
/// as a dynamic linker finds it, or, in files without a dynamic section (operator objects of accelerators),
/// of the symbol table that the section headers name. A file without any offers nothing. Takes the size of
/// the name table in memory (128 MiB at most) and linear time.
/// @throws Error  Fault::damaged for what is no 64-bit ELF file or points outside of itself
/// Source: gabi chapter 5, "Hash Table"; DT_GNU_HASH as glibc's elf/dl-lookup.c walks it.
void for_each_export(std::uint64_t size_bytes, const ReadAt& read_at,
                     const std::function<void(std::string_view name)>& on_name);

/// Those of `wanted` that the file does not offer, in the same order.
std::vector<std::string> missing_exports(std::uint64_t size_bytes, const ReadAt& read_at,
                                         const std::vector<std::string>& wanted);

} // namespace packager
