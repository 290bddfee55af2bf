#include "packager/weight_sheet.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "packager/checked_count.hpp"
#include "packager/model_parameters.hpp"

namespace packager {
namespace {

// Saturates: no device holds that much, and memory_need() says so.
void add_to(std::uint64_t& sum, std::uint64_t bytes) {
    constexpr std::uint64_t most = ~std::uint64_t{0} >> 1;
    sum = bytes > most - sum ? most : sum + bytes;
}

// --- from tensors ---------------------------------------------------------------------------------------

using Words = std::initializer_list<std::string_view>;

std::vector<std::string_view> pieces_of(std::string_view name) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t end = std::min(name.find('.', at), name.size());
        pieces.push_back(name.substr(at, end - at));
        at = end + 1;
    }
    return pieces;
}

bool has_piece(const std::vector<std::string_view>& pieces, Words words) {
    return std::find_first_of(pieces.begin(), pieces.end(), words.begin(), words.end()) != pieces.end();
}

bool has_part(const std::vector<std::string_view>& pieces, Words parts) {
    return std::any_of(pieces.begin(), pieces.end(), [&](std::string_view piece) {
        return std::any_of(parts.begin(), parts.end(),
                           [&](std::string_view part) { return piece.find(part) != std::string_view::npos; });
    });
}

// The number behind "layers", "blk" and their like.
std::optional<std::uint64_t> layer_of(const std::vector<std::string_view>& pieces) {
    constexpr std::size_t most_digits = 5;
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        const std::string_view word = pieces[i], number = pieces[i + 1];
        if (word != "layers" && word != "blk" && word != "h" && word != "blocks" && word != "layer") continue;
        if (number.empty() || number.size() > most_digits ||
            number.find_first_not_of("0123456789") != std::string_view::npos)
            continue;
        std::uint64_t layer = 0;
        for (const char digit : number)
            layer = layer * 10 + static_cast<std::uint64_t>(digit - '0');
        return layer;
    }
    return std::nullopt;
}

bool is_seeing(const std::vector<std::string_view>& pieces) {
    return has_part(pieces, {"vision", "visual", "multi_modal", "mm_projector"}) || pieces.front() == "v" ||
           pieces.front() == "mm";
}

bool is_embedding(const std::vector<std::string_view>& pieces) {
    return has_piece(pieces,
                     {"embed_tokens", "token_embd", "wte", "word_embeddings", "tok_embeddings", "embed"});
}

bool is_head(const std::vector<std::string_view>& pieces) {
    return has_piece(pieces, {"lm_head", "head"}) || pieces.front() == "output";
}

std::uint64_t PartWeights::*share_of(const std::vector<std::string_view>& pieces, std::size_t dimensions) {
    if (has_piece(pieces, {"experts"}) || has_part(pieces, {"_exps"})) return &PartWeights::divided;
    const bool copied = dimensions < 2 || has_part(pieces, {"norm", "router", "indexer", "compressor"}) ||
                        has_piece(pieces, {"gate", "ffn_gate_inp", "ffn_gate_inp_shexp", "shared_expert_gate",
                                           "q_a_proj", "kv_a_proj_with_mqa", "fused_qkv_a_proj_with_mqa",
                                           "attn_q_a", "attn_kv_a_mqa", "wq_a", "wkv", "wkv_a"});
    if (copied) return &PartWeights::copied;
    if (has_piece(pieces, {"k_proj", "v_proj", "attn_k", "attn_v", "wk", "wv"}))
        return &PartWeights::by_kv_head;
    return &PartWeights::divided;
}

// --- by formula, in weights and not in bytes ------------------------------------------------------------

struct Counts {
    CheckedCount divided, by_kv_head, copied; ///< matrices
    CheckedCount plain;                       ///< norms and routers, copied
};

Counts latent_attention(const ModelShape& shape) {
    const CheckedCount hidden(shape.hidden), heads(shape.heads), rank(shape.kv_lora_rank);
    const CheckedCount queries = CheckedCount(shape.qk_nope_head_dim) + shape.qk_rope_head_dim;
    Counts counts;
    if (shape.q_lora_rank == 0) {
        counts.divided += hidden * heads * queries;
    } else {
        counts.copied += hidden * shape.q_lora_rank;
        counts.plain += shape.q_lora_rank;
        counts.divided += CheckedCount(shape.q_lora_rank) * heads * queries;
    }
    counts.copied += hidden * (rank + shape.qk_rope_head_dim);
    counts.plain += rank;
    counts.divided += rank * heads * (CheckedCount(shape.qk_nope_head_dim) + shape.v_head_dim);
    counts.divided += heads * shape.v_head_dim * hidden;
    const CheckedCount index(
        shape.index_head_dim); // its queries, its key, and a weight for each of its heads
    if (shape.index_head_dim != 0)
        counts.copied += CheckedCount(shape.q_lora_rank) * shape.index_heads * index + hidden * index +
                         hidden * shape.index_heads;
    return counts;
}

Counts headed_attention(const ModelShape& shape, std::uint64_t layer) {
    const CheckedCount hidden(shape.hidden), heads(shape.heads), kv_heads(shape.kv_heads_of(layer));
    const CheckedCount dims = CheckedCount(shape.key_dim()) + shape.value_dim();
    Counts counts;
    counts.divided += hidden * heads * dims; // to queries, and back from values
    counts.by_kv_head += hidden * kv_heads * dims;
    if (shape.attention_bias) counts.plain += heads * shape.key_dim() + kv_heads * dims;
    return counts;
}

void add_feed_forward(Counts& counts, const ModelShape& shape, bool with_experts) {
    const CheckedCount hidden(shape.hidden);
    if (!with_experts) {
        counts.divided += hidden * shape.intermediate * 3;
        return;
    }
    const CheckedCount width(shape.moe_intermediate != 0 ? shape.moe_intermediate : shape.intermediate);
    const CheckedCount shared = shape.shared_intermediate != 0 ? CheckedCount(shape.shared_intermediate)
                                                               : CheckedCount(shape.shared_experts) * width;
    counts.divided += hidden * width * shape.experts * 3 + hidden * shared * 3;
    counts.plain += hidden * shape.experts; // the router
}

Counts layer_counts(const ModelShape& shape, std::uint64_t layer, bool with_experts) {
    Counts counts = shape.is_latent() ? latent_attention(shape) : headed_attention(shape, layer);
    counts.plain += CheckedCount(shape.hidden) * 2;
    add_feed_forward(counts, shape, with_experts);
    return counts;
}

std::uint64_t in_bytes(CheckedCount count, std::uint64_t bits) {
    return divided_up(count * bits, 8).value();
}

PartWeights part_of(const Counts& counts, WeightBits bits) {
    return {.divided = in_bytes(counts.divided, bits.matrix),
            .by_kv_head = in_bytes(counts.by_kv_head, bits.matrix),
            .copied = in_bytes(counts.copied, bits.matrix) + in_bytes(counts.plain, bits.other)};
}

// One block, two norms, a projection of twice the width, and copies of embedding and head.
void add_speculative(WeightSheet& sheet, const ModelShape& shape, WeightBits bits) {
    const CheckedCount hidden(shape.hidden);
    for (std::uint64_t i = 0; i < shape.mtp_layers; ++i) {
        const PartWeights block = part_of(layer_counts(shape, shape.layers, shape.has_experts()), bits);
        add_to(sheet.back.divided, block.divided);
        add_to(sheet.back.by_kv_head, block.by_kv_head);
        add_to(sheet.back.copied, block.copied);
        add_to(sheet.back.copied,
               in_bytes(hidden * 3, bits.other) + in_bytes(hidden * hidden * 2, bits.matrix));
        add_to(sheet.back.divided, in_bytes(hidden * shape.vocabulary * 2, bits.other));
    }
}

WeightSheet sheet_by_parts(const ModelShape& shape, WeightBits bits) {
    WeightSheet sheet;
    for (std::uint64_t layer = 0; layer < shape.layers; ++layer)
        sheet.layers.push_back(part_of(layer_counts(shape, layer, shape.has_experts(layer)), bits));
    const CheckedCount embedding = CheckedCount(shape.hidden) * shape.vocabulary;
    sheet.front.divided = in_bytes(embedding, bits.other);
    sheet.back.copied = in_bytes(shape.hidden, bits.other);
    if (shape.tied_embeddings) {
        sheet.tied_bytes = sheet.front.divided;
    } else {
        sheet.back.divided = in_bytes(embedding, bits.other);
    }
    add_speculative(sheet, shape, bits);
    return sheet;
}

} // namespace

std::uint64_t WeightSheet::total_bytes() const {
    CheckedCount total;
    const auto add = [&](const PartWeights& part) {
        total += CheckedCount(part.divided) + part.by_kv_head + part.copied;
    };
    for (const PartWeights& layer : layers)
        add(layer);
    add(front);
    add(back);
    return total.value();
}

void WeightCounter::add(std::string_view name, std::size_t dimensions, std::uint64_t size_bytes) {
    const std::vector<std::string_view> pieces = pieces_of(name);
    if (is_seeing(pieces)) return add_to(sum_.front.copied, size_bytes);
    if (pieces.front() == "mtp") return add_to(sum_.back.*share_of(pieces, dimensions), size_bytes);
    if (const auto layer = layer_of(pieces)) {
        const std::size_t place = static_cast<std::size_t>(*layer);
        if (sum_.layers.size() <= place) sum_.layers.resize(place + 1);
        return add_to(sum_.layers[place].*share_of(pieces, dimensions), size_bytes);
    }
    if (is_embedding(pieces)) {
        add_to(sum_.tied_bytes, size_bytes);
        return add_to(sum_.front.divided, size_bytes);
    }
    if (is_head(pieces)) {
        has_head_ = true;
        return add_to(sum_.back.divided, size_bytes);
    }
    if (has_part(pieces, {"norm", "ln_f"})) return add_to(sum_.back.copied, size_bytes);
    add_to(sum_.front.copied, size_bytes);
}

WeightSheet WeightCounter::sheet(const ModelShape& shape) const {
    WeightSheet sheet = sum_;
    // Without a head of its own the embedding is the head, whatever the configuration says.
    if (has_head_) sheet.tied_bytes = 0;
    if (shape.layers == 0) return sheet;
    const std::size_t layers = static_cast<std::size_t>(shape.layers);
    for (std::size_t i = layers; i < sheet.layers.size(); ++i) {
        add_to(sheet.back.divided, sheet.layers[i].divided);
        add_to(sheet.back.by_kv_head, sheet.layers[i].by_kv_head);
        add_to(sheet.back.copied, sheet.layers[i].copied);
    }
    sheet.layers.resize(layers);
    return sheet;
}

WeightBits weight_bits_of(const ModelShape& shape) {
    WeightBits bits;
    if (shape.dtype == "float32") bits = {32, 32};
    if (shape.quantisation.bits != 0) bits.matrix = shape.quantisation.bits;
    return bits;
}

std::optional<WeightSheet> weights_by_formula(const ModelShape& shape, WeightBits bits) {
    const auto parameters = count_parameters(shape);
    if (!parameters) return std::nullopt;
    const std::uint64_t total = (CheckedCount(parameters->total) + parameters->mtp).value();
    const std::uint64_t counted = sheet_by_parts(shape, {.matrix = 8, .other = 8}).total_bytes();
    if (counted > total) return std::nullopt;
    WeightSheet sheet = sheet_by_parts(shape, bits);
    // Biases, and norms that only some models have.
    add_to(sheet.back.copied, in_bytes(total - counted, bits.other));
    return sheet;
}

} // namespace packager
