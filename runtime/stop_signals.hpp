#pragma once
// How a supervisor hears that it shall stop: it blocks these signals and asks for them where it waits, so a
// stop is never lost, also while the engine is still loading for an hour.

#include <csignal>

namespace runtime {

/// SIGTERM, SIGINT and SIGHUP.
sigset_t stop_signals() noexcept;

/// Whether one of them came while they are blocked. False in a process that does not block them.
bool stop_is_pending() noexcept;

/// Takes those that came, so that unblocking them does not end the process.
void forget_stop_signals() noexcept;

} // namespace runtime
