#pragma once
// What one device has to hold when a model is spread over several: weights, cache and what the engine needs
// beside them. Pure arithmetic over what the model says (model_shape.hpp), what its parts weigh
// (weight_sheet.hpp) and how it is to be run.
//
// Pipeline stages are runs of layers, as even as they can be; the figures are those of the stage that holds
// most, weights and cache together, whichever way an engine deals out the layers that are left over. Data
// parallel copies are whole copies. What an engine takes for activations, graphs and communication is not
// computed: it is declared as overhead, and 0 is then what is counted.

#include <cstdint>
#include <optional>

#include "manifests/needs.hpp"
#include "manifests/recipe.hpp"
#include "packager/kv_cache.hpp"
#include "packager/model_shape.hpp"
#include "packager/weight_sheet.hpp"

namespace packager {

/// @throws Error  Fault::usage for a deployment that no engine runs: tensor parallelism that does not divide
///   the heads, more stages than layers, an unknown cache type; Fault::missing if the model does not say what
///   is needed; Fault::damaged if its figures leave 63 bits, or one device would hold over 2^50 bytes
manifests::MemoryNeed memory_need(const ModelShape& shape, const WeightSheet& weights,
                                  const manifests::Deployment& deployment);

/// Of one device's memory, what an engine may take.
std::uint64_t usable_bytes(std::uint64_t device_bytes, std::uint64_t utilisation_percent);

/// Whether one device of this size holds what it has to.
bool fits(const manifests::MemoryNeed& need, std::uint64_t device_bytes);

/// The cache type that a deployment means.
CacheType cache_type_of(const ModelShape& shape, const manifests::Deployment& deployment);

} // namespace packager
