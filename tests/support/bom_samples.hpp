#pragma once
// Inputs of both BOMs with everything that a bundle can have, from real bytes.

#include "packager/hardware_bom.hpp"
#include "packager/software_bom.hpp"

namespace tests {

/// A file with `bytes`; ELF is read from them. @param role  as in the bundle document
packager::SoftwareBomFile bom_file(const std::string& path, manifests::Role role, const std::string& bytes,
                                   manifests::FileMode mode = manifests::FileMode::plain);

/// Two weight files, a program, two libraries of which one needs the other, a kernel that fits both, a
/// configuration, a document and a profile.
packager::SoftwareBomInputs sample_software();

/// A profile with an accelerator, its driver and firmware, a toolkit and an operating system.
packager::HardwareBomInputs sample_hardware();

} // namespace tests
