#include "runtime/probes/kfd_topology.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "runtime/probes/key_text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

// The text behind "NAME " at the start of a line.
std::string_view property(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.starts_with(name)) continue;
        line.remove_prefix(name.size());
        if (!line.starts_with(' ')) continue;
        line.remove_prefix(1);
        while (!line.empty() && (line.back() == ' ' || line.back() == '\r'))
            line.remove_suffix(1);
        return line;
    }
    return {};
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 20 &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

// location_id is bus << 8 | device << 3 | function; in partitioned modes the low bits count partitions.
std::string bus_of(std::uint64_t domain, std::uint64_t location) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%04llx:%02llx:%02llx", static_cast<unsigned long long>(domain),
                  static_cast<unsigned long long>((location >> 8) & 0xffU),
                  static_cast<unsigned long long>((location >> 3) & 0x1fU));
    return text.data();
}

bool has_unique_id(const KfdNode& node) {
    return !node.unique_id.empty() && node.unique_id.find_first_not_of('0') != std::string::npos;
}

} // namespace

std::optional<KfdNode> read_kfd_node(std::string_view properties) {
    const auto units = number_in(property(properties, "simd_count"));
    if (!units || *units == 0) return std::nullopt;
    const auto location = number_in(property(properties, "location_id"));
    const std::string_view domain_text = property(properties, "domain"); // kernels before 5.4 have none
    const auto domain = domain_text.empty() ? std::optional<std::uint64_t>(0) : number_in(domain_text);
    if (!location || *location > 0xffff || !domain || *domain > 0xffffffff) return std::nullopt;
    const std::string_view unique_id = property(properties, "unique_id");
    return KfdNode{.unique_id = is_number(unique_id) ? std::string(unique_id) : "",
                   .bus = bus_of(*domain, *location)};
}

std::optional<std::uint64_t> read_kfd_bank(std::string_view properties) {
    const auto heap = number_in(property(properties, "heap_type"));
    const auto size_bytes = number_in(property(properties, "size_in_bytes"));
    constexpr std::uint64_t most_bytes = 1ULL << 50; // a pebibyte
    if (!heap || !size_bytes || *size_bytes > most_bytes) return std::nullopt;
    return *heap == 1 || *heap == 2 ? *size_bytes : 0;
}

std::vector<KfdGroup> group_kfd_nodes(const std::vector<KfdNode>& nodes) {
    std::vector<KfdGroup> groups;
    std::vector<std::string> names; // of the groups
    for (const KfdNode& node : nodes) {
        const std::string name = has_unique_id(node) ? node.unique_id : node.bus;
        const auto found = std::find(names.begin(), names.end(), name);
        const auto place = static_cast<std::size_t>(found - names.begin());
        if (found == names.end()) {
            names.push_back(name);
            groups.push_back({.bus = node.bus, .devices = 0, .memory_bytes = node.memory_bytes});
        }
        KfdGroup& group = groups[place];
        ++group.devices;
        group.memory_bytes = std::min(group.memory_bytes, node.memory_bytes); // 0: of one it is unknown
    }
    return groups;
}

namespace {

std::uint64_t memory_of(Sysroot& root, const std::string& folder) {
    std::uint64_t total = 0;
    for (const std::string& bank : root.names(folder + "/mem_banks")) {
        const std::string path = folder + "/mem_banks/" + bank + "/properties";
        const auto text = root.text(path);
        const auto size_bytes = text ? read_kfd_bank(*text) : std::nullopt;
        if (text && !size_bytes) root.add_unreadable(path);
        if (!size_bytes) return 0;
        total += *size_bytes;
        if (total > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return 0;
    }
    return total;
}

std::vector<KfdNode> nodes_in(Sysroot& root, const std::string& all) {
    std::vector<std::pair<std::uint64_t, KfdNode>> numbered;
    for (const std::string& name : root.names(all)) {
        const auto number = number_in(name);
        const std::string folder = all + "/" + name;
        const auto text = number ? root.text(folder + "/properties") : std::nullopt;
        if (!text) continue;
        auto node = read_kfd_node(*text);
        const bool computes = number_in(property(*text, "simd_count")).value_or(1) != 0;
        if (!node && computes) root.add_unreadable(folder + "/properties");
        if (!node) continue;
        node->memory_bytes = memory_of(root, folder);
        numbered.emplace_back(*number, std::move(*node));
    }
    std::sort(numbered.begin(), numbered.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<KfdNode> nodes;
    for (auto& [number, node] : numbered)
        nodes.push_back(std::move(node));
    return nodes;
}

} // namespace

void probe_kfd(Sysroot& root, manifests::Machine& machine) {
    std::string folder = "/sys/class/kfd/kfd/topology/nodes";
    if (root.names(folder).empty()) folder = "/sys/devices/virtual/kfd/kfd/topology/nodes";
    for (const KfdGroup& group : group_kfd_nodes(nodes_in(root, folder))) {
        const auto device =
            std::find_if(machine.accelerators.begin(), machine.accelerators.end(),
                         [&](const auto& one) { return one.address.starts_with(group.bus + "."); });
        if (device == machine.accelerators.end()) { // it computes, and PCI does not show it
            root.add_unreadable("/sys/bus/pci/devices/" + group.bus + ".0");
            continue;
        }
        device->devices = group.devices;
        device->memory_bytes = group.memory_bytes;
    }
}

} // namespace runtime
