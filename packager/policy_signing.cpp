#include "packager/policy_signing.hpp"

#include <algorithm>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "packager/signing.hpp"

namespace packager {
namespace {

using manifests::Envelope;
using manifests::Error;
using manifests::Fault;
using manifests::PolicyRole;
using manifests::PublicKey;
using manifests::SignedPolicy;
using manifests::TrustPolicy;

const PolicyRole& root_of(const TrustPolicy& policy) {
    return *policy.role(manifests::root_role); // parse() has seen that there is one
}

RootSide side_of(const TrustPolicy& policy, const Envelope& envelope) {
    const PolicyRole& root = root_of(policy);
    return {policy.version, root.threshold, root.distinct_owners,
            manifests::judge_role(policy, root, envelope)};
}

void check_previous(const TrustPolicy& policy, const SignedPolicy& previous) {
    const manifests::PolicyReference reference{previous.policy.version, previous.digest};
    if (policy.previous == reference && policy.policy_id == previous.policy.policy_id) return;
    throw Error(Fault::usage, "the policy names " +
                                  (policy.previous ? "version " + std::to_string(policy.previous->version) +
                                                         ", " + policy.previous->digest.text()
                                                   : std::string("nothing")) +
                                  " as the one before it, but --previous is version " +
                                  std::to_string(previous.policy.version) + ", " + previous.digest.text());
}

// The key as the policy knows it, which for SM2 includes the id of the signer; nullptr: it may not sign.
const PublicKey* root_key(const TrustPolicy& policy, const std::string& key_id) {
    const PolicyRole& root = root_of(policy);
    if (std::find(root.keys.begin(), root.keys.end(), key_id) == root.keys.end()) return nullptr;
    return policy.has_revoked_key(key_id) ? nullptr : &policy.keys.at(key_id).key;
}

const PublicKey& signing_root_key(const TrustPolicy& policy, const SignedPolicy* previous,
                                  const std::string& key_id) {
    if (const PublicKey* key = root_key(policy, key_id)) return *key;
    if (previous != nullptr) {
        if (const PublicKey* key = root_key(previous->policy, key_id)) return *key;
    }
    Error error(Fault::refused, "key " + key_id + " is no root key of the policy" +
                                    (previous != nullptr ? " or of the one before it" : "") +
                                    ", or is revoked there");
    if (previous == nullptr && policy.previous)
        error.hint("a root key of version " + std::to_string(policy.previous->version) +
                   " can sign as well: give that policy with --previous");
    throw error;
}

std::uint64_t lack(std::uint64_t wanted, std::size_t found) {
    return wanted > found ? wanted - found : 0;
}

} // namespace

std::uint64_t RootSide::keys_needed() const {
    return lack(threshold, verdict.counted.size());
}

std::uint64_t RootSide::owners_needed() const {
    return lack(distinct_owners, verdict.owners.size());
}

std::vector<RootSide> root_sides(const TrustPolicy& policy, const SignedPolicy* previous,
                                 const Envelope& envelope) {
    std::vector<RootSide> sides;
    if (previous != nullptr) sides.push_back(side_of(previous->policy, envelope));
    sides.push_back(side_of(policy, envelope));
    return sides;
}

Envelope sign_policy(const PolicyText& text, const SignedPolicy* previous, const Signer& key) {
    if (previous != nullptr) check_previous(text.policy, *previous);
    const PublicKey& known = signing_root_key(text.policy, previous, key.public_key().key_id());
    Envelope envelope = text.envelope.value_or(
        Envelope{std::string(manifests::media::policy_payload), text.policy.encode(), {}});
    const std::string message =
        manifests::pre_authentication_encoding(envelope.payload_type, envelope.payload);
    add_signature(envelope, known, key.sign(message));
    return envelope;
}

} // namespace packager
