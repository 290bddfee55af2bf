#pragma once
// Signing trust policies. A version after the first needs the root keys of the one before it as well as its
// own; each signer adds to one envelope, in any order.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/policy_chain.hpp"
#include "manifests/role_verdict.hpp"
#include "packager/policy_file.hpp"
#include "packager/signer.hpp"

namespace packager {

/// The root role of one version, and who of it has signed.
struct RootSide {
    std::uint64_t version = 0;
    std::uint64_t threshold = 0;
    std::uint64_t distinct_owners = 0;
    manifests::RoleVerdict verdict;

    std::uint64_t keys_needed() const;   ///< at least so many more
    std::uint64_t owners_needed() const; ///< at least so many owners who have not signed
};

/// One for the policy itself and, in front of it, one for its predecessor if that is given.
/// @param previous  nullptr: not at hand
std::vector<RootSide> root_sides(const manifests::TrustPolicy& policy,
                                 const manifests::SignedPolicy* previous,
                                 const manifests::Envelope& envelope);

/// The envelope with the signature of `key` added: the given one, or for a draft a new one with the compact
/// payload.
/// @param previous  nullptr: only root keys of the policy itself can sign
/// @throws Error  Fault::refused if the key is in neither root role or is revoked there; Fault::usage if
///                `previous` is not the predecessor that the policy names
manifests::Envelope sign_policy(const PolicyText& text, const manifests::SignedPolicy* previous,
                                const Signer& key);

} // namespace packager
