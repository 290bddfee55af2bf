#include "runtime/probes/probes.hpp"

namespace runtime {

// Source: Huawei's published driver, src/sdk_driver/comm/ub/host: Ascend 950 is vendor 0xe0fc, device 0xd800
// on "ub". How such a bus names its devices is not known here, so they are not made to look like PCI.
void probe_other_buses(Sysroot& root, manifests::Machine&) {
    const std::string all = "/sys/bus/ub/devices";
    for (const std::string& name : root.names(all)) {
        const auto vendor = root.line(all + "/" + name + "/vendor");
        if (!vendor || *vendor == "0xe0fc") root.add_unreadable(all);
    }
}

} // namespace runtime
