#pragma once
// What a signed statement can be about: predicate types and payload types, spelled once.

#include <string_view>

namespace manifests::predicate {

// Sealift
inline constexpr std::string_view release = "urn:sealift:release/v1";
inline constexpr std::string_view component = "urn:sealift:component/v1";
inline constexpr std::string_view release_set = "urn:sealift:release-set/v1";
inline constexpr std::string_view rollback_permit = "urn:sealift:rollback-permit/v1";

// SLSA 1.x
inline constexpr std::string_view provenance = "https://slsa.dev/provenance/v1";
inline constexpr std::string_view verification_summary = "https://slsa.dev/verification_summary/v1";

// in-toto attestation framework, and CycloneDX as it names it
inline constexpr std::string_view cyclonedx = "https://cyclonedx.org/bom";
inline constexpr std::string_view reference = "https://in-toto.io/attestation/reference/v0.1";
inline constexpr std::string_view test_result = "https://in-toto.io/attestation/test-result/v0.1";
inline constexpr std::string_view vulns = "https://in-toto.io/attestation/vulns/v0.2";
inline constexpr std::string_view scai = "https://in-toto.io/attestation/scai/v0.3";

} // namespace manifests::predicate
