#pragma once
// Init: looks at a folder of model, kernel and engine files and writes the recipe that packs them, with
// comments.

#include <map>
#include <string>
#include <vector>

#include "manifests/profile.hpp"
#include "manifests/recipe.hpp"

namespace packager {

struct InitRequest {
    std::string folder;
    std::string source_prefix; ///< from the recipe's folder to `folder`, with a '/' behind; empty: the same
    std::string name;          ///< empty: the folder's name, made clean
    std::string version;       ///< empty: "0.1.0"
    manifests::Profile profile;
    std::string profile_spelling;                ///< as the recipe shall name it
    std::map<std::string, std::string> licenses; ///< role or path to SPDX identifier
    std::map<std::string, std::string>
        model; ///< members of manifests::ModelFacts that a person states; they win
};

struct InitResult {
    std::string text; ///< the recipe, JSON with comments
    std::size_t files = 0;
    std::vector<std::string> left_out; ///< paths in the folder that the recipe does not pack, sorted
    std::vector<std::string> to_do;    ///< what a person still has to say
};

/// weights/ kernels/ engine/ config/ docs/ give the roles; small files inside weights/ that describe the
/// model (config.json, tokenizer*, *.index.json, ...) are model-config, its README and LICENSE are doc. Of
/// the kernels it takes the one that the profile names first; hidden files stay out; engine/launch.json
/// becomes the runtime section.
/// @throws Error  Fault::usage if there is nothing to pack, or for a name that no bundle can have;
///                Fault::refused if no kernel fits the profile; Fault::io
InitResult init(const InitRequest& request);

} // namespace packager
