#pragma once
// Containers of code for accelerators, made by hand as their readers want them.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tests {

struct FatImage {
    std::uint16_t kind = 2; ///< 1: PTX, 2: cubin
    std::uint32_t chip = 90;
    std::string content = "compressed";
};

/// The bytes of a CUDA fat binary.
std::string fat_binary(const std::vector<FatImage>& images);

/// The bytes of a bundle as clang-offload-bundler writes it: id and code object of each entry.
std::string offload_bundle(const std::vector<std::pair<std::string, std::string>>& entries);

/// An ELF file for CUDA whose header says sm_NN by the rules of ABI version 8.
std::string cubin(std::uint32_t chip, bool only_this_chip = false);
/// An ELF file for AMDGPU.
std::string code_object(std::uint32_t mach);
/// An ELF file with the machine number of Ascend's AI cores; `payload` makes it a different one.
std::string ascend_object(const std::string& payload = "");

} // namespace tests
