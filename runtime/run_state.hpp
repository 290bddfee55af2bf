#pragma once
// What a site runs now, or ran last: SITE/run/state.json, written whole by the supervisor. Whether it still
// runs is not read from here but from the lock that the supervisor holds, so a killed one is never taken for
// a running one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "manifests/finding.hpp"
#include "runtime/site.hpp"

namespace runtime {

struct RunState {
    enum class Phase { starting, running, failed, stopped };
    Phase phase = Phase::starting;
    std::uint64_t supervisor_pid = 0;
    std::uint64_t engine_pid = 0;
    std::string bundle; ///< digest
    std::string name;
    std::string version;
    std::string profile;
    std::string source;     ///< path of the bundle or of the generation
    std::string generation; ///< its name; empty when booted straight from a bundle
    std::string endpoint;   ///< "127.0.0.1:8080"; empty before it listens
    std::string health_path;
    std::uint64_t ready_ms = 0;               ///< from the start of the engine to the last check passed
    std::string reason;                       ///< how the engine ended
    std::vector<manifests::Finding> findings; ///< why a boot failed

    /// @throws Error  Fault::damaged
    static RunState parse(std::string_view bytes);
    std::string encode() const;
};

/// "starting", "running", "failed", "stopped"
std::string_view name_of(RunState::Phase phase);

std::string state_path(const Site& site);
std::string engine_log_path(const Site& site);

/// The lock of the one supervisor of a site.
std::optional<FileLock> lock_run(const Site& site);
/// Whether a supervisor holds it.
bool is_run_locked(const Site& site);

/// @return nothing if nothing was ever booted here
std::optional<RunState> read_run_state(const Site& site);

/// State and lock as they were at one moment: read apart, a supervisor that ends in between would look
/// killed.
struct RunNow {
    std::optional<RunState> state;
    bool supervised = false;
};
RunNow read_run_now(const Site& site);
void write_run_state(const Site& site, const RunState& state);

} // namespace runtime
