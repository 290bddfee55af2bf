#pragma once
// How an envelope is labelled in the layout, so that `oras discover` and people find what they look for. The
// label follows from the envelope's bytes, so nobody can put another one on it; it decides nothing, for it
// is read before any signature is.

#include <string>
#include <string_view>

namespace manifests {

/// The artifact type of the manifest around an envelope: "application/vnd.in-toto.release+dsse" and its like
/// for the predicate types of predicates.hpp, "...statement+dsse" for others,
/// "application/vnd.sealift.trust-policy.v1+dsse" for trust policies. An envelope that cannot be read has the
/// type of a release, and is refused as a broken one.
std::string attestation_type(std::string_view envelope);

/// Whether this is one of those.
bool is_attestation_type(std::string_view artifact_type);

} // namespace manifests
