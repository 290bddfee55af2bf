#include "packager/model_parameters.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace packager {
namespace {

// A number that remembers that it has left 64 bits.
class Count {
public:
    Count(std::uint64_t value)
        : value_(value) {} // NOLINT(google-explicit-constructor): it is used as a number

    Count operator*(const Count& other) const {
        Count product(0);
        product.overflowed_ =
            __builtin_mul_overflow(value_, other.value_, &product.value_) || overflowed_ || other.overflowed_;
        return product;
    }
    Count operator+(const Count& other) const {
        Count sum(0);
        sum.overflowed_ =
            __builtin_add_overflow(value_, other.value_, &sum.value_) || overflowed_ || other.overflowed_;
        return sum;
    }
    Count& operator+=(const Count& other) { return *this = *this + other; }

    bool overflowed() const { return overflowed_; }
    std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_;
    bool overflowed_ = false;
};

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), type) != types.end();
}

// Their feed-forward parts have three matrices, and no part of a layer is missing below.
bool is_counted(const ModelShape& shape) {
    return is_one_of(shape.model_type,
                     {"llama",        "mistral",  "mixtral",      "qwen2",       "qwen2_moe",   "qwen3",
                      "qwen3_moe",    "gemma",    "gemma2",       "gemma3_text", "deepseek_v2", "deepseek_v3",
                      "deepseek_v32", "kimi_k2",  "glm4_moe",     "glm_moe_dsa", "phi3",        "internlm2",
                      "internlm3",    "ernie4_5", "ernie4_5_moe", "baichuan"});
}

// Multimodal models name their language model inside and another type outside.
bool is_complete(const ModelShape& shape) {
    const bool attention = shape.is_latent()
                               ? shape.qk_nope_head_dim + shape.qk_rope_head_dim != 0 && shape.v_head_dim != 0
                               : shape.key_dim() != 0;
    const bool feed_forward =
        shape.has_experts() ? shape.experts_per_token != 0 && shape.experts_per_token <= shape.experts &&
                                  (shape.moe_intermediate != 0 || shape.intermediate != 0)
                            : shape.intermediate != 0;
    return shape.layers != 0 && shape.hidden != 0 && shape.heads != 0 && shape.vocabulary != 0 && attention &&
           feed_forward && shape.compress_ratios.empty() && shape.linear_key_heads == 0;
}

Count latent_attention(const ModelShape& shape) {
    const Count h = shape.hidden;
    const Count heads = shape.heads;
    const Count query_dim = Count(shape.qk_nope_head_dim) + shape.qk_rope_head_dim;
    Count sum = h * (Count(shape.kv_lora_rank) + shape.qk_rope_head_dim) + shape.kv_lora_rank +
                Count(shape.kv_lora_rank) * heads * (Count(shape.qk_nope_head_dim) + shape.v_head_dim) +
                heads * shape.v_head_dim * h;
    const Count rank = shape.q_lora_rank;
    sum += shape.q_lora_rank == 0 ? h * heads * query_dim : h * rank + rank + rank * heads * query_dim;
    const Count index = shape.index_head_dim; // its queries, its key with a norm, and a weight for each head
    if (shape.index_head_dim != 0)
        sum += rank * shape.index_heads * index + h * index + Count(2) * index + h * shape.index_heads;
    return sum;
}

Count grouped_attention(const ModelShape& shape) {
    const Count h = shape.hidden;
    const Count queries = Count(shape.heads) * shape.key_dim();
    const Count keys = Count(shape.kv_heads_of(0)) * shape.key_dim();
    const Count values = Count(shape.kv_heads_of(0)) * shape.value_dim();
    Count sum = h * (queries + keys + values) + Count(shape.heads) * shape.value_dim() * h;
    if (shape.attention_bias) sum += queries + keys + values;
    if (shape.attention_bias && is_one_of(shape.model_type, {"llama", "qwen3", "qwen3_moe"})) sum += h;
    if (is_one_of(shape.model_type, {"qwen3", "qwen3_moe", "gemma3_text"})) sum += Count(2) * shape.key_dim();
    return sum;
}

Count attention(const ModelShape& shape) {
    const bool around_both = is_one_of(shape.model_type, {"gemma2", "gemma3_text"});
    const Count norms = Count(around_both ? 4 : 2) * shape.hidden;
    return norms + (shape.is_latent() ? latent_attention(shape) : grouped_attention(shape));
}

Count dense_part(const ModelShape& shape) {
    return Count(3) * shape.hidden * shape.intermediate;
}

// The experts of one layer, of which `routed` are counted, with what chooses them.
Count expert_part(const ModelShape& shape, std::uint64_t routed) {
    const Count h = shape.hidden;
    const Count width = shape.moe_intermediate != 0 ? shape.moe_intermediate : shape.intermediate;
    Count sum = Count(routed) * 3 * h * width + h * shape.experts;
    if (is_one_of(shape.model_type,
                  {"deepseek_v3", "deepseek_v32", "kimi_k2", "glm4_moe", "glm_moe_dsa", "ernie4_5_moe"}))
        sum += shape.experts; // a bias that balances them
    sum += shape.shared_intermediate != 0 ? Count(3) * h * shape.shared_intermediate
                                          : Count(shape.shared_experts) * 3 * h * width;
    if (shape.model_type == "qwen2_moe") sum += h; // the gate of the shared one
    return sum;
}

std::uint64_t layers_with_experts(const ModelShape& shape) {
    std::uint64_t layers = 0;
    for (std::uint64_t i = 0; i < shape.layers; ++i)
        layers += shape.has_experts(i) ? 1 : 0;
    return layers;
}

Count all_layers(const ModelShape& shape, std::uint64_t routed) {
    const std::uint64_t sparse = layers_with_experts(shape);
    return Count(shape.layers) * attention(shape) + Count(shape.layers - sparse) * dense_part(shape) +
           Count(sparse) * expert_part(shape, routed);
}

// A further layer, which joins the last hidden state with an embedding and brings its own of both ends.
Count prediction_layer(const ModelShape& shape) {
    const Count h = shape.hidden;
    const Count part = shape.has_experts() ? expert_part(shape, shape.experts) : dense_part(shape);
    return attention(shape) + part + Count(2) * h * h + Count(3) * h + Count(2) * shape.vocabulary * h;
}

} // namespace

std::optional<ParameterCount> count_parameters(const ModelShape& shape) {
    if (shape.layers > most_layers || shape.mtp_layers > most_layers) return std::nullopt;
    if (!is_counted(shape) || !is_complete(shape)) return std::nullopt;
    if (layers_with_experts(shape) != shape.layers && shape.intermediate == 0) return std::nullopt;
    const Count table = Count(shape.vocabulary) * shape.hidden;
    const Count total =
        all_layers(shape, shape.experts) + Count(shape.tied_embeddings ? 1 : 2) * table + shape.hidden;
    const Count active = all_layers(shape, shape.experts_per_token) + table + shape.hidden;
    const Count mtp = shape.mtp_layers == 0 ? Count(0) : Count(shape.mtp_layers) * prediction_layer(shape);
    if (total.overflowed() || active.overflowed() || mtp.overflowed()) return std::nullopt;
    return ParameterCount{total.value(), active.value(), mtp.value()};
}

} // namespace packager
