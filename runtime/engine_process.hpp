#pragma once
// The engine as a child process: cleared environment, empty working folder, only the descriptors it was
// given, no new privileges, and it dies with its parent. The sandbox (namespaces, Landlock, seccomp) builds
// on this.

#include <chrono>
#include <optional>
#include <string>

#include <sys/types.h>

#include "runtime/launch.hpp"

namespace runtime {

class EngineProcess {
public:
    /// @param log_path     gets what the engine writes to stderr, and its stdout after the listening line
    /// @param work_folder  its working directory, which should be empty
    /// @throws Error  Fault::refused, Code::boot_start if it cannot be executed
    EngineProcess(const Launch& launch, const std::string& log_path, const std::string& work_folder);
    EngineProcess(EngineProcess&&) noexcept;
    EngineProcess(const EngineProcess&) = delete;
    EngineProcess& operator=(const EngineProcess&) = delete;
    /// Kills it if it still runs.
    ~EngineProcess();

    pid_t id() const noexcept { return id_; }
    /// The next line on its stdout; empty when it closed it, the time is up or a stop signal is pending.
    std::optional<std::string> read_line(std::chrono::steady_clock::time_point until);
    /// How it ended ("exit status 2", "signal 11"), or nothing while it runs.
    std::optional<std::string> ended();
    /// Whether it closed its stdout, as far as read_line() and drain() have seen.
    bool closed_output() const noexcept { return !output_; }
    /// The last line that it left in its log, escaped; empty if there is none.
    std::string last_words() const;
    /// SIGTERM, then SIGKILL after `patience`. @return how it ended
    std::string stop(std::chrono::milliseconds patience);
    /// Moves what is on its stdout into the log; call often while nobody reads lines, it never waits.
    void drain();

private:
    void log(const char* text, std::size_t length_bytes) noexcept;

    pid_t id_ = -1;
    FileDescriptor output_; ///< read end of its stdout
    FileDescriptor log_;
    std::string log_path_;
    std::string pending_;
    std::optional<std::string> end_;
};

} // namespace runtime
