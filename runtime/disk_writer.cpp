#include "runtime/disk_writer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace runtime {
namespace {

constexpr std::size_t alignment = DirectBuffer::alignment_bytes;

// What went past the cache waits in the disk at most, and a disk that is asked to keep it takes nothing
// meanwhile.
constexpr std::uint64_t step_past_cache_bytes = 1ULL << 30;

bool is_aligned(const char* data) {
    return reinterpret_cast<std::uintptr_t>(data) % alignment == 0;
}

// btrfs keeps all of a reserved extent as long as one block of it is used, so what is cloned into it saves
// nothing.
bool keeps_reserved_extents(const FileDescriptor& file) {
    struct statfs status {};
    return ::fstatfs(file.get(), &status) == 0 && status.f_type == BTRFS_SUPER_MAGIC;
}

// There every file needs all of its blocks, so what it will need is known.
bool shares_no_blocks(const struct statfs& status) {
    constexpr std::array<long, 4> magics{EXT4_SUPER_MAGIC, TMPFS_MAGIC, MSDOS_SUPER_MAGIC, EXFAT_SUPER_MAGIC};
    return std::find(magics.begin(), magics.end(), status.f_type) != magics.end();
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

void set_size(const FileDescriptor& file, std::uint64_t size_bytes, Space space, std::string_view path) {
    const bool reserves = space == Space::reserved && !keeps_reserved_extents(file);
    if (reserves && ::fallocate(file.get(), 0, 0, static_cast<off_t>(size_bytes)) == 0) return;
    if (reserves && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
        throw_errno("no room to write", path);
    if (::ftruncate(file.get(), static_cast<off_t>(size_bytes)) != 0) throw_errno("cannot size", path);
}

void refuse_full_disk(const std::string& folder, std::uint64_t total_bytes) {
    struct statfs status {};
    if (::statfs(folder.c_str(), &status) != 0) throw_errno("cannot ask for the free space of", folder);
    if (status.f_blocks == 0 || !shares_no_blocks(status)) return; // a tmpfs without a limit has none
    const auto blocks = ::geteuid() == 0 ? status.f_bfree : status.f_bavail;
    const std::uint64_t free_bytes = blocks * static_cast<std::uint64_t>(status.f_bsize);
    if (free_bytes >= total_bytes) return;
    throw manifests::Error(manifests::Fault::io, manifests::in_quotes(folder) + " has " +
                                                     manifests::size_text(free_bytes) + " free, wanted " +
                                                     manifests::size_text(total_bytes))
        .hint("make room, or choose another place with -o or --site");
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
