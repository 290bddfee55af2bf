#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/cpu.hpp"

#if defined(__aarch64__)
#include <charconv>
#include <fcntl.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "runtime/file_descriptor.hpp"
#endif

namespace runtime {
namespace {

// The place in the list is the bit.
constexpr std::array<std::string_view, 32> hwcap_names{
    "fp",      "asimd", "evtstrm", "aes",   "pmull",    "sha1",   "sha2", "crc32",
    "atomics", "fphp",  "asimdhp", "cpuid", "asimdrdm", "jscvt",  "fcma", "lrcpc",
    "dcpop",   "sha3",  "sm3",     "sm4",   "asimddp",  "sha512", "sve",  "asimdfhm",
    "dit",     "uscat", "ilrcpc",  "flagm", "ssbs",     "sb",     "paca", "pacg",
};
constexpr std::array<std::string_view, 34> hwcap2_names{
    "dcpodp",    "sve2",      "sveaes",  "svepmull",  "svebitperm", "svesha3",  "svesm4",
    "flagm2",    "frint",     "svei8mm", "svef32mm",  "svef64mm",   "svebf16",  "i8mm",
    "bf16",      "dgh",       "rng",     "bti",       "mte",        "ecv",      "afp",
    "rpres",     "mte3",      "sme",     "smei16i64", "smef64f64",  "smei8i32", "smef16f32",
    "smeb16f32", "smef32f32", "smefa64", "wfxt",      "ebf16",      "sveebf16",
};

template<std::size_t size>
void put_names(const std::array<std::string_view, size>& names, std::uint64_t bits,
               std::vector<std::string>& list) {
    for (std::size_t bit = 0; bit < size; ++bit) {
        if (((bits >> bit) & 1U) != 0) list.emplace_back(names[bit]);
    }
}

} // namespace

manifests::CpuFound decode_arm(const ArmRegisters& registers) {
    manifests::CpuFound cpu;
    cpu.architecture = "aarch64";
    put_names(hwcap_names, registers.hwcap, cpu.features);
    put_names(hwcap2_names, registers.hwcap2, cpu.features);
    std::sort(cpu.features.begin(), cpu.features.end());
    if (registers.midr) { // implementer 31:24, variant 23:20, part 15:4, revision 3:0
        const std::uint64_t midr = *registers.midr;
        cpu.family = (midr >> 24) & 0xffU;
        cpu.model = (midr >> 4) & 0xfffU;
        cpu.stepping = ((midr >> 20) & 0xfU) * 16 + (midr & 0xfU);
    }
    return cpu;
}

std::vector<std::string> known_arm_features() {
    std::vector<std::string> names;
    put_names(hwcap_names, ~0ULL, names);
    put_names(hwcap2_names, ~0ULL, names);
    std::sort(names.begin(), names.end());
    return names;
}

#if defined(__aarch64__)

namespace {

constexpr const char* midr_path = "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1";

std::optional<std::uint64_t> read_midr(std::vector<std::string>& unreadable) {
    if (::access(midr_path, F_OK) != 0) return std::nullopt; // kernels before 4.8 do not say
    try {
        std::string text = read_small_file(midr_path, 4096);
        std::string_view digits = text;
        if (digits.starts_with("0x")) digits.remove_prefix(2);
        std::uint64_t midr = 0;
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), midr, 16);
        if (problem == std::errc() && end != digits.data()) return midr;
    } catch (const manifests::Error&) {
        // a file that is there and cannot be read is listed like one that makes no sense
    }
    unreadable.emplace_back(midr_path);
    return std::nullopt;
}

} // namespace

manifests::CpuFound read_cpu(std::vector<std::string>& unreadable) {
    return decode_arm(
        {.hwcap = ::getauxval(AT_HWCAP), .hwcap2 = ::getauxval(AT_HWCAP2), .midr = read_midr(unreadable)});
}

#endif

} // namespace runtime
