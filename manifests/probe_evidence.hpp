#pragma once
// What a plug-in around a vendor's tool says about a machine (sealift.probe-evidence/1):
//
//     {"schema": "sealift.probe-evidence/1", "tool": "npu-smi", "version": "25.2.0",
//      "devices": [{"address": "0000:c1:00.0", "model": "Ascend910B3", "memory_bytes": 68719476736,
//      "devices": 1}], "software": [{"kind": "firmware", "name": "Ascend HDK firmware", "version":
//      "7.7.0.6.236"}]}
//
// Only schema, tool and a device's address have to be there; what a tool does not say is left out, and
// neither 0 nor "" is a way to say so. Members in any order, devices rising by address, software by kind and
// name.

#include <string_view>

#include "manifests/machine.hpp"

namespace manifests {

/// @return with the digest of all of `bytes`, and the tool's name as the path of its software
/// @throws Error  Fault::damaged
EvidenceFound parse_probe_evidence(std::string_view bytes);

} // namespace manifests
