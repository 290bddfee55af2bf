#include "packager/chip_search.hpp"

#include <algorithm>

#include "manifests/error.hpp"
#include "packager/memory_plan.hpp"

namespace packager {
namespace {

using manifests::Deployment;
using manifests::MemoryNeed;

bool is_power_of_two(std::uint64_t count) {
    return (count & (count - 1)) == 0;
}

std::optional<MemoryNeed> first_that_fits(const PlanTarget& target, const WeightSheet& weights,
                                          Deployment deployment, const std::vector<std::uint64_t>& choices) {
    constexpr std::uint64_t most_devices = 65536; // that needs can speak of
    for (const std::uint64_t tensor_parallel : choices) {
        deployment.tensor_parallel = tensor_parallel;
        if (tensor_parallel * deployment.pipeline_parallel * deployment.data_parallel > most_devices) break;
        const auto need = believable_need(target.shape, weights, deployment);
        if (need && fits(*need, target.device_bytes)) return need;
    }
    return std::nullopt;
}

} // namespace

std::vector<std::uint64_t> tensor_parallel_choices(const PlanTarget& target) {
    constexpr std::uint64_t most_choices = 4096, unknown_heads = 1024;
    const std::uint64_t heads = target.shape.heads != 0 ? target.shape.heads : unknown_heads;
    const std::uint64_t node = target.devices_per_node;
    std::vector<std::uint64_t> choices;
    for (std::uint64_t ways = 1; ways <= std::min(heads, most_choices); ++ways) {
        const bool of_nodes = node != 0 && (node % ways == 0 || ways % node == 0);
        if (heads % ways == 0 && (is_power_of_two(ways) || of_nodes)) choices.push_back(ways);
    }
    return choices;
}

std::optional<MemoryNeed> believable_need(const ModelShape& shape, const WeightSheet& weights,
                                          const Deployment& deployment) {
    try {
        return memory_need(shape, weights, deployment);
    } catch (const manifests::Error& error) {
        if (error.fault() != manifests::Fault::damaged) throw;
        return std::nullopt;
    }
}

std::optional<MemoryNeed> smallest_need(const PlanTarget& target, const WeightSheet& weights,
                                        const PlanWish& wish) {
    const std::vector<std::uint64_t> choices = wish.asks_tensor_parallel
                                                   ? std::vector{wish.deployment.tensor_parallel}
                                                   : tensor_parallel_choices(target);
    Deployment deployment = wish.deployment;
    if (wish.asks_pipeline_parallel) return first_that_fits(target, weights, deployment, choices);
    constexpr std::uint64_t most_stages = 64;
    std::optional<MemoryNeed> best;
    for (std::uint64_t stages = 1; stages <= std::min(target.shape.layers, most_stages); ++stages) {
        deployment.pipeline_parallel = stages;
        const auto found = first_that_fits(target, weights, deployment, choices);
        if (found && (!best || found->devices() < best->devices())) best = found;
        if (stages == 1 && best) break;
    }
    return best;
}

std::uint64_t largest_that_fits(std::uint64_t asked, const std::function<bool(std::uint64_t)>& try_it) {
    std::uint64_t good = 0, bad = asked; // `asked` itself does not fit, or nobody would look
    while (bad - good > 1) {
        const std::uint64_t middle = good + (bad - good) / 2;
        (try_it(middle) ? good : bad) = middle;
    }
    return good;
}

} // namespace packager
