#pragma once
// What a model is built of, as its config.json (model_config.hpp) or the metadata of its GGUF file
// (gguf_model.hpp) say: enough to count its parameters and to plan its memory. A number of 0 and an empty
// text mean "not said"; nothing is filled in by the readers, so that what a figure rests on can be shown.

#include <cstdint>
#include <string>
#include <vector>

namespace packager {

/// No model has more; the largest have about a hundred. Whoever goes through layers one by one holds to it.
inline constexpr std::uint64_t most_layers = 65'536;

/// How the weights are quantised, where config.json or general.file_type says so. All empty: they are not, or
/// nothing is said.
struct Quantisation {
    std::string method;     ///< "fp8", "awq", "gptq", "compressed-tensors", "mxfp4", "modelslim", "gguf"
    std::string scheme;     ///< finer, as the document spells it: "e4m3", "Q4_K_M", "W8A8"; may be empty
    std::uint64_t bits = 0; ///< of a weight

    friend bool operator==(const Quantisation&, const Quantisation&) = default;
};

struct ModelShape {
    std::string model_type;                 ///< "deepseek_v3"; of a GGUF file, general.architecture
    std::vector<std::string> architectures; ///< "DeepseekV3ForCausalLM"
    std::uint64_t layers = 0;
    std::uint64_t hidden = 0;
    std::uint64_t heads = 0;
    std::uint64_t kv_heads = 0; ///< 0: as many as heads
    /// GGUF may say it layer by layer; then one for each layer, and kv_heads is the greatest. Else empty.
    std::vector<std::uint64_t> kv_heads_by_layer;
    std::uint64_t head_dim = 0; ///< of keys; 0: hidden / heads
    std::uint64_t intermediate = 0;

    // Mixture of experts.
    std::uint64_t experts = 0; ///< routed ones, of one layer
    std::uint64_t shared_experts = 0;
    std::uint64_t experts_per_token = 0;
    std::uint64_t moe_intermediate = 0;
    std::uint64_t shared_intermediate = 0;   ///< of all shared ones together, where said; Qwen
    std::uint64_t first_dense_layers = 0;    ///< first_k_dense_replace
    std::uint64_t moe_layer_freq = 0;        ///< every n-th layer, counted from layer 0; 0: each
    std::uint64_t sparse_step = 0;           ///< every n-th layer, counted from layer n - 1; 0: each; Qwen
    std::vector<std::uint64_t> dense_layers; ///< further ones that are dense, by number; rising

    // Latent attention (MLA) if kv_lora_rank is not 0.
    std::uint64_t kv_lora_rank = 0;
    std::uint64_t q_lora_rank = 0; ///< 0 is usual as well: queries are not compressed
    std::uint64_t qk_nope_head_dim = 0;
    std::uint64_t qk_rope_head_dim = 0;
    std::uint64_t v_head_dim = 0; ///< of values; 0: as head_dim

    // Which layers keep how much of the past.
    std::uint64_t context = 0;                  ///< most tokens of a sequence
    std::uint64_t sliding_window = 0;           ///< tokens; 0: none, or it is switched off
    std::vector<std::string> layer_types;       ///< "full_attention", "sliding_attention", "linear_attention"
    std::vector<std::uint64_t> compress_ratios; ///< DeepSeek-V4: one for each layer, MTP layers behind them
    std::uint64_t index_head_dim = 0;           ///< of the indexer that DeepSeek-V3.2 and V4 have
    std::uint64_t index_heads = 0;
    std::uint64_t linear_key_heads = 0, linear_value_heads = 0; ///< of linear layers
    std::uint64_t linear_key_dim = 0, linear_value_dim = 0;     ///< of one such head
    std::uint64_t linear_conv_width = 0;

    std::uint64_t vocabulary = 0;
    bool tied_embeddings = false;
    bool attention_bias = false; ///< said by the document, or known of the model type
    std::uint64_t mtp_layers = 0;
    std::string dtype; ///< "bfloat16": of what is not quantised
    Quantisation quantisation;

    bool is_latent() const { return kv_lora_rank != 0; }
    bool has_experts() const { return experts != 0; }
    /// Whether layer `layer`, counted from 0, has experts.
    bool has_experts(std::uint64_t layer) const;
    /// What is not said follows from hidden and heads; 0 if that does not divide.
    std::uint64_t key_dim() const;
    std::uint64_t value_dim() const;
    std::uint64_t kv_heads_of(std::uint64_t layer) const;

    friend bool operator==(const ModelShape&, const ModelShape&) = default;
};

} // namespace packager
