#pragma once
// The one Merkle tree of a file: that of Linux fs-verity with SHA-256, blocks of 4096 bytes and no salt. It
// makes a file verifiable by many threads, in part, and repairable in part; Debian's `fsverity digest` prints
// the same digest. The level with one hash per 512 KiB is the chunk table. FORMAT.md "Tree and chunk tables".

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/hashing/sha256.hpp"

namespace manifests {

using hashing::Hash;

inline constexpr std::size_t leaf_bytes = 4096;
inline constexpr std::size_t hashes_per_block = leaf_bytes / sizeof(Hash); ///< 128
inline constexpr std::size_t chunk_bytes = hashes_per_block * leaf_bytes;  ///< 512 KiB
/// What one block of a chunk table covers: 64 MiB of the file.
inline constexpr std::uint64_t group_bytes = std::uint64_t{hashes_per_block} * chunk_bytes;

/// Chunks of a file; 0 for an empty one.
std::uint64_t chunk_count(std::uint64_t size_bytes);
/// Only files of more than one chunk have a table.
bool has_chunk_table(std::uint64_t size_bytes);
/// @throws Error  Fault::damaged, Code::format_limit if the file is over 2^62 bytes
std::uint64_t chunk_table_bytes(std::uint64_t size_bytes);

/// Hash of one chunk.
/// @param length_bytes  1 to chunk_bytes; the last leaf is filled up with zeros
Hash chunk_hash(const unsigned char* data, std::size_t length_bytes);

/// The same, and the bytes go into `flat` as well: both at the price of one where the processor can.
Hash chunk_hash(const unsigned char* data, std::size_t length_bytes, hashing::Stream& flat);

/// Hash of a block of up to 128 hashes, filled up with zeros: the step from one level to the next.
Hash block_of_hashes(const Hash* hashes, std::size_t count);

/// The fs-verity digest of a file of at most one chunk that is in memory.
Digest small_verity_digest(const unsigned char* data, std::size_t size_bytes);

/// The fs-verity digest that a root hash and a size make.
Digest verity_digest(std::uint64_t size_bytes, const Hash& root);

/// Takes the chunk hashes of a file of more than one chunk, front to back, and keeps one hash for every 128:
/// 512 KiB for a file of 1 TiB.
class TreeTop {
public:
    void add(const Hash& chunk);
    /// The level above the chunk table, complete.
    const std::vector<Hash>& groups();
    Hash root();

private:
    void close_block();
    std::vector<Hash> block_;
    std::vector<Hash> groups_;
};

/// The tree of a file that is read front to back, in pieces of any length.
class TreeHasher {
public:
    explicit TreeHasher(std::uint64_t size_bytes) : size_bytes_(size_bytes) {}
    /// @param length_bytes  a multiple of chunk_bytes, except at the end of the file
    /// @param flat  hashed on the way, if it is given
    /// @param table  the chunk hashes of this piece are appended
    void update(const unsigned char* data, std::size_t length_bytes, hashing::Stream* flat,
                std::vector<Hash>& table);
    Digest finish();

private:
    std::uint64_t size_bytes_;
    Hash last_{}; ///< root of a file of at most one chunk
    TreeTop top_;
};

} // namespace manifests
