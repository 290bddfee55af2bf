#include "packager/gguf_model.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "packager/header_cursor.hpp"

namespace packager {
namespace {

constexpr std::uint64_t most_count = std::uint64_t{1} << 40;

constexpr std::array<std::pair<std::uint64_t, std::string_view>, 36> file_types{{
    {0, "F32"},       {1, "F16"},       {2, "Q4_0"},      {3, "Q4_1"},    {7, "Q8_0"},     {8, "Q5_0"},
    {9, "Q5_1"},      {10, "Q2_K"},     {11, "Q3_K_S"},   {12, "Q3_K_M"}, {13, "Q3_K_L"},  {14, "Q4_K_S"},
    {15, "Q4_K_M"},   {16, "Q5_K_S"},   {17, "Q5_K_M"},   {18, "Q6_K"},   {19, "IQ2_XXS"}, {20, "IQ2_XS"},
    {21, "Q2_K_S"},   {22, "IQ3_XS"},   {23, "IQ3_XXS"},  {24, "IQ1_S"},  {25, "IQ4_NL"},  {26, "IQ3_S"},
    {27, "IQ3_M"},    {28, "IQ2_S"},    {29, "IQ2_M"},    {30, "IQ4_XS"}, {31, "IQ1_M"},   {32, "BF16"},
    {33, "Q4_0_4_4"}, {34, "Q4_0_4_8"}, {35, "Q4_0_8_8"}, {36, "TQ1_0"},  {37, "TQ2_0"},   {38, "MXFP4_MOE"},
}};

std::string_view file_type_name(std::uint64_t number) {
    constexpr std::uint64_t guessed = 1024; // a flag: nobody wrote it down, a tool derived it
    for (const auto& [known, name] : file_types)
        if (known == (number & ~guessed)) return name;
    return "";
}

// Keys of one architecture.
class Keys {
public:
    Keys(const GgufMetadata& metadata, std::string architecture)
        : metadata_(metadata), front_(std::move(architecture) + ".") {}

    std::uint64_t count(const char* name) const {
        const std::vector<std::uint64_t> all = metadata_.counts(front_ + name);
        const std::uint64_t greatest = all.empty() ? 0 : *std::max_element(all.begin(), all.end());
        if (greatest > most_count)
            HeaderCursor::refuse("key '" + std::string(name) + "' is over " + std::to_string(most_count));
        return greatest;
    }
    std::vector<std::uint64_t> by_layer(const char* name) const {
        std::vector<std::uint64_t> all = metadata_.counts(front_ + name);
        if (all.size() == 1) all.clear();
        return all;
    }

private:
    const GgufMetadata& metadata_;
    std::string front_;
};

void set_type(ModelShape& shape, const GgufMetadata& metadata) {
    const auto number = metadata.count("general.file_type");
    if (!number) return;
    const std::string name(file_type_name(*number));
    if (name == "F32") shape.dtype = "float32";
    if (name == "F16") shape.dtype = "float16";
    if (name == "BF16") shape.dtype = "bfloat16";
    if (name.empty() || !shape.dtype.empty()) return;
    shape.quantisation.method = "gguf";
    shape.quantisation.scheme = name;
    const std::size_t digit = name.find_first_of("12345678"); // Q4_K_M, IQ2_XS, MXFP4_MOE
    shape.quantisation.bits = static_cast<std::uint64_t>(name[digit] - '0');
}

void set_latent_dims(ModelShape& shape, const Keys& keys) {
    shape.kv_lora_rank = keys.count("attention.kv_lora_rank");
    if (!shape.is_latent()) return;
    shape.q_lora_rank = keys.count("attention.q_lora_rank");
    shape.qk_rope_head_dim = keys.count("rope.dimension_count");
    // Newer files give the length of a cached entry as key_length and the head's own beside it.
    const std::uint64_t own_key = keys.count("attention.key_length_mla");
    const std::uint64_t own_value = keys.count("attention.value_length_mla");
    const std::uint64_t key = own_key != 0 ? own_key : shape.head_dim;
    shape.qk_nope_head_dim = key > shape.qk_rope_head_dim ? key - shape.qk_rope_head_dim : 0;
    if (own_value != 0) shape.v_head_dim = own_value;
    shape.head_dim = key;
}

} // namespace

ModelShape model_of(const GgufMetadata& metadata) {
    ModelShape shape;
    shape.model_type = metadata.text("general.architecture").value_or("");
    const Keys keys(metadata, shape.model_type);
    shape.layers = keys.count("block_count");
    if (shape.layers > most_layers)
        HeaderCursor::refuse("block_count is " + std::to_string(shape.layers) + ", at most " +
                             std::to_string(most_layers) + " make sense");
    shape.mtp_layers = keys.count("nextn_predict_layers"); // block_count has them in it
    if (shape.mtp_layers < shape.layers) shape.layers -= shape.mtp_layers;
    shape.hidden = keys.count("embedding_length");
    shape.intermediate = keys.count("feed_forward_length");
    shape.context = keys.count("context_length");
    shape.heads = keys.count("attention.head_count");
    shape.kv_heads = keys.count("attention.head_count_kv");
    shape.kv_heads_by_layer = keys.by_layer("attention.head_count_kv");
    shape.head_dim = keys.count("attention.key_length");
    shape.v_head_dim = keys.count("attention.value_length");
    shape.sliding_window = keys.count("attention.sliding_window");
    shape.index_head_dim = keys.count("attention.indexer.key_length");
    set_latent_dims(shape, keys);
    shape.experts = keys.count("expert_count");
    shape.experts_per_token = keys.count("expert_used_count");
    shape.shared_experts = keys.count("expert_shared_count");
    shape.moe_intermediate = keys.count("expert_feed_forward_length");
    shape.shared_intermediate = keys.count("expert_shared_feed_forward_length");
    shape.first_dense_layers = keys.count("leading_dense_block_count");
    shape.vocabulary = keys.count("vocab_size");
    if (shape.vocabulary == 0) shape.vocabulary = metadata.elements("tokenizer.ggml.tokens");
    set_type(shape, metadata);
    return shape;
}

} // namespace packager
