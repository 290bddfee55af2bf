#pragma once
// A model as a memory plan sees it, read from what is there: the headers of its weight files, its
// config.json, the description of its quantisation. Nothing of the weights themselves is read.

#include <string>
#include <vector>

#include "packager/chip_plan.hpp"
#include "runtime/blob_source.hpp"

namespace packager {

struct ModelFile {
    std::string path; ///< for its name, its folder and for messages
    bool is_weights = false;
    runtime::BlobAt blob;
};

struct ReadModel {
    PlannedModel model;
    /// Why nothing tells what it weighs, if so: a weight file whose tensors cannot be listed. One line.
    std::string unknown_weights;
};

/// Weights are summed over all weight files; without any they are computed from the shape. The shape comes
/// from the config.json that lies nearest to the weights.
/// @throws Error  Fault::io; Fault::damaged for a config.json that breaks the rules
ReadModel read_model(const std::vector<ModelFile>& files);

/// The tensor types of the weight files among them, as they spell them; rising. A file whose tensors cannot
/// be listed adds none.
std::vector<std::string> tensor_types_of(const std::vector<ModelFile>& files);

/// The same weights in another width: what a conversion would give, by formula.
/// @param type  "bf16", "fp16", "fp8", "int8", "int4", as number types are spelled
/// @throws Error  Fault::usage for another type; Fault::missing if the model has no formula
PlannedModel converted(const PlannedModel& model, const std::string& type);

/// Whether a file beside weights is read for the plan: config.json, quant_model_description.json.
bool describes_model(const std::string& path);

} // namespace packager
