#pragma once
// What is checked about kernels by reading more of them than their headers: entry points, the descriptions
// that CANN keeps beside operator objects, and the engine that a kernel was made for.

#include <vector>

#include "manifests/finding.hpp"
#include "manifests/recipe.hpp"
#include "packager/inputs.hpp"

namespace packager {

/// Findings: Code::fit_kernel for an entry point of `exports` that a kernel does not have, and for a
/// description of an operator (a JSON file with the role kernel, or one beside an object) that names no
/// object of the bundle or whose SHA-256 is not the object's.
/// @throws Error  Fault::io
manifests::Report check_kernel_files(const std::vector<manifests::RecipeKernel>& kernels,
                                     const Inputs& inputs);

/// Puts the paths of the engine files with the digests of `fits_digests` into `fits`; which files these are
/// is known only here, for large files are hashed while they are packed.
/// @return Code::fit_kernel for a digest that no engine file has
manifests::Report resolve_fits(std::vector<manifests::RecipeKernel>& kernels, const Inputs& inputs);

} // namespace packager
