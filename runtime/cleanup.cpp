#include "runtime/cleanup.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {

using manifests::Error;
using manifests::Fault;

namespace {

constexpr int most_depth = 64; ///< our own folders nest far less; bounds the handler's stack to about 200 KiB
constexpr int most_passes = 8; ///< over one folder that other threads still write to
constexpr int longest_stop_ms = 500;
constexpr std::size_t slot_count = 64;
constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP};

// States beside the two of TemporaryKind.
constexpr int state_free = 0;
constexpr int state_writing = 1;

struct Slot {
    std::atomic<int> state;
    std::atomic<pid_t> owner; // a forked child inherits the table, and must not act on it
    char path[PATH_MAX];
};

// Zero at load time, so it costs nothing until used, and the handler never meets a half-made object.
std::array<Slot, slot_count> slots;
std::atomic<bool> ending;
std::atomic<int> stopped_threads;
std::atomic<bool> unfinished_line;

static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

/// The kernel's own record, as getdents64(2) describes it.
struct DirectoryEntry {
    std::uint64_t inode;
    std::int64_t offset;
    unsigned short length_bytes;
    unsigned char type;
    char name[1];
};

bool is_dot(const char* name) noexcept {
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/// Calls visit(name) for every entry. @return whether the folder could be read to its end
template<typename Visit>
bool for_each_entry(int folder, Visit visit) noexcept {
    alignas(DirectoryEntry) char buffer[2048];
    ::lseek(folder, 0, SEEK_SET);
    for (;;) {
        const long got = ::syscall(SYS_getdents64, folder, buffer, sizeof buffer);
        if (got <= 0) return got == 0;
        for (long at = 0; at < got;) {
            const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
            const char* name = buffer + at + offsetof(DirectoryEntry, name);
            if (!is_dot(name)) visit(name);
            at += entry->length_bytes;
        }
    }
}

bool remove_at(int parent, const char* name, dev_t device, int depth) noexcept;

bool remove_folder_at(int parent, const char* name, dev_t device, int depth) noexcept {
    if (depth > most_depth) return errno = ELOOP, false;
    const int folder = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return errno == ENOENT;
    struct stat status {};
    if (::fstat(folder, &status) != 0 || (depth > 0 && status.st_dev != device)) {
        ::close(folder);
        return errno = EXDEV, false;
    }
    ::fchmod(folder, 0700); // installed folders are read-only; a failure shows when removing
    // Another pass only after one that removed something: a subtree that cannot be removed would otherwise be
    // tried most_passes times at each of its levels.
    bool gone = false;
    bool progress = true;
    for (int pass = 0; pass < most_passes && progress && !gone; ++pass) {
        progress = false;
        for_each_entry(folder, [&](const char* inner) {
            if (remove_at(folder, inner, status.st_dev, depth + 1)) progress = true;
        });
        gone = ::unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
        if (!gone && errno != ENOTEMPTY && errno != EEXIST) break;
    }
    const int problem = errno;
    ::close(folder);
    errno = problem;
    return gone;
}

/// Removes first and asks afterwards: a link is unlinked, never followed, and nothing can change in between.
bool remove_at(int parent, const char* name, dev_t device, int depth) noexcept {
    if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
    if (errno != EISDIR && errno != EPERM) return false;
    return remove_folder_at(parent, name, device, depth);
}

[[noreturn]] void wait_for_the_end() noexcept {
    for (;;)
        ::pause();
}

void remove_registered() noexcept {
    const pid_t self = ::getpid();
    for (Slot& slot : slots) {
        const int state = slot.state.load();
        if (slot.owner.load() != self) continue;
        if (state == static_cast<int>(TemporaryKind::file)) ::unlink(slot.path);
        if (state == static_cast<int>(TemporaryKind::folder)) remove_tree(slot.path);
    }
}

/// Sends `number` to every other thread. @return how many got it; 0 too when procfs is not mounted
int signal_other_threads(int number) noexcept {
    const int tasks = ::open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tasks < 0) return 0;
    const pid_t self = ::getpid();
    const auto this_thread = static_cast<pid_t>(::syscall(SYS_gettid));
    int reached = 0;
    for_each_entry(tasks, [&](const char* name) {
        pid_t thread = 0;
        for (const char* digit = name; *digit != '\0'; ++digit)
            thread = thread * 10 + (*digit - '0');
        if (thread != this_thread && ::syscall(SYS_tgkill, self, thread, number) == 0) ++reached;
    });
    ::close(tasks);
    return reached;
}

/// A thread that has registered a path and creates it only now would leave it behind, so all of them are
/// brought to a stop first: each enters this same handler and stays there. Asked twice, for one that was not
/// stopped yet may have started another. A thread that hangs in the kernel, or blocks signals, is not waited
/// for for long.
void stop_other_threads(int number) noexcept {
    constexpr timespec step{0, 1'000'000};
    int steps_left = longest_stop_ms;
    for (int round = 0; round < 2; ++round) {
        const int wanted = signal_other_threads(number);
        for (; stopped_threads.load() < wanted && steps_left > 0; --steps_left)
            ::nanosleep(&step, nullptr);
    }
}

extern "C" void sealift_end_by_signal(int number) {
    if (ending.exchange(true)) { // another thread is at it already
        stopped_threads.fetch_add(1);
        wait_for_the_end();
    }
    stop_other_threads(number);
    if (unfinished_line.load()) {
        [[maybe_unused]] const ssize_t put = ::write(STDERR_FILENO, "\r\x1b[K", 4);
    }
    remove_registered();
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(number, &standard, nullptr);
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, number);
    ::raise(number);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    ::_exit(128 + number); // PID 1 survives a signal with its default action
}

/// Handlers may run after a chdir.
std::string absolute(const std::string& path) {
    if (!path.empty() && path.front() == '/') return path;
    char here[PATH_MAX];
    if (::getcwd(here, sizeof here) == nullptr) throw_errno("cannot find out", "the current folder");
    return std::string(here) + "/" + path;
}

int claim_slot() {
    for (std::size_t i = 0; i < slots.size(); ++i) {
        int expected = state_free;
        if (slots[i].state.compare_exchange_strong(expected, state_writing)) return static_cast<int>(i);
    }
    throw Error(Fault::internal, "over " + std::to_string(slot_count) + " temporary paths at once");
}

Slot& slot_at(int index) {
    return slots[static_cast<std::size_t>(index)];
}

} // namespace

// The order of the checks of `ending` is what makes this work without a lock, also for a thread that could
// not be stopped. The handler sets `ending`, then looks at the rows. A row that it saw as being written
// belongs to a thread that checks `ending` once more after publishing it and before creating anything; a row
// that it saw published cannot be reused under its hands, for claiming it again checks `ending` before the
// first byte.
TemporaryPath::TemporaryPath(const std::string& path, TemporaryKind kind) {
    const std::string whole = absolute(path);
    if (whole.size() >= PATH_MAX) {
        throw Error(Fault::io,
                    manifests::in_quotes(path) + " has over " + std::to_string(PATH_MAX - 1) + " bytes");
    }
    slot_ = claim_slot();
    if (ending.load()) wait_for_the_end();
    Slot& slot = slot_at(slot_);
    std::memcpy(slot.path, whole.c_str(), whole.size() + 1);
    slot.owner.store(::getpid());
    slot.state.store(static_cast<int>(kind));
    if (ending.load()) wait_for_the_end();
}

TemporaryPath::TemporaryPath(TemporaryPath&& other) noexcept : slot_(std::exchange(other.slot_, -1)) {}

TemporaryPath& TemporaryPath::operator=(TemporaryPath&& other) noexcept {
    if (this != &other) {
        remove();
        slot_ = std::exchange(other.slot_, -1);
    }
    return *this;
}

TemporaryPath::~TemporaryPath() {
    remove();
}

void TemporaryPath::keep() noexcept {
    if (slot_ >= 0) slot_at(std::exchange(slot_, -1)).state.store(state_free);
}

void TemporaryPath::remove() noexcept {
    if (slot_ < 0) return;
    const Slot& slot = slot_at(slot_);
    if (slot.owner.load() == ::getpid()) remove_tree(slot.path);
    keep();
}

void install_signal_handlers() {
    struct sigaction wanted {};
    wanted.sa_handler = sealift_end_by_signal;
    for (const int number : ending_signals)
        ::sigaddset(&wanted.sa_mask, number);
    for (const int number : ending_signals) {
        struct sigaction before {};
        ::sigaction(number, nullptr, &before);
        if (before.sa_handler != SIG_IGN) ::sigaction(number, &wanted, nullptr);
    }
}

bool remove_tree(const char* path) noexcept {
    return remove_at(AT_FDCWD, path, 0, 0);
}

void set_unfinished_line(bool drawn) noexcept {
    unfinished_line.store(drawn);
}

bool has_unfinished_line() noexcept {
    return unfinished_line.load();
}

} // namespace runtime
