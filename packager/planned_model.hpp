#pragma once
// A model as a memory plan sees it, made of what its headers say (checkpoint.hpp). Nothing of the weights
// themselves is read.

#include <string>
#include <vector>

#include "packager/checkpoint.hpp"
#include "packager/chip_plan.hpp"

namespace packager {

struct ReadModel {
    PlannedModel model;
    /// Why nothing tells what it weighs, if so; one line that can be printed.
    std::string unknown_weights;
};

/// Weights are those of the files; without any they are computed from the shape.
/// @param unlisted  a weight file whose tensors cannot be listed: then nobody knows what the model weighs
ReadModel planned_model(const Checkpoint& checkpoint, const std::string& unlisted = "");

/// The first of these weight files whose tensors the checkpoint has not listed, or nothing: a form that says
/// nothing about itself. @param weights  paths as the checkpoint's, of files with the role weights
std::string unlisted_weights(const Checkpoint& checkpoint, const std::vector<std::string>& weights);

/// The same weights in another width: what a conversion would give, by formula. What a narrow one leaves wide
/// (embeddings, norms, routers) has the model's 16-bit type, or the other one if the chip lacks that.
/// @param type  "bf16", "fp16", "fp8", "int8", "int4", as number types are spelled
/// @param chip  what it computes; nullptr: nobody knows
/// @throws Error  Fault::usage for another type; Fault::missing if the model has no formula
PlannedModel converted(const PlannedModel& model, const std::string& type,
                       const manifests::TypeSupport* chip = nullptr);

} // namespace packager
