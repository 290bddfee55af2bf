#pragma once
// Keeps one engine: starts it, asks the three questions, tells the answer, then stays until the engine ends
// or somebody says stop. In the background it is a process of its own that outlives the command that made it.

#include <functional>
#include <optional>

#include "runtime/launch.hpp"
#include "runtime/run_state.hpp"
#include "runtime/site.hpp"
#include "runtime/trust.hpp"

namespace runtime {

struct BootRequest {
    const TrustedBundle& trusted;
    const Site& site;
    std::optional<Generation> generation; ///< of an installed bundle: becomes the good one when it boots
    Launch launch;
};

/// Stays in this process: tells `on_answer` once, then waits. SIGTERM and SIGINT stop the engine cleanly.
/// @return whether the engine was ready and was then stopped on request
bool supervise_here(BootRequest& request, const std::function<void(const RunState&)>& on_answer);

/// Starts a supervisor in the background and returns its answer.
/// @throws Error  Fault::refused, Code::site_state if one is running at this site already
RunState supervise_in_background(BootRequest& request);

/// Stops what runs at a site. @return the state before, or nothing if nothing ran
/// @throws Error  Fault::io if it does not end
std::optional<RunState> stop_supervisor(const Site& site);

} // namespace runtime
