#pragma once
// Build: recipe and input files in, one signed bundle out. Read (profile, inputs), decide (does it fit, what
// is the document, what are the BOMs: pure), act (write, then open what was written with the site's own
// reader).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/assembly.hpp"
#include "manifests/finding.hpp"
#include "manifests/release.hpp"
#include "manifests/tar_layout.hpp"
#include "packager/bundle_writer.hpp"
#include "packager/inputs.hpp"
#include "packager/secret_key.hpp"
#include "runtime/profiles.hpp"

namespace packager {

struct BuildRequest {
    std::string recipe; ///< the recipe, or a folder with a sealift.json
    std::string output;
    Form form = Form::file;
    std::string profiles_folder;            ///< empty: the usual one
    const SecretKey* signing_key = nullptr; ///< nullptr: an unsigned bundle, to be signed later
    unsigned jobs = 0;
    bool dry_run = false;
    /// Called before reading ("reading") and before writing ("writing") with the bytes to come.
    std::function<runtime::OnBytes(const std::string& what, std::uint64_t total_bytes)> on_start;
};

struct BuildResult {
    manifests::Report report;                ///< refusals: nothing was written then
    std::optional<manifests::Digest> digest; ///< of the bundle
    std::string name, version, profile_id;
    std::size_t files = 0;
    std::uint64_t size_bytes = 0; ///< of the bundle file; for a folder, of its blobs
    std::string signed_by;        ///< key id, or empty
};

/// @throws Error  Fault::usage for a wrong recipe, Fault::io
BuildResult build(const BuildRequest& request);

/// What a build has decided, before anything is written.
struct BuildPlan {
    manifests::BundleDocument document;
    manifests::Assembly assembly;
    manifests::CarriedDocuments carried;
};

/// Pure: the same inputs, recipe, profile, time and program version give the same plan.
BuildPlan plan_build(const manifests::Recipe& recipe, const std::vector<Input>& inputs,
                     const runtime::StoredProfile& profile, std::optional<std::uint64_t> time_s);

/// What a release of an assembled bundle says.
manifests::ReleaseStatement release_of(const manifests::BundleDocument& document,
                                       const manifests::Digest& bundle, std::optional<std::uint64_t> time_s);

/// The DSSE envelope of the release statement about an assembled bundle.
std::string sign_release(const manifests::BundleDocument& document, const manifests::Digest& bundle,
                         std::optional<std::uint64_t> time_s, const SecretKey& key);

} // namespace packager
