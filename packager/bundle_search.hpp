#pragma once
// Which bundles the blobs of a pool belong to. Tools rewrite index.json, nest it, or lose it, so it decides
// little: our manifests and documents have one spelling each, and are told by how they begin. An index only
// says which of several bundles is meant, if it names one and not the others.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "packager/blob_pool.hpp"
#include "packager/gathered_source.hpp"

namespace packager {

/// A signature that an attestation manifest speaks of, and that is not there.
struct LostEnvelope {
    manifests::DocumentReference envelope;
    manifests::Digest manifest;
};

struct FoundBundle {
    manifests::Digest digest; ///< of the bundle manifest
    /// What the bundle manifest says its document is; if the manifest is there.
    std::optional<manifests::DocumentReference> document;
    std::optional<KnownBundle> known; ///< if the document is there; with every envelope that is
    std::vector<LostEnvelope> lost_envelopes;
    bool is_named = false; ///< by an index
};

struct PoolContents {
    std::vector<FoundBundle> bundles;              ///< rising by digest
    std::size_t foreign_manifests = 0;             ///< that an index names, and that are not ours
    std::vector<std::string> unreadable;           ///< why an index could not be read
    std::map<manifests::Digest, std::string> tags; ///< of what indexes name, also in other indexes
};

/// Digests of the bundles whose manifest or document is there whole.
/// @throws Error  Fault::io
std::set<manifests::Digest> bundles_in(const BlobPool& pool);

/// @throws Error  Fault::io
PoolContents search_bundles(const BlobPool& pool);

} // namespace packager
