#pragma once
// A machine that was probed somewhere else, as a file.

#include <string>

#include "manifests/machine.hpp"

namespace runtime {

/// What `sealift-runtime probe --format json` printed (sealift.probe/1), or its member `machine` alone
/// (sealift.machine/1).
/// @param path  "-": stdin
/// @throws Error  Fault::io if it cannot be read or is no such document: then there is no answer
manifests::Machine load_machine(const std::string& path);

} // namespace runtime
