#pragma once
// Whether the kernel and engine binaries are made for the target: what their bytes say against the profile,
// and what the recipe declares about them against what the chip has.

#include <vector>

#include "manifests/finding.hpp"
#include "manifests/profile.hpp"
#include "manifests/recipe.hpp"
#include "packager/inputs.hpp"

namespace packager {

/// Pure. Findings: Code::fit_architecture for another ELF machine, Code::fit_features for declared
/// instructions that the chip lacks, Code::fit_kernel for a kernel that is no ELF file.
manifests::Report check_binaries(const std::vector<manifests::RecipeKernel>& kernels, const Inputs& inputs,
                                 const manifests::Profile& profile);

} // namespace packager
