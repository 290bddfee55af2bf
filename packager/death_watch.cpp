#include "packager/death_watch.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/cleanup.hpp"

namespace packager {
namespace {

constexpr const char* watcher_word = "watch-for-death";
constexpr int alive_place = STDERR_FILENO + 1;
bool can_be_run_again = false; // set once, before there are threads

// It must not keep anybody waiting for the end of our output, nor end with a Ctrl-C that is meant for us.
void leave_everything_but(int alive) noexcept {
    ::setsid();
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    const int kept = ::fcntl(alive, F_DUPFD, alive_place); // it may be in the place of a standard one
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(nothing, standard);
    if (kept != alive_place) ::dup2(kept, alive_place);
    ::syscall(SYS_close_range, alive_place + 1, ~0U, 0);
}

// Nobody writes: the pipe ends when the other process does.
[[noreturn]] void wait_and_remove(const char* path) noexcept {
    [[maybe_unused]] const int moved = ::chdir("/"); // no file system stays busy
    char word = 0;
    ssize_t got = 0;
    do {
        got = ::read(alive_place, &word, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 0) runtime::remove_tree(path);
    ::_exit(0);
}

// Other threads may hold locks at the fork, so only system calls from here on. The program is run anew, for
// what this process has in memory would be there twice, secret keys included.
[[noreturn]] void watch(int alive, const char* path) noexcept {
    leave_everything_but(alive);
    if (can_be_run_again) ::execl("/proc/self/exe", "sealift", watcher_word, path, nullptr);
    wait_and_remove(path);
}

} // namespace

void DeathWatch::run_if_asked(int count, char** arguments) {
    can_be_run_again = true;
    if (count == 3 && std::strcmp(arguments[1], watcher_word) == 0) wait_and_remove(arguments[2]);
}

DeathWatch::DeathWatch(const std::string& path) {
    const std::string whole = std::filesystem::absolute(path).string();
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    const runtime::FileDescriptor read_end(ends[0]);
    alive_ = runtime::FileDescriptor(ends[1]);
    watcher_ = ::fork();
    if (watcher_ == 0) watch(ends[0], whole.c_str());
}

DeathWatch::~DeathWatch() {
    if (watcher_ <= 0) return;
    ::kill(watcher_, SIGKILL);
    while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace packager
