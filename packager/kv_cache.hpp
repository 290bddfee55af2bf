#pragma once
// How many bytes one device keeps of one sequence: the keys and values of past tokens (KV cache), layer by
// layer, by the kind of attention. Engines hand it out in blocks of 16 to 128 tokens, so a sequence takes up
// to one block more than is said here; what an engine keeps for speculative layers (MTP) is not counted.
//
// | attention | of one token | tensor-parallel devices |
// |---|---|---|
// | MHA, GQA, MQA | kv_heads x (key + value dimension) x b | share the heads; a device has one at least |
// | latent (MLA: DeepSeek-V2, V3, Kimi) | (kv_lora_rank + rope) x b | each holds all of it |
// | the same with an indexer (V3.2) | in fp8: rank + 4 for each 128 of it + 2 x rope, and 132; else as above
// + index x b | each | | compressed (DeepSeek-V4) | one entry for each `ratio` tokens, and the last 128
// tokens | each | | sliding window | as MHA, of the last tokens only | as MHA | | linear | a constant for a
// sequence | share the heads |
//
// Source: the cache layouts of vLLM and vLLM-Ascend; checked against published figures in kv_cache_test.cpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "packager/model_shape.hpp"

namespace packager {

enum class CacheType { bf16, fp16, fp32, fp8, int8 };

/// @throws Error  Fault::usage for any other text than "bf16", "fp16", "fp32", "fp8" and "int8"
CacheType parse_cache_type(std::string_view text);
std::string_view name_of(CacheType type);
std::uint64_t bytes_of(CacheType type); ///< of one element
/// What an engine takes unless it is told: the type that the model computes in; 16 bits if it is not said.
CacheType usual_cache_type(const ModelShape& shape);

/// Whose share is asked for.
struct CacheQuestion {
    std::uint64_t tokens = 0;          ///< of the sequence
    std::uint64_t tensor_parallel = 1; ///< not 0
    CacheType type = CacheType::bf16;
};

/// For each of the model's layers the bytes of one sequence on one device.
/// @throws Error  Fault::missing, naming what the model does not say; Fault::damaged if figures leave 63 bits
std::vector<std::uint64_t> cache_bytes_by_layer(const ModelShape& shape, const CacheQuestion& question);

/// "latent attention (MLA)", "grouped-query attention", ...: of the most layers, for people.
std::string attention_name(const ModelShape& shape);

} // namespace packager
