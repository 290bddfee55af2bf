#pragma once
// A recipe where it lies, and the profile that it names: paths in a recipe are relative to its folder.

#include <functional>
#include <string>

#include "manifests/recipe.hpp"
#include "runtime/profiles.hpp"

namespace packager {

struct RecipeAt {
    manifests::Recipe recipe;
    std::string folder;                                   ///< which sources are relative to
    std::string path;                                     ///< of the recipe itself
    manifests::Digest digest = manifests::Digest::of(""); ///< of its bytes
};

/// @param asked  a recipe, or a folder with a sealift.json
/// @param keep  which files are wanted; nothing: all
/// @throws Error  Fault::usage for a wrong recipe or a folder without one, Fault::io
RecipeAt read_recipe(const std::string& asked,
                     const std::function<bool(const manifests::BundlePath&)>& keep = {});

/// The profile that the recipe names, by its path or from the folder of profiles.
/// @param profiles_folder  empty: the usual one
/// @throws Error  as runtime::load_profile
runtime::StoredProfile find_profile(const RecipeAt& at, const std::string& profiles_folder);

} // namespace packager
