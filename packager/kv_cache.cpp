#include "packager/kv_cache.hpp"

#include <algorithm>
#include <array>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/checked_count.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;

struct TypeFacts {
    CacheType type;
    std::string_view name;
    std::uint64_t bytes;
    std::string_view dtype; ///< as config.json says it; empty: nothing computes in it
};

constexpr std::array<TypeFacts, 5> types{{{CacheType::bf16, "bf16", 2, "bfloat16"},
                                          {CacheType::fp16, "fp16", 2, "float16"},
                                          {CacheType::fp32, "fp32", 4, "float32"},
                                          {CacheType::fp8, "fp8", 1, ""},
                                          {CacheType::int8, "int8", 1, ""}}};

const TypeFacts& facts_of(CacheType type) {
    return types.at(static_cast<std::size_t>(type));
}

[[noreturn]] void cannot_tell(const std::string& what) {
    throw Error(Fault::missing, "the model does not say " + what)
        .hint("its config.json, or the metadata of its GGUF file, would");
}

std::uint64_t said(std::uint64_t value, const char* what) {
    if (value == 0) cannot_tell(what);
    return value;
}

constexpr std::string_view linear_layer = "linear_attention";
constexpr std::string_view sliding_layer = "sliding_attention";

std::string_view type_of(const ModelShape& shape, std::uint64_t layer) {
    return layer < shape.layer_types.size()
               ? std::string_view(shape.layer_types[static_cast<std::size_t>(layer)])
               : std::string_view();
}

CheckedCount latent_token(const ModelShape& shape, CacheType type) {
    const CheckedCount rank(shape.kv_lora_rank);
    const CheckedCount rope(said(shape.qk_rope_head_dim, "qk_rope_head_dim"));
    const CheckedCount index(shape.index_head_dim);
    if (type == CacheType::fp8 && shape.index_head_dim != 0) {
        constexpr std::uint64_t scaled = 128, scale_bytes = 4; // one float32 for each 128 elements
        return rank + divided_up(rank, scaled) * scale_bytes + rope * 2 + index + scale_bytes;
    }
    return (rank + rope + index) * bytes_of(type);
}

// DeepSeek-V4: what is older than the window is kept as one entry for `ratio` tokens. In fp8 the part that
// knows no position has 8 bits and a scale of 8 for each 64 elements, padded to 8 bytes; the rest has 16.
CheckedCount compressed_entry(const ModelShape& shape, CacheType type) {
    const std::uint64_t dim = said(shape.key_dim(), "head_dim");
    if (type != CacheType::fp8) return CheckedCount(dim) * bytes_of(type);
    const std::uint64_t rope = std::min(said(shape.qk_rope_head_dim, "qk_rope_head_dim"), dim);
    constexpr std::uint64_t scaled = 64, padding = 8;
    const CheckedCount scales = divided_up(divided_up(dim - rope, scaled), padding) * padding;
    return CheckedCount(dim - rope) + CheckedCount(rope) * 2 + scales;
}

CheckedCount compressed_layer(const ModelShape& shape, std::uint64_t ratio, const CacheQuestion& question) {
    constexpr std::uint64_t usual_window = 128, indexed_ratio = 4;
    const std::uint64_t window = shape.sliding_window != 0 ? shape.sliding_window : usual_window;
    const CheckedCount entry = compressed_entry(shape, question.type);
    CheckedCount bytes = entry * std::min(question.tokens, window);
    if (ratio == 0) return bytes;
    const CheckedCount entries = divided_up(question.tokens, ratio);
    bytes += entries * entry;
    if (ratio != indexed_ratio) return bytes;
    const std::uint64_t scale_bytes = question.type == CacheType::fp8 ? 4 : 0;
    const CheckedCount index(said(shape.index_head_dim, "index_head_dim"));
    return bytes + entries * (index * bytes_of(question.type) + scale_bytes);
}

CheckedCount heads_of_device(std::uint64_t heads, std::uint64_t tensor_parallel) {
    return divided_up(heads, tensor_parallel); // one at least: then some devices hold the same one
}

// Gated delta rule (Qwen3-Next and its like): a matrix of float32 for each value head, and the last inputs of
// a short convolution.
CheckedCount linear_layer_bytes(const ModelShape& shape, const CacheQuestion& question) {
    const CheckedCount keys =
        heads_of_device(said(shape.linear_key_heads, "linear_num_key_heads"), question.tensor_parallel);
    const CheckedCount values =
        heads_of_device(said(shape.linear_value_heads, "linear_num_value_heads"), question.tensor_parallel);
    const CheckedCount key_dim(said(shape.linear_key_dim, "linear_key_head_dim"));
    const CheckedCount value_dim(said(shape.linear_value_dim, "linear_value_head_dim"));
    const std::uint64_t width = said(shape.linear_conv_width, "linear_conv_kernel_dim");
    constexpr std::uint64_t float_bytes = 4;
    const CheckedCount state = values * key_dim * value_dim * float_bytes;
    return state + (keys * key_dim * 2 + values * value_dim) * (width - 1) * bytes_of(question.type);
}

CheckedCount headed_layer(const ModelShape& shape, std::uint64_t layer, const CacheQuestion& question) {
    const CheckedCount heads = heads_of_device(shape.kv_heads_of(layer), question.tensor_parallel);
    const CheckedCount dims =
        CheckedCount(said(shape.key_dim(), "head_dim")) + said(shape.value_dim(), "v_head_dim");
    std::uint64_t tokens = question.tokens;
    if (type_of(shape, layer) == sliding_layer)
        tokens = std::min(tokens, said(shape.sliding_window, "sliding_window"));
    return heads * dims * bytes_of(question.type) * tokens;
}

CheckedCount layer_bytes(const ModelShape& shape, std::uint64_t layer, const CacheQuestion& question) {
    if (type_of(shape, layer) == linear_layer) return linear_layer_bytes(shape, question);
    if (!shape.compress_ratios.empty()) {
        if (layer >= shape.compress_ratios.size()) cannot_tell("the compression of each layer");
        return compressed_layer(shape, shape.compress_ratios[static_cast<std::size_t>(layer)], question);
    }
    if (shape.is_latent()) return latent_token(shape, question.type) * question.tokens;
    return headed_layer(shape, layer, question);
}

} // namespace

CacheType parse_cache_type(std::string_view text) {
    for (const TypeFacts& facts : types)
        if (facts.name == text) return facts.type;
    throw Error(Fault::usage,
                "cache type " + manifests::in_quotes(text) + " is none of bf16, fp16, fp32, fp8 and int8");
}

std::string_view name_of(CacheType type) {
    return facts_of(type).name;
}

std::uint64_t bytes_of(CacheType type) {
    return facts_of(type).bytes;
}

CacheType usual_cache_type(const ModelShape& shape) {
    for (const TypeFacts& facts : types)
        if (!shape.dtype.empty() && facts.dtype == shape.dtype) return facts.type;
    return CacheType::bf16;
}

std::vector<std::uint64_t> cache_bytes_by_layer(const ModelShape& shape, const CacheQuestion& question) {
    const std::uint64_t layers = said(shape.layers, "how many layers it has");
    if (layers > most_layers)
        throw Error(Fault::damaged, std::to_string(layers) + " layers, at most " +
                                        std::to_string(most_layers) + " are believed");
    if (shape.compress_ratios.empty() && !shape.is_latent()) said(shape.heads, "how many heads it has");
    std::vector<std::uint64_t> bytes;
    bytes.reserve(static_cast<std::size_t>(layers));
    for (std::uint64_t layer = 0; layer < layers; ++layer)
        bytes.push_back(layer_bytes(shape, layer, question).value());
    return bytes;
}

std::string attention_name(const ModelShape& shape) {
    if (!shape.compress_ratios.empty()) return "compressed attention";
    if (shape.is_latent())
        return shape.index_head_dim != 0 ? "latent attention (MLA) with an indexer"
                                         : "latent attention (MLA)";
    const auto has = [&](std::string_view type) {
        return std::find(shape.layer_types.begin(), shape.layer_types.end(), type) != shape.layer_types.end();
    };
    if (has(linear_layer)) return "linear and full attention";
    if (has(sliding_layer)) return "attention with sliding windows";
    const std::uint64_t kv_heads = shape.kv_heads_of(0);
    if (kv_heads == 1 && shape.heads > 1) return "multi-query attention";
    return kv_heads < shape.heads ? "grouped-query attention" : "multi-head attention";
}

} // namespace packager
