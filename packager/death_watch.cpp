#include "packager/death_watch.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/cleanup.hpp"

namespace packager {
namespace {

constexpr char all_is_well = 1;

// Other threads may hold locks at the fork, so only system calls from here on. It must not keep anybody
// waiting for the end of our output, nor a file system busy, nor end with a Ctrl-C that is meant for us.
[[noreturn]] void watch(int alive, const char* path) noexcept {
    ::setsid();
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    constexpr int place = STDERR_FILENO + 1;
    const int kept =
        ::fcntl(alive, F_DUPFD, place); // it may be in the place of a standard one that is closed
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(nothing, standard);
    if (kept != place) ::dup2(kept, place);
    ::syscall(SYS_close_range, place + 1, ~0U, 0);
    [[maybe_unused]] const int moved = ::chdir("/");
    char word = 0;
    ssize_t got = 0;
    do {
        got = ::read(place, &word, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 0) runtime::remove_tree(path);
    ::_exit(0);
}

} // namespace

DeathWatch::DeathWatch(const std::string& path) {
    const std::string whole = std::filesystem::absolute(path).string();
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    const runtime::FileDescriptor read_end(ends[0]);
    alive_ = runtime::FileDescriptor(ends[1]);
    watcher_ = ::fork();
    if (watcher_ == 0) {
        ::close(ends[1]);
        watch(ends[0], whole.c_str());
    }
}

DeathWatch::~DeathWatch() {
    if (watcher_ <= 0) return;
    [[maybe_unused]] const ssize_t put = ::write(alive_.get(), &all_is_well, 1);
    while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace packager
