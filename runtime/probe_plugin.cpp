#include "runtime/probe_plugin.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {
namespace {

using Clock = std::chrono::steady_clock;
using manifests::Error;
using manifests::Fault;

constexpr std::size_t most_complaint_bytes = 4096;

struct Pipe {
    FileDescriptor read;
    FileDescriptor write;
};

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("cannot make", "a pipe");
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// Only system calls from here on: another thread may have held a lock when the process was copied.
[[noreturn]] void run_child(const char* path, int output, int complaints, int nothing) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    for (int signal = 1; signal < NSIG; ++signal)
        ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::umask(077);
    const bool ready =
        ::chdir("/") == 0 && ::dup2(nothing, 0) >= 0 && ::dup2(output, 1) >= 0 && ::dup2(complaints, 2) >= 0;
    if (ready) {
        char* const arguments[] = {const_cast<char*>(path), nullptr};
        char* const environment[] = {nullptr};
        ::execve(path, arguments, environment);
        const char* reason = ::strerrordesc_np(errno);
        if (reason != nullptr) {
            [[maybe_unused]] const ssize_t told = ::write(2, reason, std::strlen(reason));
        }
    }
    ::_exit(127);
}

class Plugin {
public:
    explicit Plugin(const std::string& path) : path_(path) {
        Pipe output = make_pipe();
        Pipe complaints = make_pipe();
        const FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!nothing) throw_errno("cannot open", "/dev/null");
        id_ = ::fork();
        if (id_ < 0) throw_errno("cannot start", path);
        if (id_ == 0) run_child(path.c_str(), output.write.get(), complaints.write.get(), nothing.get());
        ::setpgid(id_, id_); // whoever comes first
        output_ = std::move(output.read);
        complaints_ = std::move(complaints.read);
    }
    ~Plugin() { kill_all(); }
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    // Reads both pipes to their ends. @return what came on standard output
    std::string read_all(const PluginLimits& limits) {
        const auto until = Clock::now() + limits.time;
        std::string text;
        while (output_ || complaints_) {
            wait_for_bytes(until);
            take(output_, text, limits.output_bytes + 1);
            if (text.size() > limits.output_bytes)
                fail("printed over " + std::to_string(limits.output_bytes) + " bytes");
            // What is over the limit is read and forgotten, or the plug-in would wait for us.
            std::string more;
            take(complaints_, more, most_complaint_bytes);
            complaint_ += more;
            if (complaint_.size() > most_complaint_bytes)
                complaint_.erase(0, complaint_.size() - most_complaint_bytes);
        }
        return text;
    }

    void must_end_well(Clock::time_point until) {
        int status = 0;
        pid_t ended = 0;
        while ((ended = ::waitpid(id_, &status, WNOHANG)) == 0) { // its outputs are closed, it may still run
            if (Clock::now() >= until) fail("did not end in time");
            ::poll(nullptr, 0, 5);
        }
        if (ended != id_) fail("did not say how it ended");
        const pid_t group = std::exchange(id_, -1);
        ::kill(-group, SIGKILL); // whatever it left behind
        if (WIFSIGNALED(status)) fail("ended by signal " + std::to_string(WTERMSIG(status)));
        if (WEXITSTATUS(status) != 0) fail("ended with exit status " + std::to_string(WEXITSTATUS(status)));
    }

private:
    [[noreturn]] void fail(const std::string& what) {
        std::string text = complaint_;
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
            text.pop_back();
        text = text.substr(text.rfind('\n') + 1);
        Error error(Fault::io, "the plug-in " + what + (text.empty() ? "" : ": " + manifests::escaped(text)));
        error.in(path_).hint("run it by hand: it has to print sealift.probe-evidence/1 and nothing else");
        throw error;
    }

    void wait_for_bytes(Clock::time_point until) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0) fail("did not end in time");
        std::array<pollfd, 2> both{pollfd{output_.get(), POLLIN, 0}, pollfd{complaints_.get(), POLLIN, 0}};
        ::poll(both.data(), both.size(), static_cast<int>(std::min<long long>(left, 1000)));
    }

    // Once; a pipe without bytes is left for later, one that was closed is closed here too.
    static void take(FileDescriptor& from, std::string& into, std::size_t most_bytes) {
        if (!from) return;
        pollfd ready{from.get(), POLLIN, 0};
        if (::poll(&ready, 1, 0) <= 0 || ready.revents == 0) return;
        std::array<char, 4096> buffer{};
        const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) return;
        if (got <= 0) {
            from = FileDescriptor();
            return;
        }
        const std::size_t room = most_bytes - std::min(most_bytes, into.size());
        into.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
    }

    void kill_all() noexcept {
        if (id_ <= 0) return;
        ::kill(-id_, SIGKILL);
        ::kill(id_, SIGKILL);
        int status = 0;
        ::waitpid(std::exchange(id_, -1), &status, 0);
    }

    std::string path_;
    pid_t id_ = -1;
    FileDescriptor output_;
    FileDescriptor complaints_;
    std::string complaint_;
};

} // namespace

std::string run_probe_plugin(const std::string& path, const PluginLimits& limits) {
    const auto until = Clock::now() + limits.time;
    Plugin plugin(std::filesystem::absolute(path).string());
    std::string text = plugin.read_all(limits);
    plugin.must_end_well(until);
    return text;
}

} // namespace runtime
