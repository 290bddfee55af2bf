#pragma once
// The trust policy: who may vouch for what, and what a bundle has to bring. A site pins one by its digest,
// and every later one has to follow from it (policy_chain.hpp). It is the payload of a DSSE envelope of type
// media::policy_payload. It must not be half understood, so members that are unknown are refused, also
// deep inside: a new kind of rule is a new _type.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/digest.hpp"
#include "manifests/public_key.hpp"

namespace manifests {

inline constexpr std::string_view trust_policy_type = "urn:sealift:trust-policy/v1";
inline constexpr std::string_view root_role = "root";
inline constexpr std::string_view release_role = "release";

struct PolicyKey {
    PublicKey key;       ///< its type and, for SM2, the id of the signer are the policy's
    std::string owner;   ///< whoever holds the secret half: a department, a person; compared as text
    std::string custody; ///< how it is kept, such as "hsm", "smartcard" or "file"; may be empty
};

struct PolicyRole {
    std::string name;              ///< [a-z0-9-]
    std::vector<std::string> keys; ///< key ids; each once
    std::uint64_t threshold = 1;   ///< distinct public keys that have to sign
    std::uint64_t distinct_owners = 1;
    std::vector<std::string> products{"*"}; ///< names, or "*" alone
    std::vector<Role> files = {};           ///< bundle files that this role may vouch for; each once

    bool releases(std::string_view product) const;
};

/// A bundle needs a statement with this predicate type that the role has signed.
struct Requirement {
    std::string predicate;
    std::string role;
    /// JSON pointer (RFC 6901) into the predicate -> texts, one of which must stand there.
    std::map<std::string, std::vector<std::string>> match = {};
};

/// The oldest release of a product that may still be installed.
struct Floor {
    std::uint64_t release_counter = 0;
    std::uint64_t security_epoch = 0;
};

struct RevokedKey {
    std::string key_id; ///< need not be among the keys any more
    std::string reason;
};

/// What a policy names as its predecessor.
struct PolicyReference {
    std::uint64_t version = 0;
    Digest digest; ///< of that policy's payload

    friend bool operator==(const PolicyReference&, const PolicyReference&) = default;
};

struct TrustPolicy {
    /// A smart card or an HSM must be able to take the whole PAE in one call.
    static constexpr std::size_t most_bytes = std::size_t{16} * 1024;

    std::string policy_id;
    std::uint64_t version = 1;
    std::string issued;                      ///< time_text.hpp
    std::string expires;                     ///< the first second in which the policy holds no more
    std::optional<PolicyReference> previous; ///< absent exactly for version 1
    std::map<std::string, PolicyKey> keys;   ///< by key id, which is that of the key
    std::vector<PolicyRole> roles;           ///< rising by name, as read from a JSON object
    std::vector<Requirement> require;
    /// Key types, any of a group; every group has to reach the threshold and the owners of a role by itself.
    /// Empty: any type counts.
    std::vector<std::vector<KeyType>> all_of;
    std::vector<std::string> digests{"sha256"}; ///< "sha256" and perhaps "sm3"; all have to match
    std::map<std::string, Floor> floors;        ///< by product
    /// Counters of releases start anew when this rises: the way out when one was set to the maximum.
    std::uint64_t counter_epoch = 1;
    std::vector<RevokedKey> revoked_keys;
    std::vector<Digest> revoked_digests;           ///< of bundles or of files in them
    std::optional<std::uint64_t> max_offline_days; ///< counted from `issued`

    /// @param payload  verified or about to be; at most 16 KiB
    /// @throws Error  Fault::damaged, Code::trust_policy
    static TrustPolicy parse(std::string_view payload);
    /// The same rules for a text that people write and that may be longer for its white space.
    static TrustPolicy parse_draft(std::string_view text);
    /// Compact JSON, the same bytes for the same value. @throws Error  as parse()
    std::string encode() const;
    /// The same, indented. @throws Error  as parse()
    std::string encode_for_people() const;
    /// Every rule that needs no JSON. @throws Error  as parse()
    void check() const;

    const PolicyRole* role(std::string_view name) const; ///< nullptr: there is none
    bool has_revoked_key(std::string_view key_id) const;
};

} // namespace manifests
