#pragma once
// The one header block in front of each entry of a bundle file. Every byte of it follows from name and size,
// so a reader compares all 512 and has nothing to interpret. The bytes are those of libarchive's "gnutar"
// writer, which a test compares; made here because a bundle may have 100,000 of them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace manifests {

inline constexpr std::uint64_t tar_block_bytes = 512;

/// @param name  ASCII, 1 to 99 bytes
/// @param size_bytes  up to 2^62
/// @throws Error  Fault::internal for a name that does not fit
std::string tar_header(std::string_view name, std::uint64_t size_bytes);

struct TarClaim {
    std::string name;
    std::uint64_t size_bytes;
};

/// What a header says, if it is spelled as tar_header() spells it.
/// @param block  512 bytes
std::optional<TarClaim> read_tar_header(std::string_view block);

/// Whether the block is a tar header of any kind: its checksum is right.
bool has_tar_checksum(std::string_view block);

} // namespace manifests
