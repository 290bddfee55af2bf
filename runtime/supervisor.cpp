#include "runtime/supervisor.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/cleanup.hpp"
#include "runtime/engine_checks.hpp"
#include "runtime/engine_process.hpp"
#include "runtime/foreign_descriptors.hpp"
#include "runtime/stop_signals.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::Report;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto patience_with_engine = 10s; // between SIGTERM and SIGKILL
constexpr auto patience_with_supervisor = 20s;

FileLock take_lock(const Site& site) {
    site.prepare();
    auto lock = lock_run(site);
    if (lock) {
        // It names a process that is gone; while we start, nobody may take that number for ours.
        ::unlink(state_path(site).c_str());
        return std::move(*lock);
    }
    throw Error(Fault::refused, Code::site_state,
                "something is running at " + manifests::in_quotes(site.path()) + " already")
        .hint("look with sealift-runtime status, end it with sealift-runtime stop");
}

std::string empty_work_folder(const Site& site) {
    const std::string path = site.run_path() + "/work";
    remove_tree(path.c_str());
    make_folders(path);
    return path;
}

RunState first_state(const BootRequest& request) {
    const manifests::BundleDocument& document = request.trusted.bundle().document();
    RunState state;
    state.supervisor_pid = static_cast<std::uint64_t>(::getpid());
    state.bundle = request.trusted.bundle().digest().text();
    state.name = document.name;
    state.version = document.version;
    state.profile = document.profile_id;
    state.source = request.trusted.bundle().path();
    state.generation = request.generation ? request.generation->name : "";
    state.health_path = document.runtime->ready.health_path;
    return state;
}

// The three questions; the first no ends it.
void ask_everything(EngineProcess& engine, const BootRequest& request, RunState& state, Report& report) {
    const manifests::BundleDocument& document = request.trusted.bundle().document();
    const manifests::RuntimeSection& runtime = *document.runtime;
    const auto endpoint = wait_until_ready(engine, runtime, request.launch.port, report);
    if (!endpoint) return;
    state.endpoint = endpoint->host + ":" + std::to_string(endpoint->port);
    check_device(engine, kernels_of(request.launch, document), runtime, *endpoint, report);
    if (!report.passed() || request.launch.known_answer.empty()) return;
    check_known_answer(engine, KnownAnswer::parse(request.launch.known_answer), *endpoint,
                       runtime.ready.timeout_s, report);
}

// Or else somebody else's answers would be taken for those of an engine that could not listen.
void refuse_taken_port(std::uint64_t port) {
    if (port == 0 || !is_taken({"127.0.0.1", static_cast<std::uint16_t>(port)})) return;
    throw Error(Fault::refused, Code::boot_start,
                "port " + std::to_string(port) + " is taken by another program")
        .hint("end that program, or choose another port with --port");
}

std::optional<EngineProcess> start(const BootRequest& request, RunState& state, Report& report) {
    const auto begin = Clock::now();
    try {
        refuse_taken_port(request.launch.port);
        EngineProcess engine(request.launch, engine_log_path(request.site), empty_work_folder(request.site));
        state.engine_pid = static_cast<std::uint64_t>(engine.id());
        try {
            ask_everything(engine, request, state, report);
        } catch (const Error& error) { // an answer that is no HTTP or no JSON is a no
            report.add({error.code().value_or(Code::boot_answer), "engine", error.what(), error.hint()});
        }
        if (report.passed()) {
            state.ready_ms = static_cast<std::uint64_t>(
                std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count());
            return engine;
        }
        state.reason = engine.stop(patience_with_engine);
    } catch (const Error& error) {
        report.add({error.code().value_or(Code::boot_start), "engine", error.what(), error.hint()});
    }
    return std::nullopt;
}

// Until the engine ends by itself (false) or a stop signal came and it was stopped (true).
bool stay(EngineProcess& engine, RunState& state) {
    const sigset_t signals = stop_signals();
    for (;;) {
        const timespec step{0, 100'000'000};
        if (::sigtimedwait(&signals, nullptr, &step) > 0) {
            state.reason = engine.stop(patience_with_engine);
            state.phase = RunState::Phase::stopped;
            return true;
        }
        engine.drain();
        if (const auto end = engine.ended()) {
            state.reason = "the engine ended by itself with " + *end;
            state.phase = RunState::Phase::failed;
            return false;
        }
    }
}

bool supervise(BootRequest& request, const std::function<void(const RunState&)>& on_answer) {
    const sigset_t signals = stop_signals();
    sigset_t before;
    ::sigprocmask(SIG_BLOCK, &signals, &before); // a stop that comes early ends whatever waits then
    ::signal(SIGCHLD,
             SIG_DFL); // who started us may ignore it, and then nobody could ask how the engine ended
    RunState state = first_state(request);
    write_run_state(request.site, state);
    Report report;
    std::optional<EngineProcess> engine = start(request, state, report);
    state.phase = engine ? RunState::Phase::running : RunState::Phase::failed;
    if (!engine && stop_is_pending()) {
        state.phase = RunState::Phase::stopped;
        report = Report();
        report.add({Code::boot_start, "engine", "it was stopped on request before it was ready", ""});
    }
    state.findings = report.findings();
    if (engine && request.generation) request.site.mark_good(*request.generation);
    write_run_state(request.site, state);
    on_answer(state);
    const bool stopped = engine && stay(*engine, state);
    if (engine) write_run_state(request.site, state);
    remove_tree((request.site.run_path() + "/work").c_str());
    forget_stop_signals(); // a second one has nothing left to stop
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return stopped;
}

// The background process lets go of everything that belongs to the command: terminal, pipes, session.
void detach(const Site& site) {
    ::setsid();
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    const int log = ::open((site.run_path() + "/supervisor.log").c_str(),
                           O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    ::dup2(nothing, 0);
    ::dup2(nothing, 1);
    ::dup2(log >= 0 ? log : nothing, 2);
    if (nothing > 2) ::close(nothing);
    if (log > 2) ::close(log);
    for (const int number : foreign_descriptors())
        ::close(number);
    [[maybe_unused]] const int root = ::chdir("/");
}

[[noreturn]] void run_background(BootRequest& request, const FileDescriptor& answer, pid_t command) {
    int status = 1;
    try {
        detach(request.site);
        // Until the answer is out it belongs to the command: who interrupts that, does not want an engine.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != command) ::_exit(status);
        const auto tell = [&](const RunState& state) {
            ::prctl(PR_SET_PDEATHSIG, 0);
            const std::string bytes = state.encode();
            write_all(answer, bytes.data(), bytes.size(), "the answer");
            ::close(answer.get());
        };
        status = supervise(request, tell) ? 0 : 1;
    } catch (const std::exception& problem) {
        const std::string text = std::string(problem.what()) + "\n";
        [[maybe_unused]] const ssize_t told = ::write(2, text.data(), text.size());
    }
    ::_exit(status);
}

} // namespace

bool supervise_here(BootRequest& request, const std::function<void(const RunState&)>& on_answer) {
    const FileLock lock = take_lock(request.site);
    return supervise(request, on_answer);
}

RunState supervise_in_background(BootRequest& request) {
    const FileLock lock = take_lock(request.site); // the child inherits it and keeps it
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("cannot make", "a pipe");
    const FileDescriptor read_end(ends[0]);
    FileDescriptor write_end(ends[1]);
    const pid_t command = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw_errno("cannot start", "a supervisor");
    if (child == 0) run_background(request, write_end, command);
    write_end = FileDescriptor();
    std::string bytes;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(read_end.get(), buffer, sizeof buffer)) != 0;) {
        if (got > 0) bytes.append(buffer, static_cast<std::size_t>(got));
        if (got < 0 && errno != EINTR) throw_errno("cannot read from", "the supervisor");
    }
    if (bytes.empty()) {
        throw Error(Fault::io, "the supervisor died before it had an answer")
            .hint("see " + request.site.run_path() + "/supervisor.log");
    }
    RunState state = RunState::parse(bytes);
    // After a no the supervisor cleans up and lets go of the site; only then may somebody try again.
    if (state.phase != RunState::Phase::running) {
        while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    return state;
}

std::optional<RunState> stop_supervisor(const Site& site) {
    struct stat status {};
    if (::stat(site.run_path().c_str(), &status) != 0) return std::nullopt;
    const auto until = Clock::now() + patience_with_supervisor;
    RunNow now = read_run_now(site);
    while (now.supervised && !now.state && Clock::now() < until) { // it is about to say who it is
        std::this_thread::sleep_for(5ms);
        now = read_run_now(site);
    }
    if (!now.supervised) return std::nullopt;
    const auto& state = now.state;
    if (!state || state->supervisor_pid <= 1)
        throw Error(Fault::io, "something runs at this site, but it does not say what");
    if (::kill(static_cast<pid_t>(state->supervisor_pid), SIGTERM) != 0 && errno != ESRCH)
        throw_errno("cannot stop", state->name);
    while (Clock::now() < until) {
        if (!is_run_locked(site)) return state;
        std::this_thread::sleep_for(5ms);
    }
    throw Error(Fault::io,
                "the supervisor (process " + std::to_string(state->supervisor_pid) + ") did not end in time");
}

} // namespace runtime
