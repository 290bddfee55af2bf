#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <string>
#include <string_view>
#include <vector>

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

constexpr std::string_view dev = "/dev/";
constexpr std::string_view number_mark = "{n}";

// As profiles have it: "/dev/foo{n}" is foo0 and foo12. A plain name is itself.
bool is_asked_for(const std::string& asked, std::string_view name) {
    if (!asked.starts_with(dev)) return false;
    const std::string_view pattern = std::string_view(asked).substr(dev.size());
    const std::size_t mark = pattern.find(number_mark);
    if (mark == std::string_view::npos) return pattern == name;
    const std::string_view front = pattern.substr(0, mark);
    const std::string_view back = pattern.substr(mark + number_mark.size());
    if (name.size() <= front.size() + back.size() || name.size() > front.size() + back.size() + 6)
        return false;
    if (!name.starts_with(front) || !name.ends_with(back)) return false;
    const std::string_view number = name.substr(front.size(), name.size() - front.size() - back.size());
    return number.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_asked_for(const std::vector<std::string>& more, std::string_view name) {
    return std::any_of(more.begin(), more.end(),
                       [&](const std::string& asked) { return is_asked_for(asked, name); });
}

// "foo/" for "/dev/foo/card{n}", "" for what is in /dev itself.
std::string folder_of(const std::string& path) {
    const std::size_t end = path.rfind('/') + 1;
    return path.starts_with(dev) ? path.substr(dev.size(), end - dev.size()) : "";
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

void probe_device_nodes(Sysroot& root, const std::vector<std::string>& more, manifests::Machine& machine) {
    std::set<std::string> folders{"", "accel/", "biren/", "dri/"};
    for (const std::string& path : more) {
        const std::string folder = folder_of(path);
        if (folder.find(number_mark) == std::string::npos) folders.insert(folder);
    }
    for (const std::string& front : folders) {
        const std::string path = front.empty() ? "/dev" : "/dev/" + front.substr(0, front.size() - 1);
        if (!front.empty() && !root.node(path)) continue;
        for (const std::string& name : root.names(path)) {
            if (is_known(front + name) || is_asked_for(more, front + name))
                add_node(root, front + name, machine);
        }
    }
    std::sort(machine.device_nodes.begin(), machine.device_nodes.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
}

} // namespace runtime
