#pragma once
// Code for accelerators inside of other files: CUDA fat binaries and clang's offload bundles, which a host
// library carries in a section, and the two ELF kinds whose header names the chip. What is read here is
// described in public; other vendors' containers are not, and nothing is guessed of them.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "packager/elf.hpp"
#include "packager/file_view.hpp"

namespace packager {

/// What a stretch of bytes holds for accelerators.
struct DeviceCode {
    std::set<std::string> targets; ///< "sm_90", "compute_90" (PTX), "gfx942"
    std::uint64_t images = 0;      ///< one for each chip and source file
    bool all_told = true;          ///< false: there is code whose chip the bytes do not tell

    void add(const DeviceCode& other);
};

/// "sm_90" or "sm_90a" of an ELF file for CUDA; nothing for versions of its ABI other than 7 and 8.
/// Source: LLVM, BinaryFormat/ELF.h, EF_CUDA_*.
std::optional<std::string> cuda_target(const ElfFacts& cubin);

/// "gfx942" of an ELF file for AMDGPU; nothing for a number that is not in the table of LLVM (Hygon's own).
/// Source: LLVM, AMDGPUUsage, "AMDGPU ELF Header e_flags", EF_AMDGPU_MACH_*.
std::optional<std::string> amdgpu_target(const ElfFacts& code_object);

/// Whether a file or a section starts as one.
bool is_fat_binary(std::string_view first_bytes);
bool is_offload_bundle(std::string_view first_bytes);

/// The fat binaries that stand one after the other in these bytes, with zeros between them. Of a compressed
/// image the suffix of sm_90a is not told and it counts as sm_90.
/// @throws Error  Fault::damaged if they contradict themselves or each other
/// Source: the CUDA headers' fatbinary_section.h for the magic numbers; the rows as public readers of them
/// agree.
DeviceCode read_fat_binaries(const FileView& file, std::uint64_t offset, std::uint64_t length);

/// The same for clang's bundles. Host entries do not count; compressed bundles (CCOB) tell nothing.
/// Source: clang documentation, ClangOffloadBundler, "Bundled Code Object Layout".
DeviceCode read_offload_bundles(const FileView& file, std::uint64_t offset, std::uint64_t length);

} // namespace packager
