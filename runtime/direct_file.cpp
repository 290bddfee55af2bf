#include "runtime/direct_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace runtime {
namespace {

constexpr std::uint64_t alignment = DirectBuffer::alignment_bytes;

std::size_t rounded_up(std::size_t length_bytes) {
    return (length_bytes + DirectBuffer::alignment_bytes - 1) & ~(DirectBuffer::alignment_bytes - 1);
}

// The mapping is looked at and never touched, so a file that ends early does no harm.
bool is_mostly_cached(const FileDescriptor& file, std::uint64_t offset, std::size_t length_bytes) {
    const std::uint64_t start = offset / alignment * alignment;
    const std::size_t length = rounded_up(static_cast<std::size_t>(offset - start) + length_bytes);
    void* const mapping =
        ::mmap(nullptr, length, PROT_READ, MAP_SHARED, file.get(), static_cast<off_t>(start));
    if (mapping == MAP_FAILED) return true; // then nothing is known, and the usual way is right
    std::vector<unsigned char> pages(length / DirectBuffer::alignment_bytes);
    const bool known = ::mincore(mapping, length, pages.data()) == 0;
    ::munmap(mapping, length);
    if (!known) return true;
    const auto cached =
        std::count_if(pages.begin(), pages.end(), [](unsigned char page) { return (page & 1) != 0; });
    return static_cast<std::size_t>(cached) * 2 >= pages.size();
}

} // namespace

DirectBuffer::DirectBuffer(std::size_t size_bytes)
    : bytes_(static_cast<unsigned char*>(
          std::aligned_alloc(alignment_bytes, rounded_up(std::max<std::size_t>(size_bytes, 1))))),
      size_bytes_(size_bytes) {
    if (!bytes_) throw std::bad_alloc();
}

void DirectBuffer::Free::operator()(unsigned char* bytes) const {
    std::free(bytes); // NOLINT(cppcoreguidelines-no-malloc): of aligned_alloc
}

// By the descriptor and not by a path: it has to be the same file, whatever has the name by now.
DirectFile::DirectFile(const BlobAt& blob)
    : blob_(blob),
      direct_(::open(("/proc/self/fd/" + std::to_string(blob.file->get())).c_str(),
                     O_RDONLY | O_DIRECT | O_CLOEXEC)),
      works_(static_cast<bool>(direct_) && ::sysconf(_SC_PAGESIZE) == DirectBuffer::alignment_bytes) {}

bool DirectFile::wants(std::uint64_t offset, std::size_t length_bytes) const {
    return works_ && (blob_.offset + offset) % alignment == 0 &&
           !is_mostly_cached(*blob_.file, blob_.offset + offset, length_bytes);
}

std::size_t DirectFile::read(unsigned char* buffer, std::size_t length_bytes, std::uint64_t offset) const {
    const std::size_t whole = rounded_up(length_bytes); // behind the blob there is the rest of the bundle
    std::size_t done = 0;
    while (works_ && done < length_bytes) {
        const ssize_t got = ::pread(direct_.get(), buffer + done, whole - done,
                                    static_cast<off_t>(blob_.offset + offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EINVAL) works_ = false; // another alignment, or none at all
        if (got <= 0) break;
        done += static_cast<std::size_t>(got);
        if (static_cast<std::size_t>(got) % DirectBuffer::alignment_bytes != 0) break; // the file's end
    }
    if (done >= length_bytes) return length_bytes;
    // What went wrong goes wrong there as well, and has its message there.
    return done + read_at(*blob_.file, buffer + done, length_bytes - done, blob_.offset + offset + done,
                          blob_.where);
}

} // namespace runtime
