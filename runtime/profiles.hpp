#pragma once
// Profiles as stored: where their folder is, and which of them a machine fits. Profiles are data; none is
// compiled in.

#include <string>
#include <vector>

#include "manifests/machine.hpp"
#include "manifests/profile.hpp"

namespace runtime {

struct StoredProfile {
    std::string path;
    std::string bytes; ///< as stored: what travels in a bundle
    manifests::Profile profile;
};

/// The folder that was asked for; else $SEALIFT_PROFILES; else, of those that hold profile.schema.json, the
/// first of: ../../profiles seen from the program's folder (a build tree), ../share/sealift/profiles,
/// /usr/share/sealift/profiles.
/// @throws Error  Fault::usage if the folder asked for is none; Fault::missing if there is none at all
std::string profiles_folder(const std::string& asked = "");

/// @param name_or_path  a text with '/' or that ends in ".json" is a path, any other the id of a profile
/// @throws Error  Fault::usage for an unknown name, with the known ones as hint; Fault::damaged for a file
///   that is no profile, or whose id is not its name
StoredProfile load_profile(const std::string& name_or_path, const std::string& asked_folder = "");

/// The path of every *.json of the folder but *.schema.json, sorted; none of them is read.
std::vector<std::string> profile_paths(const std::string& asked_folder = "");

/// Every *.json of the folder but *.schema.json, sorted by id.
std::vector<StoredProfile> all_profiles(const std::string& asked_folder = "");

/// The same for somebody who can do without: where no folder was asked for, what is not there or is no
/// profile tells nothing.
std::vector<manifests::Profile> profiles_at_hand(const std::string& asked_folder = "");

/// Those that the machine fits, best first: profiles of this very processor, then those that name none, then
/// those of another one; among these, more required instructions first; then by id.
std::vector<StoredProfile> fitting(std::vector<StoredProfile> profiles, const manifests::Machine& machine);

} // namespace runtime
