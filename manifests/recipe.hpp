#pragma once
// The recipe (sealift.recipe/1): sealift.json, what a release engineer writes. JSON with comments.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bundle_document.hpp"

namespace manifests {

struct RecipeFile {
    BundlePath path; ///< in the bundle
    Role role;
    std::string source; ///< where the bytes are, relative to the recipe's folder; by default the same as path
    std::optional<FileMode> mode; ///< absent: executable if its owner may execute the source
};

struct RecipeKernel {
    BundlePath path;
    std::vector<std::string> requires_features;
    std::vector<BundlePath> fits; ///< engine files it was made for
    std::vector<std::string> targets =
        {}; ///< chips it is for, where its bytes do not say: "Ascend910B3"; sorted
    std::vector<std::string> exports = {}; ///< entry points that it has to have: "ggml_backend_init"; sorted
    std::vector<Digest> fits_digests = {}; ///< the same as `fits`, by digest: of the engine it was built with
};

/// How the model is to be run; from it and from the headers of the weights `build` computes the memory that
/// one device needs.
struct Deployment {
    std::uint64_t tensor_parallel = 1;
    std::uint64_t pipeline_parallel = 1;
    std::uint64_t data_parallel = 1;
    std::uint64_t context_tokens = 0; ///< of one sequence; 0: what the model was made for
    std::uint64_t sequences = 1;      ///< at the same time, in one copy of the model
    std::string cache_type;           ///< "bf16", "fp8", "int8"; empty: as the model computes
    std::uint64_t overhead_bytes = 0; ///< of one device: activations, graphs, communication
    std::uint64_t utilisation_percent = 90;
};

struct Recipe {
    std::string name;
    std::string version;
    std::uint64_t release_counter = 1;
    std::string profile; ///< a profile's name, or a path to one relative to the recipe's folder
    ModelFacts model;
    /// SPDX licence by role name or by path ("engine": "MIT", "docs/NOTICE": "CC0-1.0"); a path wins.
    std::map<std::string, std::string> licenses;
    std::vector<RecipeFile> files;
    std::vector<RecipeKernel> kernels;
    EngineFacts engine = {};                   ///< may be empty
    std::optional<Deployment> deployment = {}; ///< absent: memory of devices is not planned
    std::optional<RuntimeSection> runtime;

    /// @param keep  asked of each file by its path: the others are read, checked and forgotten. Nothing: all
    /// @throws Error  Fault::usage: a wrong recipe is a wrong command line
    static Recipe parse(std::string_view text, const std::function<bool(const BundlePath&)>& keep = {});
};

} // namespace manifests
