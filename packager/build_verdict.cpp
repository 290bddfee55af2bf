#include "packager/build_verdict.hpp"

#include <algorithm>

namespace packager {
namespace {

std::vector<manifests::KernelEntry> entries_of(const manifests::Recipe& recipe) {
    std::vector<manifests::KernelEntry> entries;
    for (const manifests::RecipeKernel& kernel : recipe.kernels) {
        manifests::KernelEntry entry{kernel.path, kernel.requires_features, {}};
        entry.targets = kernel.targets;
        entry.targets_declared = !kernel.targets.empty();
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return entries;
}

// A bundle's own documents are small beside its files.
std::uint64_t bytes_of(const Inputs& inputs) {
    constexpr std::uint64_t block_bytes = 4096; // what a file system rounds each file up to
    std::uint64_t total = 0;
    for (const manifests::BundleFile& file : inputs.files)
        total += file.size_bytes + block_bytes;
    return total;
}

} // namespace

runtime::Fit fit_profile(const InputsAsked& asked) {
    return runtime::fit({.profile = asked.profile, .needs = &asked.needs, .files = &asked.inputs.files});
}

runtime::Fit fit_machine(const InputsAsked& asked, const manifests::Machine& machine, std::uint64_t nodes) {
    const std::vector<manifests::KernelEntry> kernels = entries_of(asked.recipe);
    return runtime::fit({.profile = asked.profile,
                         .machine = &machine,
                         .needs = &asked.needs,
                         .files = &asked.inputs.files,
                         .kernels = &kernels,
                         .room = runtime::Room{.wanted_bytes = bytes_of(asked.inputs)},
                         .nodes = nodes});
}

} // namespace packager
