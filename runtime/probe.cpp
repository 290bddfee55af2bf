#include "runtime/probe.hpp"

#include <string>
#include <vector>

#include "runtime/cpu.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {

manifests::Machine probe_machine(const std::string& sysroot) {
    Sysroot root(sysroot);
    manifests::Machine machine;
    if (root.is_this_machine()) {
        std::vector<std::string> unreadable;
        machine.cpu = read_cpu(unreadable);
        for (const std::string& path : unreadable)
            root.add_unreadable(path);
    } else {
        root.add_unreadable("cpu");
    }
    probe_kernel(root, machine);
    probe_memory(root, machine);
    probe_pci(root, machine);
    probe_smbios(root, machine);
    machine.unreadable = root.unreadable();
    return machine;
}

} // namespace runtime
