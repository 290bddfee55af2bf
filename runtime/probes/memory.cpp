#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

#include "runtime/probes/key_text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

// The figure of "NAME:   65536 kB", in bytes; the name may stand after others ("Node 3 MemTotal:").
std::optional<std::uint64_t> kilobytes(std::string_view text, std::string_view name) {
    const std::size_t start = text.find(name);
    if (start == std::string_view::npos) return std::nullopt;
    std::string_view rest = text.substr(start + name.size());
    rest = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(rest.data() + rest.size() - end));
    if (problem != std::errc() || !unit.starts_with(" kB")) return std::nullopt;
    // Our documents hold counts up to 2^63-1.
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / 1024)
        return std::nullopt;
    return number * 1024;
}

// The N of "nodeN".
std::optional<std::uint64_t> node_number(std::string_view name) {
    if (!name.starts_with("node") || name.size() == 4) return std::nullopt;
    return number_in(name.substr(4));
}

std::vector<manifests::NumaNodeFound> numa_nodes(Sysroot& root) {
    std::vector<manifests::NumaNodeFound> nodes;
    const std::string all = "/sys/devices/system/node";
    for (const std::string& name : root.names(all)) {
        const auto number = node_number(name);
        if (!number) continue; // has_memory, online, ...
        const std::string folder = all + "/" + name;
        manifests::NumaNodeFound node;
        node.node = *number;
        node.processors = root.line(folder + "/cpulist").value_or("");
        if (const auto memory = root.text(folder + "/meminfo")) {
            const auto bytes = kilobytes(*memory, "MemTotal:");
            if (!bytes) root.add_unreadable(folder + "/meminfo");
            node.memory_bytes = bytes.value_or(0);
        }
        nodes.push_back(std::move(node));
    }
    std::sort(nodes.begin(), nodes.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
    return nodes;
}

// A node whose list of processors could not be read is not one without processors.
std::uint64_t memory_without_processors(const std::vector<manifests::NumaNodeFound>& nodes,
                                        const std::vector<std::string>& unreadable) {
    std::uint64_t total = 0;
    for (const manifests::NumaNodeFound& node : nodes) {
        const std::string list = "/sys/devices/system/node/node" + std::to_string(node.node) + "/cpulist";
        const bool known = !std::binary_search(unreadable.begin(), unreadable.end(), list);
        if (node.processors.empty() && known) total += node.memory_bytes;
    }
    return total;
}

} // namespace

void probe_memory(Sysroot& root, manifests::Machine& machine) {
    machine.numa_nodes = numa_nodes(root);
    const std::string path = "/proc/meminfo";
    const auto text = root.text(path);
    if (!text) return;
    const auto total = kilobytes(*text, "MemTotal:");
    if (!total) {
        root.add_unreadable(path);
        return;
    }
    const std::uint64_t of_devices = memory_without_processors(machine.numa_nodes, root.unreadable());
    machine.memory_bytes = of_devices < *total ? *total - of_devices : *total;
}

} // namespace runtime
