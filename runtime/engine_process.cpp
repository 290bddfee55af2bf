#include "runtime/engine_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
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
#include "runtime/foreign_descriptors.hpp"
#include "runtime/stop_signals.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_line_bytes =
    64 * 1024; // an engine that prints more without a line feed is not ours

struct Pipe {
    FileDescriptor read;
    FileDescriptor write;
};

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("cannot make", "a pipe");
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// What the child needs, made before the fork: after it only system calls are safe.
struct ChildArguments {
    std::vector<std::string> environment_texts;
    std::vector<char*> arguments;
    std::vector<char*> environment;
    std::vector<int> foreign = foreign_descriptors();

    explicit ChildArguments(const Launch& launch) {
        for (const auto& [name, text] : launch.environment)
            environment_texts.push_back(name + "=" + text);
        for (const std::string& text : launch.arguments)
            arguments.push_back(const_cast<char*>(text.c_str()));
        for (const std::string& text : environment_texts)
            environment.push_back(const_cast<char*>(text.c_str()));
        arguments.push_back(nullptr);
        environment.push_back(nullptr);
    }
};

[[noreturn]] void run_child(const Launch& launch, const ChildArguments& prepared,
                            const FileDescriptor& output, const FileDescriptor& log,
                            const FileDescriptor& nothing, const FileDescriptor& problem,
                            const std::string& work_folder, pid_t parent) {
    const auto give_up = [&](char step) {
        const char message[2] = {step, static_cast<char>(errno)};
        [[maybe_unused]] const ssize_t told = ::write(problem.get(), message, sizeof message);
        ::_exit(127);
    };
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127); // the parent died before the line above
    if (::chdir(work_folder.c_str()) != 0) give_up('d');
    if (::dup2(nothing.get(), 0) < 0 || ::dup2(output.get(), 1) < 0 || ::dup2(log.get(), 2) < 0) give_up('f');
    for (const int number : prepared.foreign)
        ::fcntl(number, F_SETFD, FD_CLOEXEC);
    for (const int number : launch.inherited) {
        if (::fcntl(number, F_SETFD, 0) != 0) give_up('f');
    }
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::umask(077);
    for (int signal = 1; signal < NSIG; ++signal)
        ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::fexecve(launch.program, prepared.arguments.data(), prepared.environment.data());
    give_up('x');
    ::_exit(127);
}

} // namespace

EngineProcess::EngineProcess(const Launch& launch, const std::string& log_path,
                             const std::string& work_folder) {
    Pipe output = make_pipe();
    Pipe problem = make_pipe();
    const FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing) throw_errno("cannot open", "/dev/null");
    log_path_ = log_path;
    log_ = FileDescriptor(
        ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!log_) throw_errno("cannot write", log_path);
    const ChildArguments prepared(launch);
    const pid_t parent = ::getpid();
    id_ = ::fork();
    if (id_ < 0) throw_errno("cannot start", launch.arguments[0]);
    if (id_ == 0)
        run_child(launch, prepared, output.write, log_, nothing, problem.write, work_folder, parent);
    problem.write = FileDescriptor();
    output.write = FileDescriptor();
    output_ = std::move(output.read);
    char message[2];
    if (::read(problem.read.get(), message, sizeof message) ==
        sizeof message) { // nothing comes once exec worked
        int status = 0;
        ::waitpid(std::exchange(id_, -1), &status, 0);
        const char* reason = ::strerrordesc_np(message[1]);
        throw Error(Fault::refused, Code::boot_start,
                    "cannot execute " + manifests::in_quotes(launch.arguments[0]) + ": " +
                        (reason != nullptr ? reason : "unknown error"))
            .hint("an engine is an ELF program for this machine, with an interpreter that this machine has");
    }
}

EngineProcess::EngineProcess(EngineProcess&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      output_(std::move(other.output_)),
      log_(std::move(other.log_)),
      log_path_(std::move(other.log_path_)),
      pending_(std::move(other.pending_)),
      end_(std::move(other.end_)) {}

EngineProcess::~EngineProcess() {
    if (id_ > 0 && !end_) {
        ::kill(id_, SIGKILL);
        int status = 0;
        ::waitpid(id_, &status, 0);
    }
}

std::optional<std::string> EngineProcess::read_line(Clock::time_point until) {
    for (;;) {
        const std::size_t end = pending_.find('\n');
        if (end != std::string::npos) {
            std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            return line;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0 || pending_.size() > longest_line_bytes || !output_ || stop_is_pending())
            return std::nullopt;
        pollfd wait{output_.get(), POLLIN, 0};
        if (::poll(&wait, 1, static_cast<int>(std::min<long long>(left, 100))) < 0 && errno != EINTR)
            return std::nullopt;
        if (wait.revents == 0) continue;
        char buffer[4096];
        const ssize_t got = ::read(output_.get(), buffer, sizeof buffer);
        if (got <= 0) {
            output_ = FileDescriptor();
            return std::nullopt;
        }
        pending_.append(buffer, static_cast<std::size_t>(got));
        log(buffer, static_cast<std::size_t>(got));
    }
}

// A log on a full disk loses text; that must not end an engine that is well.
void EngineProcess::log(const char* text, std::size_t length_bytes) noexcept {
    while (length_bytes > 0) {
        const ssize_t put = ::write(log_.get(), text, length_bytes);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return;
        text += put;
        length_bytes -= static_cast<std::size_t>(put);
    }
}

void EngineProcess::drain() {
    pollfd wait{output_.get(), POLLIN, 0};
    while (output_ && ::poll(&wait, 1, 0) > 0) {
        char buffer[4096];
        const ssize_t got = ::read(output_.get(), buffer, sizeof buffer);
        if (got <= 0) {
            output_ = FileDescriptor();
            return;
        }
        log(buffer, static_cast<std::size_t>(got));
    }
}

std::string EngineProcess::last_words() const {
    constexpr std::uint64_t tail_bytes = 4096;
    const FileDescriptor file = open_to_read(log_path_);
    const std::uint64_t size_bytes = facts_of(file, log_path_).size_bytes;
    std::string text(static_cast<std::size_t>(std::min(size_bytes, tail_bytes)), '\0');
    text.resize(read_at(file, text.data(), text.size(), size_bytes - text.size(), log_path_));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return manifests::escaped(text.substr(text.rfind('\n') + 1));
}

std::optional<std::string> EngineProcess::ended() {
    if (end_) return end_;
    int status = 0;
    if (::waitpid(id_, &status, WNOHANG) != id_) return std::nullopt;
    end_ = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                               : "exit status " + std::to_string(WEXITSTATUS(status));
    return end_;
}

std::string EngineProcess::stop(std::chrono::milliseconds patience) {
    constexpr auto step = std::chrono::milliseconds(5);
    const auto until = Clock::now() + patience;
    if (!ended()) ::kill(id_, SIGTERM);
    while (!ended() && Clock::now() < until) { // what it still has to say must not hold it up
        drain();
        std::this_thread::sleep_for(step);
    }
    if (!ended()) ::kill(id_, SIGKILL);
    while (!ended())
        std::this_thread::sleep_for(step);
    return *ended();
}

} // namespace runtime
