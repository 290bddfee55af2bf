#pragma once
// From the bundle document, everything else in a bundle follows: the ModelPack config and manifest, and the
// bundle manifest whose digest is the bundle's identity. The packager assembles to write; a reader assembles
// again from the document it found and compares bytes. That one comparison is the closed world: nothing can
// be added to a manifest, left out of it or said differently in it.

#include <cstdint>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/digest.hpp"
#include "manifests/oci.hpp"

namespace manifests {

struct Assembly {
    std::string document;        ///< the bundle document with its model manifest filled in
    std::string model_config;    ///< ModelPack config
    std::string model_manifest;  ///< ModelPack manifest: weights, model-config and doc files, nothing foreign
    std::string bundle_manifest; ///< its digest is the bundle's

    Digest bundle_digest() const { return Digest::of(bundle_manifest); }
};

/// @param document  its model_manifest is replaced by the one that follows from its files
/// @throws Error  Fault::damaged if there are no weights: a model manifest needs at least one layer;
///                Code::path_collision if a file lies where the bundle's own documents have their paths
Assembly assemble(BundleDocument document);

/// The attestation manifest around one DSSE envelope.
std::string attestation_manifest(std::string_view envelope, const std::string& bundle_manifest);

/// What index.json lists: the bundle manifest ("bundle"), the model manifest ("model"), then the attestation
/// manifests by rising digest ("release-" and 16 digits of the digest).
ImageIndex index_of(const std::string& bundle_manifest, const std::string& model_manifest,
                    std::vector<std::string> attestation_manifests);

} // namespace manifests
