#include "packager/needs_of.hpp"

#include "manifests/error.hpp"
#include "packager/abi_needs.hpp"
#include "packager/memory_plan.hpp"
#include "packager/planned_model.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::Role;

std::vector<ModelFile> model_files(const Inputs& inputs) {
    std::vector<ModelFile> files;
    for (std::size_t i = 0; i < inputs.files.size(); ++i) {
        const manifests::BundleFile& file = inputs.files[i];
        const bool is_weights = file.role == Role::weights;
        if (!is_weights && !(file.role == Role::model_config && describes_model(file.path.text()))) continue;
        files.push_back({file.path.text(), is_weights, open_source(inputs, i, file)});
    }
    return files;
}

manifests::MemoryNeed memory_of(const ReadModel& read, const manifests::Deployment& deployment) {
    if (!read.model.weights) {
        throw Error(Fault::missing, "nothing says what the weights take: " + read.unknown_weights);
    }
    return memory_need(read.model.shape, *read.model.weights, deployment);
}

// A deployment whose memory cannot be told would be a promise that nobody checks.
void take_memory(manifests::Needs& needs, const std::vector<ModelFile>& files,
                 const manifests::Deployment& deployment) {
    try {
        const ReadModel read = read_model(files);
        needs.tensor_types = read.model.tensor_types;
        needs.memory = memory_of(read, deployment);
    } catch (Error& error) {
        if (error.fault() == Fault::io) throw;
        if (error.hint().empty())
            error.hint("pack the model's config.json with the role model-config, or leave 'deployment' out");
        error.as(Fault::usage).in("the recipe's deployment");
        throw;
    }
}

} // namespace

manifests::Needs needs_of(const manifests::Recipe& recipe, const Inputs& inputs) {
    manifests::Needs needs{.architecture = engine_architecture(inputs),
                           .abi = abi_needs(inputs),
                           .engine = recipe.engine,
                           .tensor_types = {},
                           .memory = std::nullopt};
    const std::vector<ModelFile> files = model_files(inputs);
    if (recipe.deployment) {
        take_memory(needs, files, *recipe.deployment);
    } else {
        needs.tensor_types = tensor_types_of(files);
    }
    return needs;
}

} // namespace packager
