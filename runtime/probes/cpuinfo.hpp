#pragma once
// The text of /proc/cpuinfo, for trees copied from another machine: there nobody can ask the processor.

#include <optional>
#include <string_view>

#include "manifests/machine.hpp"

namespace runtime {

/// Architecture, identity and features of the first processor in the text; logical_count stays 0. Features
/// are spelled as runtime/cpu.hpp spells them; those that it does not know are left out.
/// @return nothing for a text of neither x86_64 nor aarch64
/// Source: Linux arch/x86/kernel/cpu/proc.c and arch/arm64/kernel/cpuinfo.c.
std::optional<manifests::CpuFound> decode_cpuinfo(std::string_view text);

} // namespace runtime
