#include "packager/memory_plan.hpp"

#include <algorithm>
#include <vector>

#include "manifests/error.hpp"
#include "packager/checked_count.hpp"

namespace packager {
namespace {

using manifests::Deployment;
using manifests::Error;
using manifests::Fault;
using manifests::MemoryNeed;

/// Of one device.
struct Load {
    CheckedCount weights, cache;

    std::uint64_t total() const { return (weights + cache).value(); }
};

CheckedCount share_of(const PartWeights& part, std::uint64_t kv_heads, std::uint64_t tensor_parallel) {
    const std::uint64_t ways = std::clamp<std::uint64_t>(kv_heads, 1, tensor_parallel);
    return divided_up(part.divided, tensor_parallel) + divided_up(part.by_kv_head, ways) + part.copied;
}

// What a deployment says itself.
MemoryNeed asked_of(const Deployment& deployment) {
    return {.tensor_parallel = deployment.tensor_parallel,
            .pipeline_parallel = deployment.pipeline_parallel,
            .data_parallel = deployment.data_parallel,
            .context_tokens = deployment.context_tokens,
            .sequences = deployment.sequences,
            .weight_bytes = 0,
            .cache_bytes = 0,
            .overhead_bytes = deployment.overhead_bytes,
            .utilisation_percent = deployment.utilisation_percent};
}

void check_deployment(const ModelShape& shape, const Deployment& deployment) {
    try {
        manifests::check_memory_need(asked_of(deployment));
    } catch (Error& error) {
        error.as(Fault::usage);
        throw;
    }
    if (shape.heads != 0 && shape.heads % deployment.tensor_parallel != 0) {
        throw Error(Fault::usage, "tensor parallelism " + std::to_string(deployment.tensor_parallel) +
                                      " does not divide the model's " + std::to_string(shape.heads) +
                                      " heads");
    }
    if (shape.layers != 0 && deployment.pipeline_parallel > shape.layers) {
        throw Error(Fault::usage, std::to_string(deployment.pipeline_parallel) +
                                      " pipeline stages are more than the model's " +
                                      std::to_string(shape.layers) + " layers");
    }
}

std::uint64_t context_of(const ModelShape& shape, const Deployment& deployment) {
    const std::uint64_t tokens = deployment.context_tokens != 0 ? deployment.context_tokens : shape.context;
    if (tokens == 0) {
        throw Error(Fault::missing, "neither the model nor the deployment says how long a sequence can be")
            .hint("context_tokens in the recipe's deployment, or --context, says it");
    }
    return tokens;
}

std::vector<Load> loads_of(const ModelShape& shape, const WeightSheet& weights, const Deployment& deployment,
                           std::uint64_t tokens) {
    const std::vector<std::uint64_t> cache =
        cache_bytes_by_layer(shape, {.tokens = tokens,
                                     .tensor_parallel = deployment.tensor_parallel,
                                     .type = cache_type_of(shape, deployment)});
    std::vector<Load> loads;
    loads.reserve(cache.size());
    for (std::size_t i = 0; i < cache.size(); ++i) {
        const PartWeights part = i < weights.layers.size() ? weights.layers[i] : PartWeights{};
        loads.push_back({share_of(part, shape.kv_heads_of(i), deployment.tensor_parallel),
                         CheckedCount(cache[i]) * deployment.sequences});
    }
    return loads;
}

// What stands in front of the layers and behind them.
CheckedCount ends_of(const ModelShape& shape, const WeightSheet& weights, const Deployment& deployment,
                     bool is_first, bool is_last) {
    const auto share = [&](const PartWeights& part) {
        return share_of(part, shape.kv_heads_of(0), deployment.tensor_parallel);
    };
    CheckedCount bytes;
    if (is_first) bytes += share(weights.front);
    if (is_last) bytes += share(weights.back);
    if (is_last && !is_first) bytes += divided_up(weights.tied_bytes, deployment.tensor_parallel);
    return bytes;
}

Load fullest_stage(const ModelShape& shape, const WeightSheet& weights, const Deployment& deployment,
                   const std::vector<Load>& loads) {
    std::vector<Load> before(1); // sums of the layers in front of each
    for (const Load& load : loads)
        before.push_back({before.back().weights + load.weights, before.back().cache + load.cache});
    const std::size_t stage =
        static_cast<std::size_t>(divided_up(loads.size(), deployment.pipeline_parallel).value());
    Load most;
    for (std::size_t from = 0; from + stage <= loads.size(); ++from) {
        const Load &start = before[from], &end = before[from + stage];
        Load load{end.weights.value() - start.weights.value(), end.cache.value() - start.cache.value()};
        load.weights += ends_of(shape, weights, deployment, from == 0, from + stage == loads.size());
        if (load.total() > most.total()) most = load;
    }
    return most;
}

} // namespace

CacheType cache_type_of(const ModelShape& shape, const Deployment& deployment) {
    return deployment.cache_type.empty() ? usual_cache_type(shape) : parse_cache_type(deployment.cache_type);
}

MemoryNeed memory_need(const ModelShape& shape, const WeightSheet& weights, const Deployment& deployment) {
    check_deployment(shape, deployment);
    const std::uint64_t tokens = context_of(shape, deployment);
    const std::vector<Load> loads = loads_of(shape, weights, deployment, tokens);
    const Load most = fullest_stage(shape, weights, deployment, loads);
    MemoryNeed need = asked_of(deployment);
    need.context_tokens = tokens;
    need.weight_bytes = most.weights.value();
    need.cache_bytes = most.cache.value();
    manifests::check_memory_need(need);
    return need;
}

std::uint64_t usable_bytes(std::uint64_t device_bytes, std::uint64_t utilisation_percent) {
    return device_bytes / 100 * utilisation_percent + device_bytes % 100 * utilisation_percent / 100;
}

bool fits(const MemoryNeed& need, std::uint64_t device_bytes) {
    return need.least_device_bytes() <= device_bytes;
}

} // namespace packager
