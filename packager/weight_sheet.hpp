#pragma once
// What the parts of a model weigh and how devices share them, layer by layer: from the tensors of its files,
// which is exact in sum, or from its config.json alone, by the formulas for its parameters.
//
// The rule, which is that of vLLM and its relatives; each device of a tensor-parallel group holds
//   - its share of the projections, of the experts (whether they are divided or dealt out) and of the
//     embeddings, which are divided by vocabulary;
//   - of the projections to keys and values one head at least, also where there are fewer heads than devices;
//   - all of the norms, of the routers, of what projects down to latent vectors (MLA) and of indexers.
// A pipeline stage holds its layers; the first one also what stands in front, the last one also the head and
// the speculative (MTP) layers.
//
// What it is wrong by: which part a tensor belongs to is read off its name, so a model with names that are
// not known here counts as divided inside its layers and as copied outside of them; a quantised row's scales
// are taken as divided where they belong to a divided matrix. On DeepSeek-V3 all that is copied is 0.2 % of
// the weights. Engines that deal experts out over data-parallel copies too hold less than is said here.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "packager/model_shape.hpp"

namespace packager {

/// Bytes.
struct PartWeights {
    std::uint64_t divided = 0;
    std::uint64_t by_kv_head = 0;
    std::uint64_t copied = 0;

    friend bool operator==(const PartWeights&, const PartWeights&) = default;
};

struct WeightSheet {
    std::vector<PartWeights> layers; ///< from 0; speculative ones are in `back`
    PartWeights front;               ///< input embedding, and a vision tower
    PartWeights back;                ///< final norm, output head, speculative layers
    /// Of the input embedding, where it is the output head as well: a last stage of its own has it once more.
    std::uint64_t tied_bytes = 0;

    std::uint64_t total_bytes() const;
    friend bool operator==(const WeightSheet&, const WeightSheet&) = default;
};

/// Adds up the tensors of a model's files, in any order.
class WeightCounter {
public:
    /// Sums stop at 2^63-1. @param dimensions  of the tensor's shape
    void add(std::string_view name, std::size_t dimensions, std::uint64_t size_bytes);
    /// @param shape  of the model: layers beyond its own are speculative ones; where it does not say how many
    ///   there are, all are its own
    WeightSheet sheet(const ModelShape& shape) const;

private:
    bool has_head_ = false;
    WeightSheet sum_;
};

/// How many bits a weight takes.
struct WeightBits {
    std::uint64_t matrix = 16; ///< of the matrices inside layers
    std::uint64_t other = 16;  ///< of embeddings, head, norms and routers, which are hardly ever quantised
};
/// As the model's quantisation and number type say.
WeightBits weight_bits_of(const ModelShape& shape);

/// The same by formula. Scales of quantised weights are not counted: 0.03 % for blocks of 128 x 128, 3 % for
/// 4 bits in groups of 128.
/// @return nothing if the model's parameters cannot be counted (model_parameters.hpp)
/// @throws Error  Fault::damaged if bytes leave 63 bits
std::optional<WeightSheet> weights_by_formula(const ModelShape& shape, WeightBits bits);

} // namespace packager
