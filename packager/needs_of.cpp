#include "packager/needs_of.hpp"

#include "manifests/error.hpp"
#include "packager/abi_needs.hpp"
#include "packager/memory_plan.hpp"
#include "packager/planned_model.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;

std::vector<std::string> weights_among(const Inputs& inputs) {
    std::vector<std::string> paths;
    for (const manifests::BundleFile& file : inputs.files)
        if (file.role == manifests::Role::weights) paths.push_back(file.path.text());
    return paths;
}

manifests::MemoryNeed memory_of(const ReadModel& read, const manifests::Deployment& deployment) {
    if (!read.model.weights)
        throw Error(Fault::missing, "nothing says what the weights take: " + read.unknown_weights);
    return memory_need(read.model.shape, *read.model.weights, deployment);
}

// A deployment whose memory cannot be told would be a promise that nobody checks.
manifests::MemoryNeed memory_of(const Inputs& inputs, const Checkpoint& checkpoint,
                                const manifests::Deployment& deployment) {
    try {
        return memory_of(planned_model(checkpoint, unlisted_weights(checkpoint, weights_among(inputs))),
                         deployment);
    } catch (Error& error) {
        if (error.hint().empty())
            error.hint("pack the model's config.json with the role model-config, or leave 'deployment' out");
        error.as(Fault::usage).in("the recipe's deployment");
        throw;
    }
}

} // namespace

manifests::Needs needs_of(const manifests::Recipe& recipe, const Inputs& inputs,
                          const Checkpoint& checkpoint) {
    manifests::Needs needs{.architecture = engine_architecture(inputs),
                           .abi = abi_needs(inputs),
                           .engine = recipe.engine,
                           .tensor_types = {},
                           .memory = std::nullopt};
    for (const auto& [type, total] : checkpoint.types)
        if (total.tensors != 0) needs.tensor_types.push_back(type);
    if (recipe.deployment) needs.memory = memory_of(inputs, checkpoint, *recipe.deployment);
    return needs;
}

} // namespace packager
