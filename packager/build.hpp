#pragma once
// Build: recipe and input files in, one signed bundle out. Look (profile, sizes, ELF headers), decide (does
// it fit, where will every byte stand), act (read each input once and write it once, to its final place; then
// the documents, which stand first and are known last; then open what was written with the site's own
// reader).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/finding.hpp"
#include "packager/attest.hpp"
#include "packager/bundle_output.hpp"
#include "packager/model_check.hpp"
#include "packager/signer.hpp"
#include "runtime/content.hpp"
#include "runtime/profiles.hpp"

namespace packager {

/// What a build takes from outside of its recipe and its inputs.
struct BuildConditions {
    runtime::StoredProfile profile;
    std::optional<std::uint64_t> time_s; ///< to write into documents, since 1970
};

struct BuildRequest {
    std::string recipe; ///< the recipe, or a folder with a sealift.json
    std::string output;
    Form form = Form::file;
    std::string profiles_folder;         ///< empty: the usual one
    const Signer* signing_key = nullptr; ///< nullptr: an unsigned bundle, to be signed later
    Attestations attestations = {};
    unsigned jobs = 0;
    bool dry_run = false;
    /// Digest of a bundle that was built before: if another one comes out, the result has documents to
    /// compare.
    const manifests::Digest* compare_with = nullptr;
    RiskReasons allow = {};
    /// A bundle that is built again: it accepts what it accepted, and nothing is refused for the model's
    /// sake, for the question is what differs. nullptr: a new one.
    const std::vector<manifests::AcceptedRisk>* accepted = nullptr;
    /// Nothing: the profile that the recipe names, and SOURCE_DATE_EPOCH.
    std::optional<BuildConditions> conditions = std::nullopt;
    /// Called before packing ("packing") with the bytes to come.
    std::function<runtime::OnBytes(const std::string& what, std::uint64_t total_bytes)> on_start;
};

/// What decides the digest of a bundle, for whoever compares it with another.
struct BuildDocuments {
    manifests::BundleDocument document;
    std::string software_bom; ///< empty if it is longer than most_compared_bom_bytes
    std::string hardware_bom;
};

/// What is longer is not compared member by member: it takes ten times that as a value, twice.
inline constexpr std::uint64_t most_compared_bom_bytes = 64ULL << 20;

struct BuildResult {
    manifests::Report report;                ///< refusals: nothing was written then
    std::optional<manifests::Digest> digest; ///< of the bundle
    std::string name, version, profile_id;
    std::size_t files = 0;
    std::uint64_t size_bytes = 0;            ///< of the bundle file; for a folder, of its blobs
    std::string signed_by;                   ///< key id of the release's signer, or empty
    std::optional<BuildDocuments> documents; ///< see BuildRequest::compare_with
};

/// @throws Error  Fault::usage for a wrong recipe, Fault::io
BuildResult build(const BuildRequest& request);

} // namespace packager
