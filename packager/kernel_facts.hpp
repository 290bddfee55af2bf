#pragma once
// What kind of binary a kernel is and for which chips, as far as its bytes say so. For CUDA and AMDGPU they
// do; an operator object for Ascend says no more than "Ascend", and whoever packs it has to say which; of the
// containers of other vendors nothing is described in public, and they are "unknown" here, never guessed.
//
// Device code inside a host library is found by the names of sections. That is a hint and no proof: without
// section headers the library counts as one without device code.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "packager/elf.hpp"
#include "packager/file_view.hpp"

namespace packager {

/// The names that profiles (kernels.formats) and bundle documents (kernels[].format) use.
namespace kernel_format {
inline constexpr std::string_view elf_shared = "elf-shared";       ///< a library of the host
inline constexpr std::string_view elf_program = "elf-program";     ///< a program of the host
inline constexpr std::string_view elf_object = "elf-object";       ///< a relocatable file of the host
inline constexpr std::string_view cuda = "cuda";                   ///< cubin, fat binary, library with one
inline constexpr std::string_view amdgpu = "amdgpu";               ///< code object, bundle, library with one
inline constexpr std::string_view ascend_object = "ascend-object"; ///< operator for AI cores
inline constexpr std::string_view ascend_aicpu = "ascend-aicpu";   ///< AArch64 library that an AI CPU loads
inline constexpr std::string_view ascend_om = "ascend-om";         ///< offline model
inline constexpr std::string_view ascend_sidecar = "ascend-sidecar"; ///< the JSON beside an operator
inline constexpr std::string_view unknown = "unknown";
} // namespace kernel_format

struct KernelFacts {
    std::string format; ///< one of the above; ascend-aicpu never, it is a declaration
    std::vector<std::string>
        targets;          ///< "sm_90", "compute_90", "gfx942"; sorted; empty: the bytes do not say
    bool all_told = true; ///< false: there is also code whose chip the bytes do not tell
    std::string what;     ///< for people: "CUDA cubin", "Ascend operator object"
    /// The machine of a library or program of the host, as machine_name() has it; empty for device files.
    std::string host;
    std::string abi; ///< of host files for LoongArch: "lp64d, object ABI 1"; empty otherwise
    int x86_level_needed = 0;
};

/// @param elf  what read_elf() found in the same bytes; nullptr: they are no ELF file
/// @throws Error  Fault::damaged for device code that contradicts itself or its container
KernelFacts read_kernel_facts(std::uint64_t size_bytes, const ReadAt& read_at, const ElfFacts* elf);
KernelFacts read_kernel_facts(std::string_view bytes);

} // namespace packager
