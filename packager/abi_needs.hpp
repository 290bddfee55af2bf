#pragma once
// What engine and kernel binaries want of the host that loads them: its architecture, and the versions of the
// C and C++ libraries, the highest over all files. It goes into the bundle document, so that a site with an
// older glibc hears of it before a byte is copied and not from the dynamic linker.

#include <string>
#include <vector>

#include "manifests/needs.hpp"
#include "packager/inputs.hpp"

namespace packager {

/// A cubin, an AMD code object or an operator of Ascend: ELF files that a device loads, wherever they lie.
bool is_device_code(const ElfFacts& elf);

/// "x86_64", "aarch64", "loongarch64", "riscv64": of the engine's ELF files, or "elf-machine-N" if all are
/// for other machines; device code does not count. Empty if the engine has none (scripts run by an
/// interpreter of the site). With files of several architectures it is the first by path; `check_binaries`
/// refuses such a bundle.
std::string engine_architecture(const Inputs& inputs);

/// CXXABI, GLIBC and GLIBCXX as far as they are wanted; rising by name. Left out is what a library wants that
/// the bundle brings along (libstdc++.so.6 as an engine file), and what a kernel for another architecture
/// than the engine's wants: it is loaded by a device and not by the host.
std::vector<manifests::AbiNeed> abi_needs(const Inputs& inputs);

} // namespace packager
