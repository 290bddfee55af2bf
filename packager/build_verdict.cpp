#include "packager/build_verdict.hpp"

#include <algorithm>

#include "packager/kernel_check.hpp"
#include "packager/kernel_claim.hpp"
#include "packager/kernel_files.hpp"

namespace packager {
namespace {

const KernelFacts* facts_of(const Inputs& inputs, const manifests::BundlePath& path) {
    const auto file = std::lower_bound(inputs.files.begin(), inputs.files.end(), path,
                                       [](const auto& one, const auto& wanted) { return one.path < wanted; });
    if (file == inputs.files.end() || file->path != path) return nullptr;
    return inputs.sources[static_cast<std::size_t>(file - inputs.files.begin())].kernel.get();
}

// As the bundle document will have them.
std::vector<manifests::KernelEntry> entries_of(const InputsAsked& asked) {
    std::vector<manifests::KernelEntry> entries;
    for (const manifests::RecipeKernel& kernel : asked.recipe.kernels) {
        manifests::KernelEntry entry{kernel.path, kernel.requires_features, {}};
        if (const KernelFacts* facts = facts_of(asked.inputs, kernel.path)) {
            KernelClaim claim = claim_of(kernel, *facts, asked.profile);
            entry.format = std::move(claim.format);
            entry.targets = std::move(claim.targets);
            entry.targets_declared = claim.declared;
        }
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

manifests::Report check_kernels(std::vector<manifests::RecipeKernel>& kernels, const Inputs& inputs,
                                const manifests::Profile& profile) {
    manifests::Report report = check_binaries(kernels, inputs, profile);
    report.merge(check_kernel_files(kernels, inputs));
    report.merge(resolve_fits(kernels, inputs));
    return report;
}

runtime::Fit fit_profile(const InputsAsked& asked) {
    return runtime::fit({.profile = asked.profile, .needs = &asked.needs, .files = &asked.inputs.files});
}

runtime::Fit fit_machine(const InputsAsked& asked, const manifests::Machine& machine,
                         const MachineConditions& conditions) {
    const std::vector<manifests::KernelEntry> kernels = entries_of(asked);
    return runtime::fit({.profile = asked.profile,
                         .machine = &machine,
                         .needs = &asked.needs,
                         .files = &asked.inputs.files,
                         .kernels = &kernels,
                         .room = runtime::Room{.wanted_bytes = bytes_of(asked.inputs)},
                         .nodes = conditions.nodes,
                         .known = conditions.known});
}

} // namespace packager
