#include "packager/recipe_at.hpp"

#include <filesystem>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Recipe;

RecipeAt read_recipe(const std::string& asked,
                     const std::function<bool(const manifests::BundlePath&)>& keep) {
    std::filesystem::path path(asked);
    if (std::filesystem::is_directory(path)) {
        path /= "sealift.json";
        if (!std::filesystem::exists(path)) {
            throw Error(Fault::usage, in_quotes(asked) + " has no sealift.json")
                .hint("sealift init " + manifests::escaped(asked) + " --profile NAME writes one");
        }
    }
    try {
        const std::string bytes = runtime::read_small_file(path.string());
        return {Recipe::parse(bytes, keep), path.has_parent_path() ? path.parent_path().string() : ".",
                path.string(), manifests::Digest::of(bytes)};
    } catch (Error& error) {
        if (error.fault() == Fault::usage) error.in(path.string());
        throw;
    }
}

runtime::StoredProfile find_profile(const RecipeAt& at, const std::string& profiles_folder) {
    const bool is_path =
        at.recipe.profile.find('/') != std::string::npos || at.recipe.profile.ends_with(".json");
    const bool relative = is_path && !at.recipe.profile.starts_with('/');
    return runtime::load_profile(relative ? at.folder + "/" + at.recipe.profile : at.recipe.profile,
                                 profiles_folder);
}

} // namespace packager
