#include "runtime/probes/cpuinfo.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "manifests/text.hpp"
#include "runtime/cpu.hpp"
#include "runtime/probes/key_text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

using manifests::CpuFound;

struct Spelling {
    std::string_view linux_name;
    std::string_view ours;
};
constexpr std::array spellings{Spelling{"pni", "sse3"}, Spelling{"abm", "lzcnt"},
                               Spelling{"avx512vbmi", "avx512_vbmi"}};

std::string our_spelling(std::string_view name) {
    for (const Spelling& spelling : spellings) {
        if (spelling.linux_name == name) return std::string(spelling.ours);
    }
    return std::string(name);
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        const std::string_view word = text.substr(0, text.find_first_of(" \t"));
        if (!word.empty()) words.emplace_back(word);
        text.remove_prefix(word.size());
    }
    return words;
}

bool contains(const std::vector<std::string>& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

std::vector<std::string> known_features(const std::vector<std::string>& words,
                                        const std::string& architecture) {
    const std::vector<std::string> known = known_cpu_features(architecture);
    std::vector<std::string> features;
    for (const std::string& word : words) {
        std::string name = our_spelling(word);
        if (std::binary_search(known.begin(), known.end(), name)) features.push_back(std::move(name));
    }
    std::sort(features.begin(), features.end());
    features.erase(std::unique(features.begin(), features.end()), features.end());
    return features;
}

// Decimal, or hex behind "0x"; what no field of a processor can hold is 0, as what is not there.
std::uint64_t number_or_0(std::string_view text, std::string_view key) {
    const auto value = value_of(text, key);
    if (!value) return 0;
    const bool hex = value->starts_with("0x");
    const char* const end = value->data() + value->size();
    std::uint32_t number = 0;
    const auto [after, problem] = std::from_chars(value->data() + (hex ? 2 : 0), end, number, hex ? 16 : 10);
    return problem == std::errc() && after == end ? number : 0;
}

CpuFound x86_of(std::string_view text, const std::vector<std::string>& flags) {
    CpuFound cpu;
    cpu.architecture = "x86_64";
    cpu.vendor = manifests::escaped(raw_value(text, "vendor_id").value_or("")); // "  Shanghai  "
    cpu.brand = manifests::escaped(value_of(text, "model name").value_or(""));
    cpu.family = number_or_0(text, "cpu family");
    if (cpu.family != 0) {
        cpu.model = number_or_0(text, "model");
        cpu.stepping = number_or_0(text, "stepping");
    }
    cpu.features = known_features(flags, cpu.architecture);
    return cpu;
}

CpuFound arm_of(std::string_view text, const std::vector<std::string>& flags) {
    CpuFound cpu;
    cpu.architecture = "aarch64";
    cpu.family = number_or_0(text, "CPU implementer");
    if (cpu.family != 0) {
        cpu.model = number_or_0(text, "CPU part");
        // four bits each in MIDR; more is not from a processor
        const std::uint64_t variant = number_or_0(text, "CPU variant") & 0xfU;
        const std::uint64_t revision = number_or_0(text, "CPU revision") & 0xfU;
        cpu.stepping = variant * 16 + revision;
    }
    cpu.features = known_features(flags, cpu.architecture);
    return cpu;
}

} // namespace

std::optional<CpuFound> decode_cpuinfo(std::string_view text) {
    const std::size_t second = text.find("\n\n"); // processors are apart by an empty line
    text = text.substr(0, second);
    // "lm": long mode, without which it is a 32-bit processor
    if (const auto flags = raw_value(text, "flags")) {
        const std::vector<std::string> words = words_of(*flags);
        if (contains(words, "lm")) return x86_of(text, words);
    }
    // A 32-bit kernel prints "half thumb ..." here.
    if (const auto flags = raw_value(text, "Features")) {
        const std::vector<std::string> words = words_of(*flags);
        if (contains(words, "asimd") && !contains(words, "thumb") && raw_value(text, "CPU implementer"))
            return arm_of(text, words);
    }
    return std::nullopt;
}

void probe_cpuinfo(Sysroot& root, manifests::Machine& machine) {
    const std::string path = "/proc/cpuinfo";
    const auto text = root.front(path);
    const auto cpu = text ? decode_cpuinfo(*text) : std::nullopt;
    if (!cpu) {
        root.add_unreadable("cpu");
        return;
    }
    machine.cpu = *cpu;
    machine.cpu.source = path;
}

} // namespace runtime
