// The texts that probes read: version files, /proc/cpuinfo, os-release, KFD properties. Nothing comes out but
// what can stand in a machine's document.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "manifests/machine.hpp"
#include "manifests/pci_name.hpp"
#include "runtime/probes/cpuinfo.hpp"
#include "runtime/probes/key_text.hpp"
#include "runtime/probes/kfd_topology.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const std::string_view key : {"", "Version", "ID", "model"}) {
        const auto version = runtime::version_in(text, key);
        if (!version) continue;
        demand(!version->empty() && version->size() <= 64, "a version has 1 to 64 characters");
        demand(version->front() >= '0' && version->front() <= '9', "a version starts with a digit");
        demand(version->find_first_of(" \t\n\r\\\"") == std::string::npos, "a version is one word");
    }
    if (const auto cpu = runtime::decode_cpuinfo(text)) {
        manifests::Machine machine;
        machine.cpu = *cpu;
        const std::string once = manifests::write_json(machine.to_json());
        demand(manifests::write_json(manifests::Machine::parse(once).to_json()) == once,
               "a processor fits into a machine");
    }
    runtime::read_kfd_bank(text);
    if (const auto node = runtime::read_kfd_node(text)) {
        demand(manifests::is_pci_address(node->bus + ".0"), "a node is somewhere on PCI");
        const auto groups = runtime::group_kfd_nodes({*node, *node});
        demand(groups.size() == 1 && groups[0].devices == 2, "a node is grouped with itself");
    }
    return 0;
}
