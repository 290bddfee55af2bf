#pragma once
// The parts of a bundle document that people write, as JSON to compare: without the digests that follow from
// files, so that one changed file is one difference and not five.

#include <cstdint>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"

namespace packager {

/// name, version, release_counter, target (the profile's id), model
manifests::Json identity_of(const manifests::BundleDocument& document);

/// The runtime section; null if there is none.
manifests::Json runtime_of(const manifests::BundleDocument& document);

/// The chips that a kernel is for, each with " (declared)" behind it if only the recipe says so.
std::vector<std::string> target_lines(const manifests::KernelEntry& kernel);
/// By path: requires_features, and in fits the paths of engine files in the place of their digests.
manifests::Json kernels_of(const manifests::BundleDocument& document);

/// Paths of the engine files that a kernel says it fits.
std::vector<std::string> fitting_paths(const manifests::BundleDocument& document,
                                       const manifests::KernelEntry& kernel);

/// What a file has to be beside its bytes: "weights 0644"
std::string role_and_mode(const manifests::BundleFile& file);

} // namespace packager
