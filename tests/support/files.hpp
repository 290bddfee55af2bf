#pragma once
// Whole files, for tests: each throws std::runtime_error with the path when it cannot.

#include <cstdint>
#include <string>
#include <string_view>

namespace tests {

/// Writes the whole file; folders above it are made.
void write_file(const std::string& path, std::string_view bytes);
std::string read_file(const std::string& path);
/// Flips one bit in place. @param bit  0 is the lowest of its byte
void flip_bit(const std::string& path, std::uint64_t byte_offset, unsigned bit = 0);
/// Makes the file shorter or longer (by zero bytes).
void resize_file(const std::string& path, std::uint64_t size_bytes);
/// Blocks of 512 bytes that the file has on the disk.
std::uint64_t blocks_of(const std::string& path);

/// Takes the file out of the page cache, as far as the file system lets go of it.
void drop_from_cache(const std::string& path);

/// $SEALIFT_BIN/NAME: a program of this build. $SEALIFT_SOURCE/NAME: a file of the source tree.
std::string built_program(std::string_view name);
std::string source_file(std::string_view name);

} // namespace tests
