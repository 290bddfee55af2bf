#pragma once
// Two languages for numbers. Weight files say how a tensor is stored (BF16, F8_E4M3, Q4_K); a profile says
// what a chip computes with (bf16, fp8). The first one tells the second one only where the engine hands the
// stored numbers to the chip as they are.

#include <optional>
#include <string>
#include <string_view>

namespace manifests {

/// Whether a profile may name it: bf16 fp16 fp32 fp64 fp8 hif8 int4 int8 mxfp4 mxfp6 mxfp8 nvfp4.
bool is_number_type(std::string_view name);

/// The number type that a chip needs for tensors of a stored type, spelled as safetensors, GGUF or
/// `needs.tensor_types` do. None for what is unpacked by the kernel itself (GGUF's block types), and for
/// storage that no multiplication sees: integers but I8, BOOL, scales (F8_E8M0); none for unknown types too.
/// Source: safetensors, enum Dtype (F4 and F6 are the OCP microscaling formats); ggml, enum ggml_type.
std::optional<std::string> compute_type_of(std::string_view tensor_type);

} // namespace manifests
