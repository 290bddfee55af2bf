#pragma once
// How many parameters a model has by its shape alone, before a byte of its weights is there. With the weights
// at hand the exact count is the sum over their tensors, unless they are packed; this one is of the model as
// it was trained, without the scales of a quantised checkpoint.

#include <cstdint>
#include <optional>

#include "packager/model_shape.hpp"

namespace packager {

struct ParameterCount {
    std::uint64_t total = 0;
    /// That one token is computed with: of the routed experts only those that are chosen, and not the table
    /// of embeddings, of which one row is looked up; the head counts. Vendors publish it with the table or
    /// without (DeepSeek-V3's 37B is without).
    std::uint64_t active = 0;
    /// Of the layers for multi-token prediction with their own copies of embedding and head; not in `total`.
    std::uint64_t mtp = 0;

    friend bool operator==(const ParameterCount&, const ParameterCount&) = default;
};

/// @return nothing if a number that it takes is not said, leaves 64 bits, or if the layers of this model_type
///         are not known to be of the usual kind: gated feed-forward parts, and attention with or without
///         latents. Then it cannot be told, and no figure is better than a wrong one.
/// Source: modeling_*.py of the model types; the counts of published checkpoints are in the test.
std::optional<ParameterCount> count_parameters(const ModelShape& shape);

} // namespace packager
