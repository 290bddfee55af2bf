#pragma once
// The options with which a person says which machine is looked at, and what vendors' tools said about it: the
// same for every command that probes.

#include <string>
#include <vector>

#include "manifests/profile.hpp"
#include "runtime/probe.hpp"

namespace CLI {
class App;
}

namespace runtime {

struct ProbeChoice {
    std::string sysroot; ///< empty: this machine
    std::vector<std::string> plugins;
    std::vector<std::string> evidence; ///< files with what plug-ins printed
};

/// --sysroot
void add_sysroot_option(CLI::App& command, ProbeChoice& options);
/// --plugin and --evidence
void add_evidence_options(CLI::App& command, ProbeChoice& options);

/// Runs the plug-ins, reads the files; versions are looked for where these profiles say, too.
/// @throws Error  Fault::usage for options that contradict each other; Fault::io for a plug-in or a file that
///   says nothing
ProbeRequest request_of(const ProbeChoice& options, const std::vector<manifests::Profile>& profiles);

} // namespace runtime
