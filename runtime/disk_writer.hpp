#pragma once
// A file on its way to the disk, which gets the bytes while more are being made. Many large files together go
// past the page cache: they would push everything else out of it, and the memory for them has to be found
// first, which for 4 GiB in a guest took 8 s of the processor, and past the cache 0.3 s.

#include <atomic>

#include "runtime/background_sync.hpp"
#include "runtime/direct_file.hpp"

namespace runtime {

/// Whether to leave in the cache what is written: a small bundle is read again soon, to be verified or
/// booted.
/// @param total_bytes  of all files that are written together
Cache cache_for_writing(std::uint64_t total_bytes);

class DiskWriter {
public:
    /// @param file  a fresh one that has its size: all of it is zeros. Open as long as this is there
    DiskWriter(const FileDescriptor& file, Cache cache);

    /// Writes all of it, unless it is zeros; any thread may, at places of its own. Goes past the cache what
    /// is whole pages in the file and in memory (of a DirectBuffer, say); nothing else may write into those
    /// pages meanwhile.
    /// @throws Error  Fault::io
    void write(const char* data, std::size_t length_bytes, std::uint64_t offset, std::string_view path);

    /// Then each write waits for the disk, and several at once are faster.
    bool passes_cache() const noexcept { return passes_; }

    /// Waits for the disk. Has to be called before the last sync of the file.
    /// @throws Error  Fault::io if the disk could not keep something
    void finish(std::string_view path) { sync_.finish(path); }

private:
    std::size_t write_past_cache(const char* data, std::size_t length_bytes, std::uint64_t offset);

    const FileDescriptor& file_;
    FileDescriptor direct_;
    std::atomic<bool> passes_; ///< until the file system says otherwise
    BackgroundSync sync_;
};

} // namespace runtime
