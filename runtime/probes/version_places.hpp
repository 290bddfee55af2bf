#pragma once
// Where versions of drivers, firmware and toolkits stand, as a table: what is known without a profile, and
// what profiles name besides. No place depends on the environment of whoever asks, or one machine would give
// two answers.

#include <string>
#include <vector>

#include "manifests/profile.hpp"

namespace runtime {

struct VersionPlace {
    std::string kind; ///< "driver", "firmware" or "toolkit"
    std::string name; ///< as profiles spell it: "CANN"
    /// Absolute. One part may hold a '*', which stands for any characters of a name:
    /// "/opt/rocm*/.info/version".
    std::string path;
    std::string key; ///< as SoftwareRequirement::Place has it; empty: the first line

    enum class Says {
        in_file, ///< the version stands in the file
        in_name, ///< what the '*' matched is the version, after a '-' or '_': "/opt/dtk-25.04"
        presence ///< that something is there, not which version: listed as unreadable
    };
    Says says = Says::in_file;
};

/// @param prefixes  where Huawei's installer put driver and firmware, if it says so; see ascend_prefix()
std::vector<VersionPlace> built_in_version_places(const std::string& driver_prefix,
                                                  const std::string& firmware_prefix);

/// What the profiles name; operating systems are told by other probes.
std::vector<VersionPlace> version_places_of(const manifests::Profile& profile);

} // namespace runtime
