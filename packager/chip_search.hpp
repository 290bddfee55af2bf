#pragma once
// The searches behind a plan (chip_plan.hpp): the smallest number of devices, the longest context, the most
// sequences. Pure.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "packager/chip_plan.hpp"

namespace packager {

/// What is the same in every try.
struct PlanTarget {
    const ModelShape& shape;
    std::uint64_t device_bytes = 0;
    std::uint64_t devices_per_node = 0; ///< 0: not known
};

/// Tensor-parallel groups that engines take and people wire: rising, the first is 1.
std::vector<std::uint64_t> tensor_parallel_choices(const PlanTarget& target);

/// memory_need(), or nothing where one device would have to hold more than anybody believes: it fits nowhere.
/// @throws Error  as memory_need(), but for Fault::damaged
std::optional<manifests::MemoryNeed> believable_need(const ModelShape& shape, const WeightSheet& weights,
                                                     const manifests::Deployment& deployment);

/// @return the first that fits, by the rule of plan_for(); what `wish` asks for is kept
std::optional<manifests::MemoryNeed> smallest_need(const PlanTarget& target, const WeightSheet& weights,
                                                   const PlanWish& wish);

/// The largest value below `asked` with which `try_it` says yes; 0: none. What is true of a value has to be
/// true of all smaller ones.
std::uint64_t largest_that_fits(std::uint64_t asked, const std::function<bool(std::uint64_t)>& try_it);

} // namespace packager
