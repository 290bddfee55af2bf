#pragma once
// The OCI documents of a bundle: descriptor, image manifest, image index, layout marker. Manifests are ours
// and are read strictly: only the bytes that encode() writes are accepted, in the field order of Go's
// encoder, so every tool that carries a bundle keeps them. index.json is read as a foreign document: tools
// rewrite it, and nothing but finding the manifests depends on it. Source: OCI image-spec 1.1.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/json.hpp"

namespace manifests {

struct Descriptor {
    std::string media_type;
    Digest digest;
    std::uint64_t size_bytes = 0;
    std::map<std::string, std::string> annotations;

    friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

/// A descriptor of bytes in memory.
Descriptor describe(std::string_view media_type, std::string_view bytes);

/// What stands in front of a manifest's layers.
struct ManifestHead {
    std::string artifact_type;
    Descriptor config;
};

struct ImageManifest {
    std::string artifact_type;
    Descriptor config;
    std::vector<Descriptor> layers;
    std::optional<Descriptor> subject;

    /// @throws Error  Fault::damaged unless `bytes` is what encode() gives
    static ImageManifest parse(std::string_view bytes);
    /// The front of a manifest that may have 100,000 layers, none of which is kept.
    /// @param open  starts the bytes again from the front: they are read twice
    /// @param digest  of these bytes
    /// @param on_layer  gets each layer in its turn; what it got counts only once this has returned
    /// @throws Error  as parse()
    static ManifestHead read_head(const std::function<NextPiece()>& open, const Digest& digest,
                                  const std::function<void(const Descriptor&)>& on_layer = {});
    std::string encode() const;
};

struct ImageIndex {
    std::vector<Descriptor> manifests;

    /// Tolerates members that we do not know, as the standard demands, and refuses index-wide claims we do
    /// not make.
    static ImageIndex parse(std::string_view bytes);
    std::string encode() const;
};

/// The bytes of the file "oci-layout" as we write them.
std::string_view oci_layout_bytes();

/// Whether `bytes` say layout version 1.0.0, in whatever spelling: skopeo writes a space after the colon.
bool is_oci_layout(std::string_view bytes);

/// The empty JSON object that attestation manifests have as config.
std::string_view empty_config_bytes();

/// "blobs/sha256/<hex>"
std::string blob_name(const Digest& digest);

} // namespace manifests
