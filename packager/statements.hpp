#pragma once
// The statements that a build makes about its bundle. Each is the payload of one DSSE envelope, under 16 KiB.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/assembly.hpp"
#include "manifests/bundle_document.hpp"
#include "manifests/component.hpp"
#include "manifests/release.hpp"

namespace packager {

/// What statements are about: an assembled bundle.
struct Described {
    const manifests::BundleDocument& document;
    const manifests::Assembly& assembly;
    std::optional<std::uint64_t> time_s = std::nullopt; ///< to be written, since 1970
};

/// A URI for a builder that was not given one.
inline constexpr std::string_view default_builder_id = "urn:sealift:builder:unnamed";

/// @param with_sm3  names the bundle by its SM3 digest as well
manifests::ReleaseStatement release_of(const Described& bundle, const manifests::ReleaseTerms& terms = {},
                                       bool with_sm3 = false);
std::string provenance_of(const Described& bundle, const manifests::Digest& recipe,
                          const std::string& builder_id);
std::string bom_statement_of(const Described& bundle, const std::string& attester_id);
/// About the files with this role: one statement for 64 of them, and for weights, model-config and doc the
/// model manifest instead.
/// @throws Error  Fault::usage if there is none
std::vector<std::string> component_statements_of(const manifests::BundleDocument& document,
                                                 manifests::Role role);

} // namespace packager
