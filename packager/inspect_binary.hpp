#pragma once
// sealift inspect for one file with code: what a library, a program, a kernel for an accelerator says of
// itself, and no more than its bytes say.

#include <string>

#include "packager/kernel_facts.hpp"
#include "runtime/terminal.hpp"

namespace packager {

/// Whether the file is ELF, a CUDA fat binary, a bundle of AMDGPU code, or an offline model or the
/// description of an operator for Ascend. @param name  of the file; a description is JSON by its name
/// @throws  whatever `read_at` throws
bool is_binary(std::string_view name, std::uint64_t size_bytes, const ReadAt& read_at);

/// Prints. What contradicts itself or points outside of the file is a refusal.
/// @return the exit status: 0, or 1 if anything was refused
/// @throws Error  Fault::io
int inspect_binary(const std::string& path, const runtime::OutputOptions& output);

} // namespace packager
