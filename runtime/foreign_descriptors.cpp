#include "runtime/foreign_descriptors.hpp"

#include <cstdlib>

#include <dirent.h>
#include <fcntl.h>

#include "runtime/file_descriptor.hpp"

namespace runtime {

// Read from /proc and not close_range(), which kernels before 5.11 cannot do with close-on-exec.
std::vector<int> foreign_descriptors() {
    DIR* stream = ::opendir("/proc/self/fd");
    if (stream == nullptr) throw_errno("cannot list", "/proc/self/fd");
    std::vector<int> numbers;
    while (const dirent* entry = ::readdir(stream)) { // NOLINT(concurrency-mt-unsafe): one stream, one thread
        const int number = std::atoi(entry->d_name);  // "." and ".." give 0
        const int flags = number > 2 ? ::fcntl(number, F_GETFD) : -1;
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0) numbers.push_back(number);
    }
    ::closedir(stream);
    return numbers;
}

} // namespace runtime
