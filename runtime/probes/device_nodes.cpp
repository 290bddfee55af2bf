#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

// '#' stands for a number. Sources: Huawei's driver and gpustack/runtime (Ascend, MetaX, T-Head), the device
// plug-ins of HAMi (Hygon, Biren), Cambricon, Iluvatar and AMD, flagos-ai/build-infra (Moore Threads,
// Kunlunxin, Tsingmicro), gpustack/runtime (NVIDIA); Enflame's from one page that was not kept.
constexpr std::array<std::string_view, 47> patterns{
    // Ascend; the six from svm0 on belong to 310B
    "davinci#", "davinci_manager", "devmm_svm", "hisi_hdc", "dvpp_cmdlist", "ummu", "uburma", "svm0",
    "log_drv", "event_sched", "upgrade", "ts_aisle", "hi_dvpp",
    // AMD and Hygon
    "kfd", "mkfd", "dri/card#", "dri/renderD#",
    // Cambricon
    "cambricon_dev#", "cambricon_ctl", "cambricon_ipcm#", "cambricon_gdr", "cambricon-caps",
    // Moore Threads, MetaX, Kunlunxin, Iluvatar
    "mtgpu.#", "mtgpu#", "mxcd", "mxnd", "mxgd", "xpu#", "xpuctrl", "iluvatar#", "itrctl",
    // Enflame, Biren, T-Head, Tsingmicro
    "gcu#", "gcuctl", "biren/card_#", "biren-m", "alixpu", "alixpu_ctl", "alixpu_ppu#", "accel#",
    "accel_drv_mgr", "accel/accel#",
    // NVIDIA
    "nvidia#", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia-caps"};

bool matches(std::string_view pattern, std::string_view name) {
    if (!pattern.ends_with('#')) return name == pattern;
    pattern.remove_suffix(1);
    if (!name.starts_with(pattern) || name.size() == pattern.size() || name.size() > pattern.size() + 6)
        return false;
    return name.find_first_not_of("0123456789", pattern.size()) == std::string_view::npos;
}

bool is_known(std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](std::string_view pattern) { return matches(pattern, name); });
}

void add_node(Sysroot& root, const std::string& name, manifests::Machine& machine) {
    const std::string path = "/dev/" + name;
    const auto facts = root.node(path);
    if (!facts) return;
    const bool opens =
        facts->kind == NodeFacts::Kind::character_device || facts->kind == NodeFacts::Kind::folder;
    if (!opens) { // a copy that took a device for a file says only that it was there
        root.add_unreadable(path);
        return;
    }
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", facts->mode);
    machine.device_nodes.push_back({path, mode.data(), facts->user, facts->group});
}

} // namespace

void probe_device_nodes(Sysroot& root, manifests::Machine& machine) {
    for (const char* const folder : {"", "dri/", "biren/", "accel/"}) {
        const std::string front = folder;
        const std::string path = front.empty() ? "/dev" : "/dev/" + front.substr(0, front.size() - 1);
        if (!front.empty() && !root.node(path)) continue;
        for (const std::string& name : root.names(path)) {
            if (is_known(front + name)) add_node(root, front + name, machine);
        }
    }
    std::sort(machine.device_nodes.begin(), machine.device_nodes.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
}

} // namespace runtime
