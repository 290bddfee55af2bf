#include <charconv>
#include <limits>
#include <string_view>

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

bool is_node(std::string_view name) {
    if (!name.starts_with("node") || name.size() == 4) return false;
    return name.find_first_not_of("0123456789", 4) == std::string_view::npos;
}

std::uint64_t memory_without_processors(Sysroot& root) {
    std::uint64_t total = 0;
    const std::string all = "/sys/devices/system/node";
    for (const std::string& name : root.names(all)) {
        if (!is_node(name)) continue;
        const std::string folder = all + "/" + name;
        const auto processors = root.text(folder + "/cpulist");
        const auto memory = root.text(folder + "/meminfo");
        if (!processors || processors->find_first_of("0123456789") != std::string::npos || !memory) continue;
        total += kilobytes(*memory, "MemTotal:").value_or(0);
    }
    return total;
}

} // namespace

void probe_memory(Sysroot& root, manifests::Machine& machine) {
    const std::string path = "/proc/meminfo";
    const auto text = root.text(path);
    if (!text) return;
    const auto total = kilobytes(*text, "MemTotal:");
    if (!total) {
        root.add_unreadable(path);
        return;
    }
    const std::uint64_t of_devices = memory_without_processors(root);
    machine.memory_bytes = of_devices < *total ? *total - of_devices : *total;
}

} // namespace runtime
