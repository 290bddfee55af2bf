#pragma once
// Looks at a machine: what it is made of as far as it says so itself. Same machine, same Machine.

#include <string>
#include <vector>

#include "manifests/machine.hpp"
#include "runtime/probes/version_places.hpp"

namespace runtime {

struct ProbeRequest {
    /// "" for this machine, or the root of a tree copied from another one (or of this machine's files mounted
    /// elsewhere).
    std::string sysroot = {};
    enum class Identities { leave_out, include };
    Identities identities = Identities::leave_out; ///< serial numbers, UUIDs, host name
    /// Where versions stand besides the built-in places: of profiles, see version_places_of().
    std::vector<VersionPlace> places = {};
    /// Device nodes besides the built-in ones, "/dev/name{n}" as profiles have them.
    std::vector<std::string> nodes = {};
    std::vector<manifests::EvidenceFound> evidence = {}; ///< of vendors' tools; each tool once
};

/// Reads files and the processor, in no order that shows: no commands, no environment, no rights needed. What
/// a user may not read is listed in Machine::unreadable.
///
/// Of another machine the processor is what /proc/cpuinfo in the tree says (and cpu.source then names it), or
/// unknown; "cpu" is then among `unreadable`.
/// @throws Error  Fault::io if there is no such folder; Fault::usage if a tool's evidence is there twice
manifests::Machine probe_machine(const ProbeRequest& request);

/// Without identities, places, nodes and evidence.
manifests::Machine probe_machine(const std::string& sysroot = "");

} // namespace runtime
