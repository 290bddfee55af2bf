#pragma once
// Looks at a machine: what it is made of as far as it says so itself. Same machine, same Machine.

#include <string>

#include "manifests/machine.hpp"

namespace runtime {

/// Reads sysfs, procfs and the processor; runs no commands and needs no rights.
///
/// @param sysroot  "" for this machine, or the root of a tree copied from another one (or of this machine's
///   files mounted elsewhere). Of another machine the processor stays unknown, for only it can say what it
///   is; "cpu" is then among `unreadable`.
/// @throws Error  Fault::io if there is no such folder
manifests::Machine probe_machine(const std::string& sysroot = "");

} // namespace runtime
