#pragma once
// The verdict on what a recipe names, before a bundle is made of it: against the profile alone when it is
// built, and against a customer's machine when one was probed.

#include <cstdint>
#include <vector>

#include "manifests/finding.hpp"
#include "manifests/machine.hpp"
#include "manifests/needs.hpp"
#include "packager/inputs.hpp"
#include "packager/recipe_at.hpp"
#include "runtime/fit.hpp"

namespace packager {

/// What the headers of the inputs were found to need, beside them.
struct InputsAsked {
    const manifests::Recipe& recipe;
    const Inputs& inputs;
    const manifests::Needs& needs;
    const manifests::Profile& profile;
};

/// Kernel and engine binaries against the profile, each other and what the recipe declares of them. Puts the
/// paths of the engine files that kernels fit into `kernels`. @throws Error  Fault::io
manifests::Report check_kernels(std::vector<manifests::RecipeKernel>& kernels, const Inputs& inputs,
                                const manifests::Profile& profile);

/// What no machine could mend: number types, file modes, a model larger than the devices of the profile.
runtime::Fit fit_profile(const InputsAsked& asked);

/// What is neither read from the inputs nor from the machine: as in runtime::FitQuestion.
struct MachineConditions {
    std::uint64_t nodes = 1;
    const std::vector<manifests::Profile>* known = nullptr;
};
runtime::Fit fit_machine(const InputsAsked& asked, const manifests::Machine& machine,
                         const MachineConditions& conditions);

} // namespace packager
