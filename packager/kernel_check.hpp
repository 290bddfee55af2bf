#pragma once
// Whether the kernel and engine binaries are made for the target: what their bytes say against the profile,
// what the recipe declares about them against what the chip has, and one against the other.

#include <vector>

#include "manifests/finding.hpp"
#include "manifests/profile.hpp"
#include "manifests/recipe.hpp"
#include "packager/inputs.hpp"

namespace packager {

/// Pure. Findings: Code::fit_architecture for another ELF machine, Code::fit_features for declared
/// instructions, or an x86-64 level in the bytes, that the chip lacks, Code::fit_abi for binaries of both
/// worlds of LoongArch, Code::fit_kernel for a kernel of another kind or for another chip, for one whose chip
/// nobody says, and for a declaration that its bytes or its folder contradict.
manifests::Report check_binaries(const std::vector<manifests::RecipeKernel>& kernels, const Inputs& inputs,
                                 const manifests::Profile& profile);

} // namespace packager
