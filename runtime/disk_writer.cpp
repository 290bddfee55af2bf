#include "runtime/disk_writer.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace runtime {
namespace {

constexpr std::size_t alignment = DirectBuffer::alignment_bytes;

// What went past the cache waits in the disk at most, and a disk that is asked to keep it takes nothing
// meanwhile.
constexpr std::uint64_t step_past_cache_bytes = 1ULL << 30;

bool is_aligned(const char* data) {
    return reinterpret_cast<std::uintptr_t>(data) % alignment == 0;
}

bool is_zero(const char* data, std::size_t length_bytes) {
    return length_bytes > 0 && data[0] == 0 && std::memcmp(data, data + 1, length_bytes - 1) == 0;
}

// Every so often, for a disk is slow with small requests; the rest goes with the sync at the end.
void start_writing(const FileDescriptor& file, std::uint64_t offset, std::size_t length_bytes) {
    constexpr std::uint64_t step_bytes = 8 << 20;
    const std::uint64_t from = offset / step_bytes * step_bytes;
    const std::uint64_t to = (offset + length_bytes) / step_bytes * step_bytes;
    if (from == to) return;
    // A file system that cannot do this does it later, and says so when it is synced.
    ::sync_file_range(file.get(), static_cast<off64_t>(from), static_cast<off64_t>(to - from),
                      SYNC_FILE_RANGE_WRITE);
}

} // namespace

Cache cache_for_writing(std::uint64_t total_bytes) {
    constexpr std::uint64_t most_kept_bytes = 512ULL << 20;
    return total_bytes < most_kept_bytes ? Cache::keep : Cache::pass;
}

// By the descriptor and not by a path: the file may have no name yet.
DiskWriter::DiskWriter(const FileDescriptor& file, Cache cache)
    : file_(file),
      direct_(cache == Cache::keep ? -1
                                   : ::open(("/proc/self/fd/" + std::to_string(file.get())).c_str(),
                                            O_WRONLY | O_DIRECT | O_CLOEXEC)),
      passes_(static_cast<bool>(direct_) && ::sysconf(_SC_PAGESIZE) == DirectBuffer::alignment_bytes),
      sync_(file, passes_ ? step_past_cache_bytes : BackgroundSync::usual_step_bytes) {}

std::size_t DiskWriter::write_past_cache(const char* data, std::size_t length_bytes, std::uint64_t offset) {
    const std::size_t whole = length_bytes / alignment * alignment;
    std::size_t done = 0;
    while (done < whole && passes_) {
        const ssize_t put =
            ::pwrite(direct_.get(), data + done, whole - done, static_cast<off_t>(offset + done));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno == EINVAL) passes_ = false; // another alignment, or none at all
        // What went wrong goes wrong the usual way as well, and has its message there.
        if (put < static_cast<ssize_t>(alignment)) break;
        done += static_cast<std::size_t>(put) / alignment * alignment;
    }
    return done;
}

void DiskWriter::write(const char* data, std::size_t length_bytes, std::uint64_t offset,
                       std::string_view path) {
    if (is_zero(data, length_bytes)) return;
    std::size_t done = 0;
    if (passes_ && offset % alignment == 0 && is_aligned(data))
        done = write_past_cache(data, length_bytes, offset);
    if (done < length_bytes) {
        write_at(file_, data + done, length_bytes - done, offset + done, path);
        start_writing(file_, offset + done, length_bytes - done);
    }
    sync_.written(length_bytes);
}

} // namespace runtime
