#include "packager/model_shape.hpp"

#include <algorithm>

namespace packager {

bool ModelShape::has_experts(std::uint64_t layer) const {
    if (experts == 0 || layer < first_dense_layers) return false;
    if (moe_layer_freq > 1 && layer % moe_layer_freq != 0) return false;
    if (sparse_step > 1 && (layer + 1) % sparse_step != 0) return false;
    return !std::binary_search(dense_layers.begin(), dense_layers.end(), layer);
}

std::uint64_t ModelShape::key_dim() const {
    if (head_dim != 0) return head_dim;
    return heads != 0 && hidden % heads == 0 ? hidden / heads : 0;
}

std::uint64_t ModelShape::value_dim() const {
    return v_head_dim != 0 ? v_head_dim : key_dim();
}

std::uint64_t ModelShape::kv_heads_of(std::uint64_t layer) const {
    if (layer < kv_heads_by_layer.size()) return kv_heads_by_layer[static_cast<std::size_t>(layer)];
    return kv_heads != 0 ? kv_heads : heads;
}

} // namespace packager
