#pragma once
// What differs between two bundles, in the words of their contents: files, tensors, kernels, configuration
// keys, requirements, signatures, sizes.
//
// Both bundles have been opened, so their documents agree with their digests. Files are compared by the
// digests that the documents name; bytes are read only of weights that changed and of JSON files that
// changed. Nobody's signature is checked: this says what two bundles say, `verify` says whether to believe
// them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "packager/json_diff.hpp"
#include "packager/weights_diff.hpp"
#include "runtime/bundle.hpp"

namespace packager {

struct FileChange {
    enum class Kind { added, removed, renamed, changed };
    Kind kind = Kind::changed;
    const manifests::BundleFile* before = nullptr; ///< of A's document; nullptr: added
    const manifests::BundleFile* after = nullptr;  ///< of B's document; nullptr: removed
};

struct KernelChange {
    std::string path;
    bool in_a = true, in_b = true;
    bool other_bytes = false; ///< of the binary
    std::vector<std::string> features_a = {}, features_b = {};
    std::vector<std::string> fits_a = {}, fits_b = {}; ///< paths of engine files
    std::string format_a = {}, format_b = {};
    std::vector<std::string> targets_a = {},
                             targets_b = {}; ///< chips, "(declared)" behind what only a recipe says
};

/// A JSON document of both bundles.
struct DocumentDiff {
    std::string where; ///< path of the file
    JsonDiff changes;
    std::string reason; ///< why there are no keys to compare; one line
};

/// A document of the bundle itself, known by its digest.
struct ReferenceChange {
    std::string what; ///< "software BOM"
    manifests::Digest before, after;
};

/// Key ids as the envelopes spell them; not checked.
struct SignatureDiff {
    std::vector<std::string> a, b; ///< sorted
    bool same = true;              ///< the very same envelopes
};

struct RoleSizes {
    manifests::Role role = manifests::Role::weights;
    std::uint64_t files_a = 0, bytes_a = 0, files_b = 0, bytes_b = 0;
};

struct BundleDiff {
    manifests::Digest digest_a, digest_b;
    JsonDiff identity = {};                      ///< name, version, release_counter, target, model
    std::vector<FileChange> files = {};          ///< removed and changed by path in A, then added
    std::vector<FileDiff> weights = {};          ///< of files with the role weights and other bytes
    std::vector<KernelChange> kernels = {};      ///< by path
    JsonDiff runtime = {};                       ///< the runtime section
    std::vector<DocumentDiff> config = {};       ///< JSON files with the roles config and model-config
    JsonDiff requirements = {};                  ///< the profiles
    std::vector<ReferenceChange> documents = {}; ///< profile, BOMs
    SignatureDiff signatures = {};
    std::vector<RoleSizes> sizes = {}; ///< of roles that one of them has

    /// Same digest, which pins every byte of content, and same signatures.
    bool same() const { return digest_a == digest_b && signatures.same; }
};

struct DiffRequest {
    Content content = Content::compare;
    unsigned jobs = 0;
    OnStart on_start;
};

/// What comes back points into the documents of the bundles, for each may have 100,000 files.
/// @throws Error  Fault::io; Fault::damaged if a file of a bundle ends early
BundleDiff diff_bundles(const runtime::Bundle& a, const runtime::Bundle& b, const DiffRequest& request);

/// "added", "removed", "renamed", "changed"
std::string_view name_of(FileChange::Kind kind);

} // namespace packager
