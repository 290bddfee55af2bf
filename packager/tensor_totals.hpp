#pragma once
// Sums over the tensors of a model, file by file.

#include "packager/checkpoint.hpp"

namespace packager {

class TensorTotals {
public:
    /// Adds to checkpoint.types, .tensors and .tensor_bytes.
    void add(const TensorList& list, Checkpoint& checkpoint);
    /// Decides checkpoint.parameters: by the shape where it can be told from it, for that is what was
    /// trained; else by the elements of the tensors, if none of them is packed into words.
    void finish(Checkpoint& checkpoint) const;

private:
    std::uint64_t elements_ = 0;
    std::uint64_t expert_elements_ = 0;
    std::uint64_t table_elements_ = 0; // of the embedding
    bool has_head_ = false;
    bool is_packed_ = false; // several parameters in one element
};

} // namespace packager
