// The model in the memory of its devices: how many of which size it takes, and what is there.

#include <algorithm>
#include <functional>
#include <limits>

#include "manifests/text.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {

using manifests::AcceleratorRequirement;
using manifests::Code;
using manifests::MemoryNeed;
using manifests::Profile;
using Verdict = FitLine::Verdict;

namespace {

std::string times(std::uint64_t count, const std::string& size) {
    return std::to_string(count) + " x " + size;
}

// Largest first: an engine is given the devices that hold the model.
std::vector<std::uint64_t> memories_of(const FitQuestion& question) {
    std::vector<std::uint64_t> memories;
    for (const AcceleratorRequirement& accelerator : question.profile.accelerators) {
        const DevicesFound devices = devices_of(accelerator, *question.machine);
        memories.insert(memories.end(), devices.memory_bytes.begin(), devices.memory_bytes.end());
    }
    std::sort(memories.begin(), memories.end(), std::greater<>());
    return memories;
}

std::string memories_text(const std::vector<std::uint64_t>& memories) {
    std::string text;
    for (auto first = memories.begin(); first != memories.end();) {
        const auto last = std::find_if(first, memories.end(), [&](std::uint64_t b) { return b != *first; });
        text += (text.empty() ? "" : ", ") + times(static_cast<std::uint64_t>(last - first),
                                                   *first == 0 ? "unknown" : memory_text(*first));
        first = last;
    }
    return text.empty() ? "none" : text;
}

std::uint64_t devices_per_node(const Profile& profile) {
    for (const AcceleratorRequirement& accelerator : profile.accelerators)
        if (accelerator.devices_per_node != 0) return accelerator.devices_per_node;
    return 0;
}

bool has(const std::vector<std::string>& types, std::initializer_list<const char*> some) {
    return std::any_of(some.begin(), some.end(), [&](const char* type) { return contains(types, type); });
}

bool computes(const Profile& profile, const char* type) {
    return profile.types && contains(profile.types->computes, type);
}

// What would make it fit, as far as the figures say that it would.
class Remedies {
public:
    Remedies(const FitQuestion& question, std::uint64_t device_bytes, std::uint64_t node_devices)
        : question_(question),
          need_(*question.needs->memory),
          device_bytes_(device_bytes),
          node_devices_(node_devices) {}

    std::string text() const {
        std::string text;
        for (const std::string& one : {lighter_weights(), smaller_cache(), more_devices()})
            if (!one.empty()) text += (text.empty() ? "use " : " or ") + one;
        return text.empty() ? "take devices with more memory, or a smaller model" : text;
    }

private:
    bool fits_with(std::uint64_t weight_bytes, std::uint64_t cache_bytes) const {
        MemoryNeed need = need_;
        need.weight_bytes = weight_bytes;
        need.cache_bytes = cache_bytes;
        return need.least_device_bytes() <= device_bytes_;
    }
    std::string lighter_weights() const {
        if (!has(question_.needs->tensor_types, {"BF16", "F16", "F32"})) return "";
        if (!fits_with(need_.weight_bytes / 2, need_.cache_bytes)) return "";
        if (computes(question_.profile, "int8")) return "the W8A8 weights";
        return computes(question_.profile, "fp8") ? "the FP8 weights" : "";
    }
    std::string smaller_cache() const {
        const bool enough = need_.cache_bytes != 0 && fits_with(need_.weight_bytes, need_.cache_bytes / 2);
        return enough ? "half the context or half the sequences" : "";
    }
    // Weights are divided by more devices; the cache of a device stays what it is, which is the safe side.
    std::string more_devices() const {
        for (std::uint64_t factor = 2; factor <= 64; factor *= 2) {
            if (!fits_with(need_.weight_bytes / factor, need_.cache_bytes)) continue;
            const std::uint64_t devices = need_.devices() * factor;
            const std::uint64_t nodes =
                node_devices_ == 0 ? 1 : devices / node_devices_ + (devices % node_devices_ != 0 ? 1 : 0);
            if (nodes <= question_.nodes) return std::to_string(devices) + " devices";
            return number_word(nodes) + " nodes (" + std::to_string(devices) + " devices)";
        }
        return "";
    }

    const FitQuestion& question_;
    const MemoryNeed& need_;
    std::uint64_t device_bytes_;
    std::uint64_t node_devices_;
};

// Of all devices together; saturates.
std::uint64_t all_bytes(const MemoryNeed& need) {
    const std::uint64_t one = need.least_device_bytes();
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return one > most / need.devices() ? most : one * need.devices();
}

FitLine line_for(const MemoryNeed& need, std::uint64_t devices) {
    return {Code::fit_device_memory,
            Verdict::met,
            "model in device memory",
            "",
            times(devices, memory_text(need.least_device_bytes(), Rounding::up)),
            ""};
}

// At build time: devices as the profile describes them, as many as the deployment takes.
void decide_by_profile(const FitQuestion& question, FitLine& line) {
    const MemoryNeed& need = *question.needs->memory;
    const auto& accelerators = question.profile.accelerators;
    const auto described = std::find_if(accelerators.begin(), accelerators.end(),
                                        [](const auto& one) { return one.memory_bytes != 0; });
    if (described == accelerators.end()) {
        line.verdict = Verdict::note;
        line.found = "not in the profile";
        line.remedy = "the profile does not say what memory a device has; the site's probe decides";
        return;
    }
    const std::uint64_t node_devices = devices_per_node(question.profile);
    line.found = node_devices == 0 ? memory_text(described->memory_bytes) + " each"
                                   : times(node_devices, memory_text(described->memory_bytes)) + " a machine";
    if (need.least_device_bytes() > described->memory_bytes) {
        line.verdict = Verdict::not_met;
        line.remedy = Remedies(question, described->memory_bytes, node_devices).text();
    } else if (node_devices != 0 && need.devices() > node_devices * question.nodes) {
        const std::uint64_t nodes = (need.devices() + node_devices - 1) / node_devices;
        line.verdict = Verdict::note;
        line.remedy = "this takes " + number_word(nodes) + " machines; check each with --nodes " +
                      std::to_string(nodes);
    }
}

void decide_by_machine(const FitQuestion& question, std::uint64_t devices, FitLine& line) {
    const MemoryNeed& need = *question.needs->memory;
    const std::vector<std::uint64_t> memories = memories_of(question);
    line.found = memories_text(memories);
    if (memories.size() >= devices && memories[devices - 1] >= need.least_device_bytes()) return;
    const auto unknown = static_cast<std::uint64_t>(std::count(memories.begin(), memories.end(), 0U));
    const auto enough = static_cast<std::uint64_t>(std::count_if(
        memories.begin(), memories.end(), [&](std::uint64_t b) { return b >= need.least_device_bytes(); }));
    if (enough + unknown >= devices) {
        line.verdict = Verdict::cannot_tell;
        line.remedy =
            "no file of the machine says it: give the probe what the vendor's tool says (--plugin or "
            "--evidence)";
        return;
    }
    line.verdict = Verdict::not_met;
    const bool large_enough = !memories.empty() && memories.front() >= need.least_device_bytes();
    if (!large_enough) {
        line.remedy = Remedies(question, memories.empty() ? 0 : memories.front(), memories.size()).text();
    } else {
        const std::uint64_t nodes = (need.devices() + enough - 1) / enough;
        line.remedy = "use " + number_word(nodes) + " nodes like this one, and say so with --nodes " +
                      std::to_string(nodes);
    }
}

// Without accelerators the host is the device, and all parts of the model lie in its memory.
void decide_by_host(const FitQuestion& question, FitLine& line) {
    const MemoryNeed& need = *question.needs->memory;
    line.code = Code::fit_memory;
    line.requirement = "model in host memory";
    const std::uint64_t found = question.machine->memory_bytes;
    const std::uint64_t wanted = all_bytes(need);
    line.wanted = memory_text(wanted, Rounding::up);
    line.found = found == 0 ? "unknown" : memory_text(found);
    if (found >= wanted) return;
    line.verdict = found == 0 ? Verdict::cannot_tell : Verdict::not_met;
    line.remedy = found == 0 ? "let the probe read /proc/meminfo"
                             : "add memory, or take a smaller model, a shorter context or fewer sequences";
}

// Saturates: a document may name any sizes.
std::uint64_t weight_bytes(const std::vector<manifests::BundleFile>& files) {
    std::uint64_t total = 0;
    for (const manifests::BundleFile& file : files) {
        if (file.role != manifests::Role::weights) continue;
        total = std::min(file.size_bytes, std::numeric_limits<std::uint64_t>::max() - total) + total;
    }
    return total;
}

// Without a deployment only the least is known: the weights have to lie somewhere.
void add_weights_line(const FitQuestion& question, FitLines& lines) {
    if (question.machine == nullptr || question.files == nullptr) return;
    const std::vector<std::uint64_t> memories = memories_of(question);
    if (memories.empty() || memories.back() == 0) return; // another line says that it cannot be told
    std::uint64_t room = 0;
    for (const std::uint64_t bytes : memories)
        room += bytes;
    const std::uint64_t wanted = weight_bytes(*question.files);
    if (wanted / std::max<std::uint64_t>(question.nodes, 1) < room) return;
    lines.push_back({Code::fit_device_memory, Verdict::not_met, "weights in device memory",
                     memories_text(memories), memory_text(wanted, Rounding::up) + " in all",
                     "take devices with more memory, a smaller model, or several machines (--nodes); "
                     "'sealift plan' says how many"});
}

} // namespace

void add_device_memory_line(const FitQuestion& question, FitLines& lines) {
    if (question.needs == nullptr || !question.needs->memory) {
        add_weights_line(question, lines);
        return;
    }
    const MemoryNeed& need = *question.needs->memory;
    const bool on_host = question.profile.accelerators.empty();
    if (on_host && question.machine == nullptr) return;
    const std::uint64_t devices = question.machine == nullptr ? need.devices() : wanted_devices(question, 1);
    FitLine line = line_for(need, devices);
    if (on_host)
        decide_by_host(question, line);
    else if (question.machine == nullptr)
        decide_by_profile(question, line);
    else
        decide_by_machine(question, devices, line);
    lines.push_back(std::move(line));
}

} // namespace runtime
