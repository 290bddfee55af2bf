#include "runtime/clone.hpp"

#include <vector>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace runtime {
namespace {

// The largest block of any file system that shares blocks (xfs): a range that is whole in these is whole in
// all.
constexpr std::uint64_t block_bytes = 65536;

} // namespace

bool clone_range(const FileDescriptor& from, std::uint64_t from_offset, const FileDescriptor& to,
                 std::uint64_t to_offset, std::uint64_t length_bytes, std::string_view path) {
    const std::uint64_t whole = length_bytes / block_bytes * block_bytes;
    if (whole == 0 || from_offset % block_bytes != 0 || to_offset % block_bytes != 0) return false;
    file_clone_range range{};
    range.src_fd = from.get();
    range.src_offset = from_offset;
    range.src_length = whole;
    range.dest_offset = to_offset;
    if (::ioctl(to.get(), FICLONERANGE, &range) != 0) return false; // every reason means: copy it, then
    std::vector<char> rest(static_cast<std::size_t>(length_bytes - whole));
    const std::size_t got = read_at(from, rest.data(), rest.size(), from_offset + whole, path);
    write_at(to, rest.data(), got, to_offset + whole, path);
    return true;
}

} // namespace runtime
