#include "runtime/disk_space.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace runtime {
namespace {

struct statfs status_of(const std::string& folder) {
    struct statfs status {};
    if (::statfs(folder.c_str(), &status) != 0) throw_errno("cannot ask for the free space of", folder);
    return status;
}

// btrfs keeps all of a reserved extent as long as one block of it is used, so what is cloned into it saves
// nothing.
bool keeps_reserved_extents(const FileDescriptor& file) {
    struct statfs status {};
    return ::fstatfs(file.get(), &status) == 0 && status.f_type == BTRFS_SUPER_MAGIC;
}

// There every file needs all of its blocks, so what it will need is known.
bool shares_no_blocks(const std::string& folder) {
    constexpr std::array<long, 4> magics{EXT4_SUPER_MAGIC, TMPFS_MAGIC, MSDOS_SUPER_MAGIC, EXFAT_SUPER_MAGIC};
    return std::find(magics.begin(), magics.end(), status_of(folder).f_type) != magics.end();
}

} // namespace

std::uint64_t hole_bytes(const BlobAt& blob) {
    if (blob.size_bytes < large_file_bytes) return 0;
    const int file = blob.file->get();
    const std::uint64_t end = blob.offset + blob.size_bytes;
    std::uint64_t total = 0;
    for (std::uint64_t at = blob.offset; at < end;) {
        const off_t found = ::lseek(file, static_cast<off_t>(at), SEEK_DATA);
        if (found < 0 && errno != ENXIO) return 0;
        const std::uint64_t data = found < 0 ? end : std::min(static_cast<std::uint64_t>(found), end);
        if (data < at) return 0; // a device answers 0, whatever it is asked
        total += data - at;
        if (data == end) break;
        const off_t hole = ::lseek(file, static_cast<off_t>(data), SEEK_HOLE);
        if (hole < 0 || static_cast<std::uint64_t>(hole) <= data) return 0;
        at = static_cast<std::uint64_t>(hole);
    }
    return total;
}

void set_size(const FileDescriptor& file, std::uint64_t size_bytes, Space space, std::string_view path) {
    const bool reserves = space == Space::reserved && !keeps_reserved_extents(file);
    if (reserves && ::fallocate(file.get(), 0, 0, static_cast<off_t>(size_bytes)) == 0) return;
    if (reserves && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
        throw_errno("no room to write", path);
    if (::ftruncate(file.get(), static_cast<off_t>(size_bytes)) != 0) throw_errno("cannot size", path);
}

std::uint64_t free_bytes(const std::string& folder) {
    constexpr std::uint64_t no_limit_bytes = 1ULL << 62;
    const struct statfs status = status_of(folder);
    if (status.f_blocks == 0 && status.f_type == TMPFS_MAGIC) return no_limit_bytes;
    const auto blocks = ::geteuid() == 0 ? status.f_bfree : status.f_bavail; // some are kept for root
    return blocks * static_cast<std::uint64_t>(status.f_bsize);
}

void refuse_full_disk(const std::string& folder, std::uint64_t wanted_bytes) {
    const std::uint64_t free = free_bytes(folder);
    if (free >= wanted_bytes || !shares_no_blocks(folder)) return;
    throw manifests::Error(manifests::Fault::io, manifests::in_quotes(folder) + " has " +
                                                     manifests::size_text(free) + " free, wanted " +
                                                     manifests::size_text(wanted_bytes))
        .hint("make room, or choose another place with -o");
}

} // namespace runtime
