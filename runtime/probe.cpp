#include "runtime/probe.hpp"

#include <string>
#include <vector>

#include "runtime/cpu.hpp"
#include "runtime/evidence.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

void probe_processor(Sysroot& root, manifests::Machine& machine) {
    if (!root.is_this_machine()) return probe_cpuinfo(root, machine);
    std::vector<std::string> unreadable;
    machine.cpu = read_cpu(unreadable);
    for (const std::string& path : unreadable)
        root.add_unreadable(path);
}

void probe_accelerators(Sysroot& root, const std::vector<std::string>& nodes, manifests::Machine& machine) {
    probe_pci(root, machine);
    probe_kfd(root, machine);
    probe_nvidia(root, machine);
    probe_other_buses(root, machine);
    probe_device_nodes(root, nodes, machine);
}

} // namespace

manifests::Machine probe_machine(const ProbeRequest& request) {
    Sysroot root(request.sysroot);
    manifests::Machine machine;
    probe_processor(root, machine);
    probe_kernel(root, machine); // counts processors, so after them
    probe_system(root, machine);
    probe_memory(root, machine);
    probe_accelerators(root, request.nodes, machine);
    probe_versions(root, request.places, machine);
    probe_libraries(root, machine);
    probe_block_devices(root, machine);
    probe_smbios(root, machine);
    if (request.identities == ProbeRequest::Identities::include) probe_identities(root, machine);
    machine.unreadable = root.unreadable();
    add_evidence(request.evidence, machine);
    return machine;
}

manifests::Machine probe_machine(const std::string& sysroot) {
    return probe_machine(ProbeRequest{.sysroot = sysroot});
}

} // namespace runtime
