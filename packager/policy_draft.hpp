#pragma once
// Drafts of trust policies: the first version from key files, and the next version from one that is signed.
// A draft is a text that people go on to edit; `sealift policy sign` makes a payload of it.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "manifests/policy_chain.hpp"
#include "manifests/trust_policy.hpp"

namespace packager {

/// The owner of a key for which nobody was named. All such keys together count as one owner.
inline constexpr std::string_view unnamed_owner = "unnamed";

/// A key on the command line, "FILE" or "FILE=OWNER".
struct KeyGrant {
    manifests::PublicKey key;
    std::optional<std::string> owner;

    /// @param text  with a PEM public key file
    /// @throws Error  Fault::missing if the file holds no public key; Fault::io
    static KeyGrant read(const std::string& text);
};

struct NewRole {
    std::string name;
    std::vector<KeyGrant> keys;
    std::uint64_t threshold = 1;
    std::uint64_t distinct_owners = 1;

    /// "NAME=FILE[=OWNER],..." @throws Error  Fault::usage; as KeyGrant::read
    static NewRole read(const std::string& text);
};

struct NewPolicyRequest {
    std::string policy_id;
    std::vector<NewRole> roles; ///< root and release among them
    std::vector<std::string> products;
    std::string issued;
    std::string expires;
    std::vector<std::vector<manifests::KeyType>> all_of;
    std::optional<std::uint64_t> max_offline_days;
};

/// Version 1. Requires a release; provenance and BOM when there is a role "builder"; and from a role that is
/// called like a kind of file ("kernels", "weights") a statement about those files.
/// @throws Error  Fault::usage if the rules of policies refuse it
manifests::TrustPolicy new_policy(const NewPolicyRequest& request);

/// ROLE and something about it.
using ForRole = std::pair<std::string, std::string>;

struct RotateRequest {
    std::vector<std::pair<std::string, KeyGrant>> add; ///< role, key; a role that is not there is made
    std::vector<ForRole> remove;                       ///< role, key id or its first digits
    std::vector<std::pair<std::string, std::uint64_t>> thresholds;
    std::vector<std::pair<std::string, std::uint64_t>> distinct_owners;
    std::vector<std::pair<std::string, std::string>> revoke; ///< key id or its first digits, reason
    std::vector<manifests::Digest> revoke_digests;
    std::vector<std::pair<std::string, manifests::Floor>> floors;
    std::optional<std::uint64_t> counter_epoch;
    std::string issued;
    std::string expires;
};

/// Version N+1. Revoked keys leave their roles, and keys of no role leave the policy.
/// @throws Error  Fault::usage for what cannot be done or breaks the rules of policies, and for floors and
///                counter epochs that would go down
manifests::TrustPolicy rotate(const manifests::SignedPolicy& old, const RotateRequest& request);

} // namespace packager
