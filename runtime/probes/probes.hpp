#pragma once
// What one probe each reads into a machine. A probe reads files and nothing else: no commands, no drivers'
// libraries, no environment. Serial numbers, UUIDs, host names and users are opened by probe_identities()
// alone.

#include <vector>

#include "manifests/machine.hpp"
#include "runtime/probes/sysroot.hpp"
#include "runtime/probes/version_places.hpp"

namespace runtime {

/// The processor of a copied tree as far as /proc/cpuinfo in it says, and then `cpu.source` names that file:
/// flags there are those that the kernel had switched on, and an old kernel does not print all that it knew.
/// "cpu" is unreadable if there is no such file, or one of a processor whose text is not known here.
void probe_cpuinfo(Sysroot& root, manifests::Machine& machine);

/// PCI functions from /sys/bus/pci/devices: accelerators and displays, and networks. Virtual functions of a
/// function that is itself visible are left out; so are displays of server management controllers and
/// hypervisors. A function that hides behind a placeholder while it is reset is unreadable.
void probe_pci(Sysroot& root, manifests::Machine& machine);

/// Memory of AMD-like devices and how many an engine sees behind one PCI function, from the topology that
/// their driver shows; run after probe_pci().
void probe_kfd(Sysroot& root, manifests::Machine& machine);

/// Product names from /proc/driver/nvidia/gpus; run after probe_pci().
void probe_nvidia(Sysroot& root, manifests::Machine& machine);

/// Accelerators on buses that are not PCI (Ascend 950 on "ub"): they are there and cannot be read, which is
/// said among `unreadable`.
void probe_other_buses(Sysroot& root, manifests::Machine& machine);

/// Makers, models and firmware versions from /sys/class/dmi/id. What a board maker left unfilled is absent.
void probe_smbios(Sysroot& root, manifests::Machine& machine);

/// NUMA nodes, and MemTotal less the memory of nodes without processors: on machines whose accelerators'
/// memory is a NUMA node (POWER9, Grace Hopper) that memory is in MemTotal.
void probe_memory(Sysroot& root, manifests::Machine& machine);

/// Name and release of the kernel, and how many processors are online.
void probe_kernel(Sysroot& root, manifests::Machine& machine);

/// The distribution, from /etc/os-release or /usr/lib/os-release.
void probe_system(Sysroot& root, manifests::Machine& machine);

/// What libc.so.6 and libstdc++.so.6 offer, read from the files that the dynamic linker would take; run after
/// the processor is known, for a machine may have libraries of several architectures.
void probe_libraries(Sysroot& root, manifests::Machine& machine);

/// Disks and their like from /sys/block, not what is made of them (loop, ram, zram, device mapper, RAID).
void probe_block_devices(Sysroot& root, manifests::Machine& machine);

/// Nodes under /dev that engines of known accelerators open, with permissions.
/// @param more  nodes besides those that are built in: paths under /dev, "{n}" in them for a number
void probe_device_nodes(Sysroot& root, const std::vector<std::string>& more, manifests::Machine& machine);

/// Versions of drivers, firmware and toolkits from the files where they stand.
/// @param more  places besides those that are built in; tried after them
void probe_versions(Sysroot& root, const std::vector<VersionPlace>& more, manifests::Machine& machine);

/// Fills machine.identities. Only on request.
void probe_identities(Sysroot& root, manifests::Machine& machine);

/// The maker's name for a PCI vendor id ("19e5"), or "".
std::string accelerator_vendor(const std::string& vendor_id);

/// Whether a text of the firmware says something, and is not what board makers leave where a name should be
/// ("To be filled by O.E.M.", "Default string", "0000").
bool is_filled_in(const std::string& text);

} // namespace runtime
