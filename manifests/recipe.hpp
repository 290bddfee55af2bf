#pragma once
// The recipe (sealift.recipe/1): sealift.json, what a release engineer writes. JSON with comments.

#include <cstdint>
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
    std::optional<RuntimeSection> runtime;

    /// @throws Error  Fault::usage: a wrong recipe is a wrong command line
    static Recipe parse(std::string_view text);
};

} // namespace manifests
