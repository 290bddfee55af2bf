#pragma once
// What `sealift plan` is asked about: a folder with a model, one file of it, a bundle or a recipe, and what
// each of them says about how it is to be run.

#include <optional>
#include <string>

#include "manifests/recipe.hpp"
#include "packager/planned_model.hpp"
#include "runtime/profiles.hpp"

namespace packager {

struct PlanSource {
    std::string name; ///< for people
    ReadModel read;
    manifests::Deployment deployment = {}; ///< as recipe or bundle say, or the usual one
    bool has_deployment = false;           ///< they say it
    bool has_cache_type = true; ///< false: a bundle does not say it, and its figures do not tell it either
    std::optional<runtime::StoredProfile> profile = {}; ///< that they are for
};

/// The cache type in which the model takes the bytes that a bundle states; of two of one size the one that
/// the model computes in. Empty: none does. Bundles state the bytes of a cache and not its type.
std::string cache_type_of_need(const PlannedModel& model, const manifests::MemoryNeed& need);

/// A folder with an oci-layout is a bundle, one with a sealift.json a recipe, and any other a model: its
/// config.json and its weights, safetensors by their index where there is one, or the parts of one GGUF file.
/// Of files, sealift.json is a recipe, any other *.json a config.json, *.gguf and *.safetensors are weights,
/// with what describes them beside them, and all else is a bundle.
/// @throws Error  Fault::usage for a folder without a model, or with several; as the readers do otherwise
PlanSource read_plan_source(const std::string& path, const std::string& profiles_folder);

} // namespace packager
