#include <algorithm>

#include "manifests/pci_name.hpp"
#include "manifests/text.hpp"
#include "runtime/probes/key_text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {

void probe_nvidia(Sysroot& root, manifests::Machine& machine) {
    const std::string all = "/proc/driver/nvidia/gpus";
    for (const std::string& address : root.names(all)) {
        if (!manifests::is_pci_address(address)) continue;
        const std::string path = all + "/" + address + "/information";
        const auto text = root.text(path);
        if (!text) continue;
        const auto model = value_of(*text, "Model"); // the UUID below it is not looked at
        const auto device = std::find_if(machine.accelerators.begin(), machine.accelerators.end(),
                                         [&](const auto& one) { return one.address == address; });
        if (device == machine.accelerators.end()) { // a driver serves it, and PCI does not show it
            root.add_unreadable("/sys/bus/pci/devices/" + address);
        } else if (!model) {
            root.add_unreadable(path);
        } else {
            device->model = manifests::escaped(*model);
        }
    }
}

} // namespace runtime
