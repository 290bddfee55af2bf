#pragma once
// What the processor is, and which of its instructions can be used here. Asked of the processor (CPUID) and
// of the kernel's own words to programs (XCR0, HWCAP); the text of /proc/cpuinfo is for people, differs
// between kernels and can be covered up by a container. Decoding is apart from reading, so that the tables of
// tests hold register values of processors that the testing machine is not.
//
// Features are spelled as Linux prints them, with three exceptions: "sse3" (Linux: pni), "lzcnt" (abm) and
// "avx512_vbmi" (avx512vbmi).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/machine.hpp"

namespace runtime {

struct CpuidLeaf {
    std::uint32_t leaf = 0;
    std::uint32_t subleaf = 0;
    std::uint32_t eax = 0;
    std::uint32_t ebx = 0;
    std::uint32_t ecx = 0;
    std::uint32_t edx = 0;
};

struct X86Registers {
    std::vector<CpuidLeaf> leaves; ///< a leaf that is not here reads as zeros
    std::uint64_t xcr0 = 0;        ///< counts only if the OSXSAVE bit of leaf 1 is set
};

/// A feature that needs YMM, ZMM or tile registers counts only if XCR0 has their state switched on.
/// Source: Intel SDM volume 1, 14.3 and 15.2 to 15.4 (detection), 18.3 (AMX); AMD APM volume 3, appendix D,
/// E.
manifests::CpuFound decode_x86(const X86Registers& registers);

struct ArmRegisters {
    std::uint64_t hwcap = 0;           ///< AT_HWCAP
    std::uint64_t hwcap2 = 0;          ///< AT_HWCAP2
    std::optional<std::uint64_t> midr; ///< MIDR_EL1 of the first processor
};

/// Source: Linux Documentation/arch/arm64/elf_hwcaps.rst and arch/arm64/kernel/cpuinfo.c.
manifests::CpuFound decode_arm(const ArmRegisters& registers);

/// Of this machine; logical_count stays 0. Adds to `unreadable` what this user may not read.
manifests::CpuFound read_cpu(std::vector<std::string>& unreadable);

/// Every spelling that decode_x86() or decode_arm() can give; sorted.
std::vector<std::string> known_cpu_features(const std::string& architecture);

} // namespace runtime
