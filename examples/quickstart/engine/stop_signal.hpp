#pragma once
// SIGTERM and SIGINT end the program with status 0, at once while it starts and after the current token once
// it serves. A handler may do very little, so it writes one byte into a pipe that the server waits on.

namespace engine {

/// From here on the signals end the process on the spot, with status 0.
void stop_at_once_on_signals();

/// From here on the signals only ask to stop. Called once.
/// @return a descriptor that becomes readable when a stop is asked for
/// @throws std::runtime_error  no pipe to be had
int ask_to_stop_on_signals();

/// Whether a stop has been asked for; cheap enough for every token.
bool stop_asked() noexcept;

} // namespace engine
