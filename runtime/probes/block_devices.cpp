#include "manifests/text.hpp"
#include "runtime/probes/key_text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

constexpr std::uint64_t sector_bytes = 512; // of `size`, whatever the disk's own blocks are
constexpr std::uint64_t most_sectors = (1ULL << 62) / sector_bytes;

std::uint64_t number_of(Sysroot& root, const std::string& path) {
    const auto line = root.line(path);
    if (!line) return 0;
    const auto number = number_in(*line);
    if (!number || *number > most_sectors) {
        root.add_unreadable(path);
        return 0;
    }
    return *number;
}

} // namespace

void probe_block_devices(Sysroot& root, manifests::Machine& machine) {
    const std::string all = "/sys/block";
    for (const std::string& name : root.names(all)) {
        const std::string folder = all + "/" + name;
        // What has no device behind it is made by the kernel: loop, ram, zram, dm-, md. Paths to one NVMe
        // disk are hidden behind the disk.
        if (!root.node(folder + "/device") && !root.has_link(folder + "/device")) continue;
        if (root.line(folder + "/hidden") == "1") continue;
        const std::string model = root.line(folder + "/device/model").value_or("");
        machine.block_devices.push_back(
            {.name = manifests::escaped(name),
             .size_bytes = number_of(root, folder + "/size") * sector_bytes,
             .logical_block_bytes = number_of(root, folder + "/queue/logical_block_size"),
             .rotational = root.line(folder + "/queue/rotational") == "1",
             .removable = root.line(folder + "/removable") == "1",
             .model = is_filled_in(model) ? model : ""});
    }
}

} // namespace runtime
