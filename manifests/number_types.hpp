#pragma once
// Two languages for numbers. Weight files say how a tensor is stored (BF16, F8_E4M3, Q4_K); a profile says
// what a chip computes with (bf16, fp8). The first one tells the second one only where the engine hands the
// stored numbers to the chip as they are.

#include <optional>
#include <string>
#include <string_view>

namespace manifests {

/// Whether a profile may name it: bf16 fp16 fp32 fp64 fp8 fp8_fnuz hif8 int4 int8 mxfp4 mxfp6 mxfp8 nvfp4.
/// fp8 has the encodings of the Open Compute Project, fp8_fnuz those of AMD's gfx940 to gfx942: other bytes
/// for the same numbers, so neither chip computes with the other's.
bool is_number_type(std::string_view name);

/// What engines make of numbers of this type while they load them, for chips that have that instead; empty:
/// nothing. Source: vLLM and SGLang, normalize_e4m3fn_to_e4m3fnuz.
std::string_view stand_in_for(std::string_view number_type);

/// The number type that a chip needs for tensors of a stored type, spelled as safetensors, GGUF or
/// `needs.tensor_types` do. None for what is unpacked by the kernel itself (GGUF's block types), and for
/// storage that no multiplication sees: integers but I8, BOOL, scales (F8_E8M0); none for unknown types too.
/// Source: safetensors, enum Dtype (F4 and F6 are the OCP microscaling formats); ggml, enum ggml_type.
std::optional<std::string> compute_type_of(std::string_view tensor_type);

} // namespace manifests
