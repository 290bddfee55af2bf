#pragma once
// Bytes of a large file read past the page cache, as the disk has them. Filling the cache costs a third of
// the time of verifying, and 700 GB of weights would push everything else out of it. What the cache has
// already is read from there.

#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/blob_source.hpp"

namespace runtime {

/// What is left in the page cache of what was read or written.
enum class Cache {
    keep, ///< whoever comes next reads the same bytes
    pass, ///< what is not there already is not put there: files larger than memory, and the disk itself asked
};

/// Memory that a disk can write into; one for each thread.
class DirectBuffer {
public:
    static constexpr std::size_t alignment_bytes = 4096;

    /// @throws std::bad_alloc
    explicit DirectBuffer(std::size_t size_bytes);
    unsigned char* data() const { return bytes_.get(); }
    std::size_t size_bytes() const { return size_bytes_; }

private:
    struct Free {
        void operator()(unsigned char* bytes) const;
    };
    std::unique_ptr<unsigned char, Free> bytes_;
    std::size_t size_bytes_;
};

class DirectFile {
public:
    /// A second way into the very file of `blob`, which has to outlive this. Where the file system has no
    /// such way, everything is read through the cache.
    explicit DirectFile(const BlobAt& blob);

    /// Whether these bytes should be read directly: there is a way, and most of them are not in the cache.
    /// @param offset  in the blob
    bool wants(std::uint64_t offset, std::size_t length_bytes) const;

    /// As read_at().
    /// @param buffer  of a DirectBuffer, with room for length_bytes rounded up to alignment_bytes
    /// @param offset  in the blob
    /// @throws Error  Fault::io
    std::size_t read(unsigned char* buffer, std::size_t length_bytes, std::uint64_t offset) const;

private:
    const BlobAt& blob_;
    FileDescriptor direct_;
    mutable std::atomic<bool> works_; ///< until the file system says otherwise
};

} // namespace runtime
