#pragma once
// A file of a bundle whose bytes are proven chunk by chunk, before anybody sees them: against the chunk table
// that its fs-verity digest vouches for. Any chunk can be proven by itself, so many threads share one file,
// a range costs what it covers, and damage has a place. FORMAT.md "Tree and chunk tables".

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/verity.hpp"
#include "runtime/blob_source.hpp"
#include "runtime/bundle.hpp"
#include "runtime/direct_file.hpp"

namespace runtime {

/// A chunk table in its file. Only one hash for each 64 MiB of the file is kept in memory; what is read again
/// later is proven again.
class ChunkTable {
public:
    /// Reads the whole table and proves it.
    /// @throws Error  Fault::damaged, Code::content_chunk_table; Fault::io
    ChunkTable(BlobAt table, const manifests::BundleFile& file);

    /// Chunk hashes [first, first + count).
    /// @throws Error  as the constructor, if the table has changed since
    std::vector<manifests::Hash> read(std::uint64_t first, std::uint64_t count) const;

private:
    BlobAt table_;
    std::vector<manifests::Hash> groups_;
};

/// A run of damaged chunks.
struct BadRange {
    std::uint64_t first_chunk = 0;
    std::uint64_t chunks = 0;
    std::uint64_t offset = 0; ///< in the file
    std::uint64_t length_bytes = 0;
    std::optional<std::uint64_t> bundle_offset; ///< in the bundle file, if it is one
};

/// "chunk 5 of 12 is damaged: bytes 2621440 to 3145727 of the file, at byte 3276800 of the bundle file"
std::string describe(const manifests::BundleFile& file, const BadRange& bad);

class ProvenFile {
public:
    /// @throws Error  Fault::damaged: the file or its table is missing or has another size, or the table is
    /// not the right one
    ProvenFile(const Bundle& bundle, const manifests::BundleFile& file);
    /// The same for bytes that the caller has open and will use.
    ProvenFile(const Bundle& bundle, const manifests::BundleFile& file, BlobAt blob);
    ProvenFile(const ProvenFile&) = delete;
    ProvenFile& operator=(const ProvenFile&) = delete;

    /// From now on, what the page cache does not have is read past it.
    /// @param at_a_time_bytes  by each thread, which keeps so much memory for it; at least chunk_bytes
    void read_past_cache(std::size_t at_a_time_bytes);

    const BlobAt& blob() const { return blob_; }
    std::uint64_t size_bytes() const { return blob_.size_bytes; }
    std::uint64_t chunks() const { return manifests::chunk_count(blob_.size_bytes); }

    /// Bytes that are good or bad, as one chunk gives them.
    struct Chunk {
        const char* data;
        std::size_t length_bytes;
        std::uint64_t offset; ///< in the file
        bool good;
    };
    /// Reads chunks [first, first + count) in order and says of each whether it is the right one. An empty
    /// file has one good chunk of 0 bytes.
    /// A hole of a sparse file is not read: its bytes are zero, and the hash of a chunk of zeros is known.
    /// @param flat  every byte goes in here too, if it is given
    /// @throws Error  Fault::damaged, Code::format_truncated; Fault::io
    void read(std::uint64_t first, std::uint64_t count, hashing::Stream* flat,
              const std::function<void(const Chunk&)>& on_chunk) const;

    /// All of it, in order; nothing that is not proven is handed over.
    /// @throws Error  besides, Fault::damaged, Code::content_digest at the first bad chunk
    void read_all(const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece) const;
    /// The same for a small file, as one text.
    std::string text(std::uint64_t most_bytes) const;

    BadRange bad_range(const Chunk& chunk) const;

private:
    class Reader;
    /// Whether the file system keeps none of these bytes, so that they are zeros and need not be read.
    bool is_hole(std::uint64_t offset, std::size_t length_bytes) const;
    bool is_right(const unsigned char* data, std::size_t length_bytes, const manifests::Hash* wanted,
                  hashing::Stream* flat) const;

    const manifests::BundleFile& file_;
    BlobAt blob_;
    std::unique_ptr<DirectFile> direct_;
    std::size_t at_a_time_bytes_ = manifests::chunk_bytes;
    bool sparse_; ///< the file system keeps fewer bytes than there are
    Bundle::Form form_;
    std::optional<ChunkTable> table_;
};

} // namespace runtime
