#include "runtime/pipe_spool.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace runtime {
namespace {

// In memory where the folder is on a file system without files that have no name.
FileDescriptor nameless_file(const std::string& folder) {
    FileDescriptor file(::open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
    if (file || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return file;
    return FileDescriptor(::memfd_create("sealift-front", MFD_CLOEXEC));
}

} // namespace

PipeSpool::PipeSpool(FileDescriptor input, const std::string& folder)
    : input_(std::move(input)), stopped_(::eventfd(0, EFD_CLOEXEC)) {
    if (!stopped_) throw_errno("cannot wait for", "the pipe");
    ::fcntl(input_.get(), F_SETPIPE_SZ, 1 << 20); // fewer waits; what is no pipe stays as it is
    auto file = std::make_shared<const FileDescriptor>(nameless_file(folder));
    if (!*file) throw_errno("cannot create a temporary file in", folder);
    file_ = std::move(file);
}

void PipeSpool::stop() {
    const std::uint64_t one = 1;
    write_all(stopped_, &one, sizeof one, "an event");
}

bool PipeSpool::wait_for_bytes() const {
    pollfd both[2] = {{input_.get(), POLLIN, 0}, {stopped_.get(), POLLIN, 0}};
    while (::poll(both, 2, -1) < 0)
        if (errno != EINTR) throw_errno("cannot wait for", "the pipe");
    return (both[1].revents & POLLIN) == 0;
}

std::size_t PipeSpool::take(char* buffer, std::size_t length_bytes) {
    std::size_t done = 0;
    while (done < length_bytes && wait_for_bytes()) {
        const ssize_t got = ::read(input_.get(), buffer + done, length_bytes - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_errno("cannot read", "the pipe");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

void PipeSpool::need(std::uint64_t end) {
    if (end > most_front_bytes) {
        throw manifests::Error(manifests::Fault::damaged, manifests::Code::format_limit,
                               "the documents in front of the files have over " +
                                   manifests::size_text(most_front_bytes));
    }
    std::vector<char> buffer;
    while (kept_bytes_ < end) {
        buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(end - kept_bytes_, 1 << 20)));
        const std::size_t got = take(buffer.data(), buffer.size());
        write_all(*file_, buffer.data(), got, "the temporary file");
        kept_bytes_ += got;
        if (got < buffer.size()) return;
    }
}

std::size_t PipeSpool::read_on(char* buffer, std::size_t length_bytes) {
    return take(buffer, length_bytes);
}

} // namespace runtime
