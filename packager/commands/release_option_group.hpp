#pragma once
// The options of a release on the command line.

#include <CLI/CLI.hpp>

#include "packager/release_options.hpp"
#include "runtime/whole_number.hpp"

namespace packager {

inline void add_release_options(CLI::App& command, ReleaseOptions& options) {
    constexpr const char* group = "Release terms";
    command
        .add_option("--security-epoch", options.security_epoch,
                    "Raise it when nothing from before may run again; sites never go below what they had")
        ->check(runtime::whole_number_from(0))
        ->group(group);
    command.add_option("--expires", options.expires, "After this date no site installs or boots the release")
        ->group(group);
    command
        .add_option("--policy-min-version", options.policy_min_version,
                    "Sites with an older version of the trust policy have to update it first")
        ->check(runtime::whole_number_from(0))
        ->group(group);
    command
        .add_option("--replaces", options.replaces,
                    "Digest of a bundle that this one replaces; may be given again")
        ->allow_extra_args(false)
        ->group(group);
    command
        .add_option("--export-classification", options.classification,
                    "What export control calls it, such as \"ECCN 5D992.c\"")
        ->group(group);
    command
        .add_option("--export-destination", options.destinations,
                    "Where it may go, such as DE; may be given again")
        ->allow_extra_args(false)
        ->group(group);
    command.add_flag("--sm3", options.with_sm3, "Name the bundle by its SM3 digest as well")->group(group);
}

} // namespace packager
