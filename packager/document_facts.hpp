#pragma once
// The parts of a bundle document that people write, as JSON to compare: without the digests that follow from
// files, so that one changed file is one difference and not five.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bundle_document.hpp"

namespace packager {

/// name, version, release_counter, target (the profile's id), model
manifests::Json identity_of(const manifests::BundleDocument& document);

/// The profile, and beside its members "needs" if the bundle has some: all that is asked of a machine.
/// @throws Error  Fault::damaged if `profile` is not JSON
manifests::Json requirements_of(const manifests::BundleDocument& document, std::string_view profile);

/// Of the bundle's needs what the recipe says: the engine, and how the model is spread. Null if nothing.
manifests::Json declared_needs_of(const manifests::BundleDocument& document);

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
