#pragma once
// Every media type, artifact type, annotation and tag that a bundle uses, spelled once.

#include <string_view>

namespace manifests::media {

// OCI image-spec 1.1
inline constexpr std::string_view oci_manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view oci_empty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view annotation_title = "org.opencontainers.image.title";
inline constexpr std::string_view annotation_ref_name = "org.opencontainers.image.ref.name";

// CNCF ModelPack, model-spec v0.0.7
inline constexpr std::string_view model_artifact = "application/vnd.cncf.model.manifest.v1+json";
inline constexpr std::string_view model_config = "application/vnd.cncf.model.config.v1+json";
inline constexpr std::string_view model_weight = "application/vnd.cncf.model.weight.v1.raw";
inline constexpr std::string_view model_weight_config = "application/vnd.cncf.model.weight.config.v1.raw";
inline constexpr std::string_view model_doc = "application/vnd.cncf.model.doc.v1.raw";
inline constexpr std::string_view annotation_filepath = "org.cncf.model.filepath";

// Sealift. Own layer types end in ".raw": modctl extracts any unknown type that does.
inline constexpr std::string_view bundle_artifact = "application/vnd.sealift.bundle.v1+json";
inline constexpr std::string_view bundle_document = "application/vnd.sealift.bundle.document.v1+json";
inline constexpr std::string_view kernel = "application/vnd.sealift.kernel.v1.raw";
inline constexpr std::string_view engine = "application/vnd.sealift.engine.v1.raw";
inline constexpr std::string_view config = "application/vnd.sealift.config.v1.raw";
inline constexpr std::string_view profile = "application/vnd.sealift.profile.v1.raw";
inline constexpr std::string_view chunk_table = "application/vnd.sealift.chunk-table.v1.raw";
inline constexpr std::string_view cyclonedx = "application/vnd.cyclonedx+json";

// in-toto and DSSE
inline constexpr std::string_view dsse_envelope = "application/vnd.dsse.envelope.v1+json";
inline constexpr std::string_view in_toto_payload = "application/vnd.in-toto+json";

// Trust policies, which are signed in DSSE envelopes as well
inline constexpr std::string_view policy_payload = "application/vnd.sealift.trust-policy.v1+json";
inline constexpr std::string_view policy_artifact = "application/vnd.sealift.trust-policy.v1+dsse";

// What a site signs about itself
inline constexpr std::string_view site_state_payload = "application/vnd.sealift.site-state.v1+json";

} // namespace manifests::media
