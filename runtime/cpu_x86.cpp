#include <algorithm>
#include <array>
#include <string_view>

#include "manifests/text.hpp"
#include "runtime/cpu.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace runtime {
namespace {

enum class Register { eax, ebx, ecx, edx };

// Bits of XCR0: 1 XMM, 2 YMM; 5 mask registers, 6 and 7 ZMM; 17 tile configuration, 18 tile data.
constexpr std::uint64_t no_state = 0;
constexpr std::uint64_t ymm = 0x6;
constexpr std::uint64_t zmm = 0xe6;
constexpr std::uint64_t tiles = 0x60000;

struct Feature {
    std::string_view name;
    std::uint32_t leaf;
    std::uint32_t subleaf;
    Register where;
    unsigned bit;
    std::uint64_t state; ///< all of these XCR0 bits have to be set
};

constexpr std::uint32_t extended = 0x80000001;
constexpr std::array features{
    Feature{"cx8", 1, 0, Register::edx, 8, no_state},
    Feature{"cmov", 1, 0, Register::edx, 15, no_state},
    Feature{"mmx", 1, 0, Register::edx, 23, no_state},
    Feature{"fxsr", 1, 0, Register::edx, 24, no_state},
    Feature{"sse", 1, 0, Register::edx, 25, no_state},
    Feature{"sse2", 1, 0, Register::edx, 26, no_state},
    Feature{"sse3", 1, 0, Register::ecx, 0, no_state},
    Feature{"pclmulqdq", 1, 0, Register::ecx, 1, no_state},
    Feature{"ssse3", 1, 0, Register::ecx, 9, no_state},
    Feature{"fma", 1, 0, Register::ecx, 12, ymm},
    Feature{"cx16", 1, 0, Register::ecx, 13, no_state},
    Feature{"sse4_1", 1, 0, Register::ecx, 19, no_state},
    Feature{"sse4_2", 1, 0, Register::ecx, 20, no_state},
    Feature{"movbe", 1, 0, Register::ecx, 22, no_state},
    Feature{"popcnt", 1, 0, Register::ecx, 23, no_state},
    Feature{"aes", 1, 0, Register::ecx, 25, no_state},
    Feature{"avx", 1, 0, Register::ecx, 28, ymm},
    Feature{"f16c", 1, 0, Register::ecx, 29, ymm},
    Feature{"bmi1", 7, 0, Register::ebx, 3, no_state},
    Feature{"avx2", 7, 0, Register::ebx, 5, ymm},
    Feature{"bmi2", 7, 0, Register::ebx, 8, no_state},
    Feature{"avx512f", 7, 0, Register::ebx, 16, zmm},
    Feature{"avx512dq", 7, 0, Register::ebx, 17, zmm},
    Feature{"avx512ifma", 7, 0, Register::ebx, 21, zmm},
    Feature{"avx512cd", 7, 0, Register::ebx, 28, zmm},
    Feature{"sha_ni", 7, 0, Register::ebx, 29, no_state},
    Feature{"avx512bw", 7, 0, Register::ebx, 30, zmm},
    Feature{"avx512vl", 7, 0, Register::ebx, 31, zmm},
    Feature{"avx512_vbmi", 7, 0, Register::ecx, 1, zmm},
    Feature{"avx512_vbmi2", 7, 0, Register::ecx, 6, zmm},
    Feature{"gfni", 7, 0, Register::ecx, 8, no_state},
    Feature{"vaes", 7, 0, Register::ecx, 9, ymm},
    Feature{"vpclmulqdq", 7, 0, Register::ecx, 10, ymm},
    Feature{"avx512_vnni", 7, 0, Register::ecx, 11, zmm},
    Feature{"avx512_bitalg", 7, 0, Register::ecx, 12, zmm},
    Feature{"avx512_vpopcntdq", 7, 0, Register::ecx, 14, zmm},
    Feature{"amx_bf16", 7, 0, Register::edx, 22, tiles},
    Feature{"avx512_fp16", 7, 0, Register::edx, 23, zmm},
    Feature{"amx_tile", 7, 0, Register::edx, 24, tiles},
    Feature{"amx_int8", 7, 0, Register::edx, 25, tiles},
    Feature{"avx_vnni", 7, 1, Register::eax, 4, ymm},
    Feature{"avx512_bf16", 7, 1, Register::eax, 5, zmm},
    Feature{"amx_fp16", 7, 1, Register::eax, 21, tiles},
    Feature{"lahf_lm", extended, 0, Register::ecx, 0, no_state},
    Feature{"lzcnt", extended, 0, Register::ecx, 5, no_state},
};

CpuidLeaf stored_leaf(const X86Registers& registers, std::uint32_t leaf, std::uint32_t subleaf) {
    for (const CpuidLeaf& candidate : registers.leaves) {
        if (candidate.leaf == leaf && candidate.subleaf == subleaf) return candidate;
    }
    return {.leaf = leaf, .subleaf = subleaf};
}

// Beyond its highest leaf an Intel processor answers with another leaf's values, so nothing there counts.
CpuidLeaf valid_leaf(const X86Registers& registers, std::uint32_t leaf, std::uint32_t subleaf) {
    const std::uint32_t highest = stored_leaf(registers, leaf & 0x80000000U, 0).eax;
    const bool known_subleaf = subleaf == 0 || stored_leaf(registers, leaf, 0).eax >= subleaf;
    if (leaf > highest || !known_subleaf) return {.leaf = leaf, .subleaf = subleaf};
    return stored_leaf(registers, leaf, subleaf);
}

bool has_bit(const CpuidLeaf& leaf, Register where, unsigned bit) {
    const std::array values{leaf.eax, leaf.ebx, leaf.ecx, leaf.edx};
    return ((values[static_cast<std::size_t>(where)] >> bit) & 1U) != 0;
}

void append_bytes(std::string& text, std::uint32_t value) {
    for (int i = 0; i < 4; ++i)
        text += static_cast<char>((value >> (8 * i)) & 0xffU);
}

// The vendor keeps its blanks: one maker's text is "  Shanghai  ".
std::string vendor_of(const X86Registers& registers) {
    const CpuidLeaf leaf = stored_leaf(registers, 0, 0);
    std::string vendor;
    for (const std::uint32_t value : {leaf.ebx, leaf.edx, leaf.ecx})
        append_bytes(vendor, value);
    return manifests::escaped(vendor.substr(0, vendor.find('\0')));
}

std::string brand_of(const X86Registers& registers) {
    std::string raw;
    for (std::uint32_t i = 2; i <= 4; ++i) {
        const CpuidLeaf leaf = valid_leaf(registers, 0x80000000U + i, 0);
        for (const std::uint32_t value : {leaf.eax, leaf.ebx, leaf.ecx, leaf.edx})
            append_bytes(raw, value);
    }
    std::string brand; // without the blanks that makers fill the 48 bytes with
    for (const char c : raw.substr(0, raw.find('\0'))) {
        if (c != ' ' || (!brand.empty() && brand.back() != ' ')) brand += c;
    }
    if (!brand.empty() && brand.back() == ' ') brand.pop_back();
    return manifests::escaped(brand);
}

void put_signature(const X86Registers& registers, manifests::CpuFound& cpu) {
    const std::uint32_t signature = valid_leaf(registers, 1, 0).eax;
    const std::uint32_t base_family = (signature >> 8) & 0xfU;
    const std::uint32_t base_model = (signature >> 4) & 0xfU;
    const std::uint32_t extended_model = (signature >> 16) & 0xfU;
    cpu.family = base_family == 0xf ? base_family + ((signature >> 20) & 0xffU) : base_family;
    cpu.model = base_family == 0xf || base_family == 6 ? (extended_model << 4) + base_model : base_model;
    cpu.stepping = signature & 0xfU;
}

} // namespace

manifests::CpuFound decode_x86(const X86Registers& registers) {
    manifests::CpuFound cpu;
    cpu.architecture = "x86_64";
    cpu.vendor = vendor_of(registers);
    cpu.brand = brand_of(registers);
    put_signature(registers, cpu);
    const bool os_saves_state = has_bit(valid_leaf(registers, 1, 0), Register::ecx, 27);
    const std::uint64_t enabled = os_saves_state ? registers.xcr0 : 0;
    for (const Feature& feature : features) {
        if (!has_bit(valid_leaf(registers, feature.leaf, feature.subleaf), feature.where, feature.bit))
            continue;
        auto& list = (enabled & feature.state) == feature.state ? cpu.features : cpu.disabled_features;
        list.emplace_back(feature.name);
    }
    std::sort(cpu.features.begin(), cpu.features.end());
    std::sort(cpu.disabled_features.begin(), cpu.disabled_features.end());
    return cpu;
}

std::vector<std::string> known_x86_features() {
    std::vector<std::string> names;
    for (const Feature& feature : features)
        names.emplace_back(feature.name);
    std::sort(names.begin(), names.end());
    return names;
}

#if defined(__x86_64__)

namespace {

CpuidLeaf ask(std::uint32_t leaf, std::uint32_t subleaf) {
    CpuidLeaf answer{.leaf = leaf, .subleaf = subleaf};
    __cpuid_count(leaf, subleaf, answer.eax, answer.ebx, answer.ecx, answer.edx);
    return answer;
}

} // namespace

manifests::CpuFound read_cpu(std::vector<std::string>&) {
    X86Registers registers;
    for (const std::uint32_t leaf :
         {0x0U, 0x1U, 0x7U, 0x80000000U, 0x80000001U, 0x80000002U, 0x80000003U, 0x80000004U}) {
        registers.leaves.push_back(ask(leaf, 0));
    }
    registers.leaves.push_back(ask(7, 1));
    if (has_bit(valid_leaf(registers, 1, 0), Register::ecx, 27)) {
        std::uint32_t low = 0;
        std::uint32_t high = 0;
        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0)); // the intrinsic wants -mxsave
        registers.xcr0 = (static_cast<std::uint64_t>(high) << 32) | low;
    }
    return decode_x86(registers);
}

#endif

} // namespace runtime
