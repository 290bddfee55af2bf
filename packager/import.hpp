#pragma once
// A bundle out of OCI image layouts that other tools carried, tag by tag, and maybe not all of it. What
// follows from the bundle document is made anew; what does not is either there and proven, or named as
// missing.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "manifests/finding.hpp"
#include "packager/bundle_output.hpp"
#include "packager/bundle_search.hpp"
#include "runtime/content.hpp"

namespace packager {

struct ImportRequest {
    std::vector<std::string> layouts; ///< folders, or tars of one
    std::string output;
    Form form = Form::file;
    std::optional<manifests::Digest> digest; ///< of the bundle, if there are several
    unsigned jobs = 0;
    std::function<runtime::OnBytes(std::uint64_t total_bytes)> on_start;
};

struct MissingBlob {
    std::string what; ///< see describe_item(); not yet escaped
    manifests::DocumentReference blob;
    std::string found; ///< what is there instead; empty: nothing
};

struct ImportResult {
    manifests::Digest digest;                             ///< of the bundle
    std::string name = {}, version = {}, profile_id = {}; ///< empty if the bundle document is missing
    std::size_t files = 0;
    std::size_t signatures = 0; ///< envelopes
    std::vector<MissingBlob> missing = {};
    manifests::Report damage = {};         ///< blobs that are there and have other bytes than their names say
    std::vector<std::string> derived = {}; ///< what was not there and follows from the bundle document
    std::vector<std::string> notes = {};

    /// Only then something was written.
    bool is_whole() const { return missing.empty() && damage.passed(); }
};

/// @throws Error  Fault::damaged, Code::format_not_a_bundle if nothing of a bundle is there; Fault::refused
/// if there are several and none was chosen; Fault::io; as check_output()
ImportResult import_bundle(const ImportRequest& request);

/// The bundle that the blobs of damaged copies still describe, for repair: document, profile and BOMs are
/// there.
/// @return nothing if no bundle, or more than one, comes together
std::optional<KnownBundle> known_from(const BlobPool& pool);

} // namespace packager
