#pragma once
// What one probe each reads into a machine. A probe reads files and nothing else: no commands, no drivers'
// libraries. Serial numbers, UUIDs, host names and users are never opened.

#include "manifests/machine.hpp"
#include "runtime/probes/sysroot.hpp"

namespace runtime {

/// Accelerators and displays on PCI, from /sys/bus/pci/devices. Virtual functions of a function that is
/// itself visible are left out; so are displays of server management controllers and hypervisors.
void probe_pci(Sysroot& root, manifests::Machine& machine);

/// Makers, models and firmware versions from /sys/class/dmi/id. What a board maker left unfilled is absent.
void probe_smbios(Sysroot& root, manifests::Machine& machine);

/// MemTotal less the memory of nodes without processors: on machines whose accelerators' memory is a NUMA
/// node (POWER9, Grace Hopper) that memory is in MemTotal.
void probe_memory(Sysroot& root, manifests::Machine& machine);

/// Name and release of the kernel, and how many processors are online.
void probe_kernel(Sysroot& root, manifests::Machine& machine);

/// The maker's name for a PCI vendor id ("19e5"), or "".
std::string accelerator_vendor(const std::string& vendor_id);

} // namespace runtime
