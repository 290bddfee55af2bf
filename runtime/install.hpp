#pragma once
// Install: one transaction. Files are verified while they are copied into a staging folder, everything is
// synced, and one rename gives the generation its name. Killed at any moment, the site is in the old state or
// in the new one.

#include <cstdint>
#include <string>
#include <vector>

#include "manifests/public_key.hpp"
#include "runtime/content.hpp"
#include "runtime/pipe_spool.hpp"
#include "runtime/site.hpp"
#include "runtime/trust.hpp"

namespace runtime {

struct Installed {
    Generation generation;
    bool was_there =
        false; ///< the newest generation already held this very bundle, whole; nothing was written
};

struct InstallOptions {
    unsigned jobs = 0;
    OnBytes on_bytes = {};
    PipeSpool* spool = nullptr; ///< of a bundle that comes through a pipe
};

/// @param basis  what the bundle is trusted by: its keys and the envelopes beside the bundle are stored with
/// the
///               generation, so that booting it checks the signatures again; the memory of its site is
///               written before the generation appears
/// @throws Error  Fault::damaged with the finding's code if a file is not what was signed, Fault::refused
/// with
///                Code::site_space or Code::site_state, Fault::io; the site is then as it was
Installed install(const TrustedBundle& trusted, const TrustBasis& basis, const Site& site,
                  const InstallOptions& options);

/// Bytes that an install writes, small documents included.
std::uint64_t install_bytes(const Bundle& bundle);

/// The envelopes that came beside the bundle when it was installed; most have none.
/// @throws Error  Fault::damaged, Code::trust_envelope; Fault::io
std::vector<std::string> beside_of(const Generation& generation);

/// The keys that a generation was installed with.
std::vector<manifests::PublicKey> keys_of(const Generation& generation);

} // namespace runtime
