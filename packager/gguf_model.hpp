#pragma once
// What the key-values of a GGUF file say about the model.

#include "packager/gguf_metadata.hpp"
#include "packager/model_shape.hpp"

namespace packager {

/// Numbers that are lists, one for each layer, are reduced to their greatest; those of
/// attention.head_count_kv stay as kv_heads_by_layer.
/// @throws Error  Fault::damaged if a key has another kind of value, or over 65536 layers
/// Source: ggml-org/ggml docs/gguf.md; llama.cpp src/llama-arch.cpp; general.file_type as enum llama_ftype
ModelShape model_of(const GgufMetadata& metadata);

} // namespace packager
