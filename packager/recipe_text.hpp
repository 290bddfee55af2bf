#pragma once
// A recipe as text for people: JSON with comments that say what each part is for.

#include <string>
#include <vector>

#include "manifests/profile.hpp"
#include "manifests/recipe.hpp"

namespace packager {

/// Recipe::parse gives back the same recipe. @param left_out  paths that a comment mentions
std::string recipe_text(const manifests::Recipe& recipe, const manifests::Profile& profile,
                        const std::vector<std::string>& left_out);

std::string join(const std::vector<std::string>& parts, const std::string& between);

} // namespace packager
