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
    DocumentReference document;        ///< the bundle document with its model manifest filled in
    DocumentReference model_config;    ///< ModelPack config
    DocumentReference model_manifest;  ///< weights, model-config and doc files, nothing foreign
    DocumentReference bundle_manifest; ///< its digest is the bundle's

    const Digest& bundle_digest() const { return bundle_manifest.digest; }
};

/// @param document  its model_manifest is replaced by the one that follows from its files
/// @throws Error  Fault::damaged if there are no weights: a model manifest needs at least one layer;
///                Code::path_collision if a file lies where the bundle's own documents have their paths
Assembly assemble(BundleDocument& document);

enum class Derived { document, model_config, model_manifest, bundle_manifest };

/// The bytes of what follows from a document: 40 MB for 100,000 files, so they are written and never held.
/// @param assembly  assemble(document)
void write_derived(Derived which, const BundleDocument& document, const Assembly& assembly, const Sink& sink);
/// The same as one text, for small documents.
std::string derived_text(Derived which, const BundleDocument& document, const Assembly& assembly);

/// The files in the order of layers and blobs: small roles first and weights last, by path inside a role.
std::vector<std::uint32_t> layer_order(const BundleDocument& document);

/// The attestation manifest around one DSSE envelope.
std::string attestation_manifest(std::string_view envelope, const DocumentReference& bundle_manifest);

/// What index.json lists: the bundle manifest ("bundle"), the model manifest ("model"), then the attestation
/// manifests by rising digest ("attestation-" and 16 digits of the digest).
ImageIndex index_of(const DocumentReference& bundle_manifest, const DocumentReference& model_manifest,
                    std::vector<std::string> attestation_manifests);

} // namespace manifests
