#include "packager/tensor_totals.hpp"

#include <algorithm>
#include <limits>

namespace packager {
namespace {

void add_to(std::uint64_t& sum, std::uint64_t value) {
    if (__builtin_add_overflow(sum, value, &sum)) sum = std::numeric_limits<std::uint64_t>::max();
}

// As GGUF ("blk.3.ffn_up_exps.weight") and as most of safetensors
// ("model.layers.3.mlp.experts.7.up_proj.weight") name them; experts that every token goes through have other
// names.
bool is_of_expert(std::string_view name) {
    return name.find("_exps.") != std::string_view::npos || name.find(".experts.") != std::string_view::npos;
}

bool is_table(std::string_view name) {
    return name == "token_embd.weight" || name.ends_with("embed_tokens.weight");
}

bool is_head(std::string_view name) {
    return name == "output.weight" || name.ends_with("lm_head.weight");
}

bool is_scale(std::string_view name) {
    return name.ends_with("_scale") || name.ends_with("_scale_inv") || name.ends_with("_scales") ||
           name.ends_with(".scales") || name.ends_with("weight_offset") || name.ends_with("zeros");
}

} // namespace

void TensorTotals::add(const TensorList& list, Checkpoint& checkpoint) {
    for (const Tensor& tensor : list.tensors) {
        const std::uint64_t elements = element_count(tensor.shape).value_or(0);
        TypeTotal& type = checkpoint.types[tensor.type];
        ++type.tensors;
        add_to(type.elements, elements);
        add_to(type.bytes, tensor.size_bytes);
        ++checkpoint.tensors;
        add_to(checkpoint.tensor_bytes, tensor.size_bytes);
        has_head_ = has_head_ || is_head(tensor.name);
        if (is_scale(tensor.name)) continue;
        const bool words = tensor.type == "I32" || tensor.type == "I64" || tensor.type == "U32";
        is_packed_ = is_packed_ || (list.format == "safetensors" && words && tensor.shape.size() > 1);
        is_packed_ = is_packed_ || (list.format == "safetensors" && tensor.type == "U8");
        add_to(elements_, elements);
        if (is_of_expert(tensor.name)) add_to(expert_elements_, elements);
        if (is_table(tensor.name)) add_to(table_elements_, elements);
    }
}

void TensorTotals::finish(Checkpoint& checkpoint) const {
    const ModelShape& shape = checkpoint.shape;
    checkpoint.parameters = count_parameters(shape);
    checkpoint.parameters_source = checkpoint.parameters ? checkpoint.shape_source : "";
    if (checkpoint.parameters || elements_ == 0 || is_packed_) return;
    ParameterCount count{elements_, elements_, 0};
    if (has_head_) count.active -= std::min(count.active, table_elements_);
    if (shape.has_experts() && shape.experts_per_token <= shape.experts)
        count.active -= std::min(count.active, expert_elements_ / shape.experts *
                                                   (shape.experts - shape.experts_per_token));
    checkpoint.parameters = count;
    checkpoint.parameters_source = "tensors";
}

} // namespace packager
