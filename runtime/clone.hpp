#pragma once
// Copies that cost nothing: on a file system with shared blocks (xfs, btrfs, bcachefs) a range of one file
// becomes a range of another without a byte being moved. The bytes still have to be read to be proven.

#include <cstdint>

#include "runtime/file_descriptor.hpp"

namespace runtime {

/// Makes `to` share the whole blocks of the range and copies what is left of it, less than a block.
/// @param from_offset, to_offset  multiples of the file system's block, or nothing is shared
/// @return false, with nothing done, where the file systems cannot share
/// @throws Error  Fault::io
bool clone_range(const FileDescriptor& from, std::uint64_t from_offset, const FileDescriptor& to,
                 std::uint64_t to_offset, std::uint64_t length_bytes, std::string_view path);

} // namespace runtime
