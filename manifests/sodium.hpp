#pragma once
// libsodium has to be started once, before its first use; whoever uses it calls this.

namespace manifests {

/// Cheap after the first call; any thread may call it.
/// @throws Error  Fault::internal if libsodium finds no source of random numbers
void start_sodium();

} // namespace manifests
