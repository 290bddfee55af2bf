#pragma once
// Advice about profiles that keep every rule and still leave a site guessing.

#include <string>
#include <string_view>
#include <vector>

#include "manifests/finding.hpp"
#include "manifests/profile.hpp"

namespace packager {

struct LintedProfile {
    std::string path;
    manifests::Profile profile;
};

/// What a site cannot be told with this profile, and sources that may be out of date.
/// @param now  as in manifests/time_text.hpp
/// @return notes only
manifests::Report lint_profile(const LintedProfile& linted, std::string_view now);

/// One id for two profiles is a refusal; one PCI id in two, without models or subsystems that tell them
/// apart, a note.
manifests::Report lint_together(const std::vector<LintedProfile>& profiles);

} // namespace packager
