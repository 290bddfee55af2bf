#pragma once
// What vendors' tools say, held against what files say. A tool is believed only where the machine's own files
// do not speak, and where two tools do not contradict each other; every contradiction is listed among what
// could not be read, so that nothing is preferred in silence.

#include <vector>

#include "manifests/machine.hpp"

namespace runtime {

/// Records the evidence in `machine`, fills what its files leave open, and notes contradictions in
/// machine.unreadable, as "npu-smi: memory of 0000:c1:00.0: 34359738368 bytes, and files say
/// 68719476736 bytes".
/// The outcome does not depend on the order of the evidence.
/// @param evidence  each tool once
/// @throws Error  Fault::usage if a tool is there twice
void add_evidence(std::vector<manifests::EvidenceFound> evidence, manifests::Machine& machine);

} // namespace runtime
