#pragma once
// What `build` writes into a bundle as its needs (manifests/needs.hpp): read from the headers of its binaries
// and weights, and computed from the deployment that the recipe declares. The same inputs and recipe give the
// same needs.

#include "manifests/needs.hpp"
#include "manifests/recipe.hpp"
#include "packager/checkpoint.hpp"
#include "packager/inputs.hpp"

namespace packager {

/// @param recipe  its engine and deployment are taken; its files may have moved into `inputs`
/// @param checkpoint  of the inputs, and nothing in it was refused
/// @throws Error  Fault::usage if the recipe has a deployment and the model does not say what its memory
///   follows from, or if no engine runs it
manifests::Needs needs_of(const manifests::Recipe& recipe, const Inputs& inputs,
                          const Checkpoint& checkpoint);

} // namespace packager
