#pragma once
// Room on a disk: how much there is, how much a copy will take, and when it is taken. A full disk is to be
// known before a copy and not after two hours of it.

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/blob_source.hpp"

namespace runtime {

/// From there on a file is reserved and synced by itself, and its holes are asked for: with 100,000 small
/// ones that would take longer than all the rest.
inline constexpr std::uint64_t large_file_bytes = 1 << 20;

/// When a file's space is taken. What has holes shall have them in its copy as well.
enum class Space { reserved, as_written };

/// @param hole_bytes  of what is copied
inline Space space_for(std::uint64_t hole_bytes) {
    return hole_bytes == 0 ? Space::reserved : Space::as_written;
}

/// How many bytes of a large file are zeros that its file system does not keep; 0 of a small one, and where
/// it cannot say.
std::uint64_t hole_bytes(const BlobAt& blob);

/// Gives a fresh file its size. `reserved` asks for all of its space at once; where the file system cannot,
/// it is as `as_written`.
/// @throws Error  Fault::io if there is no room
void set_size(const FileDescriptor& file, std::uint64_t size_bytes, Space space, std::string_view path);

/// What this user may still write there; 4 EiB where there is no limit, as in a tmpfs without one.
/// @throws Error  Fault::io
std::uint64_t free_bytes(const std::string& folder);

/// For all that is written together, as far as it can be known: where files may share blocks it is not.
/// @throws Error  Fault::io if it cannot have room in `folder`
void refuse_full_disk(const std::string& folder, std::uint64_t wanted_bytes);

} // namespace runtime
