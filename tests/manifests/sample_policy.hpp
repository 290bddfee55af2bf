#pragma once
// A trust policy with real keys: three root keys of two owners, of which two keys of two owners have to sign;
// release, builder and kernels beside them. Signers are known by number: 1 to 3 root, 11 to 13 release, 21
// builder, 31 kernels.

#include <string>
#include <utility>
#include <vector>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/policy_chain.hpp"
#include "manifests/trust_policy.hpp"
#include "tests/manifests/signer.hpp"

namespace tests {

inline std::string id_of(unsigned char number) {
    return Signer(number).key().key_id();
}

inline void add_key(manifests::TrustPolicy& policy, unsigned char number, std::string owner) {
    const manifests::PublicKey key = Signer(number).key();
    policy.keys.insert_or_assign(key.key_id(), manifests::PolicyKey{key, std::move(owner), ""});
}

inline manifests::PolicyRole& role_in(manifests::TrustPolicy& policy, std::string_view name) {
    for (manifests::PolicyRole& role : policy.roles) {
        if (role.name == name) return role;
    }
    throw manifests::Error(manifests::Fault::internal, "no such role in the sample");
}

inline manifests::TrustPolicy sample_policy() {
    manifests::TrustPolicy policy;
    policy.policy_id = "family-a";
    policy.issued = "2026-11-01T00:00:00Z";
    policy.expires = "2027-11-01T00:00:00Z";
    for (const auto& [number, owner] : std::vector<std::pair<unsigned char, std::string>>{{1, "dept-a"},
                                                                                          {2, "dept-b"},
                                                                                          {3, "dept-b"},
                                                                                          {11, "dept-a"},
                                                                                          {12, "dept-b"},
                                                                                          {13, "dept-b"},
                                                                                          {21, "ci"},
                                                                                          {31, "kernel lab"}})
        add_key(policy, number, owner);
    policy.roles = {
        {.name = "builder", .keys = {id_of(21)}},
        {.name = "kernels", .keys = {id_of(31)}, .files = {manifests::Role::kernel}},
        {.name = "release", .keys = {id_of(11), id_of(12), id_of(13)}, .threshold = 2, .distinct_owners = 2},
        {.name = "root", .keys = {id_of(1), id_of(2), id_of(3)}, .threshold = 2, .distinct_owners = 2}};
    policy.require = {{"urn:sealift:release/v1", "release", {}},
                      {"https://slsa.dev/provenance/v1",
                       "builder",
                       {{"/runDetails/builder/id", {"https://build.example/one"}}}}};
    return policy;
}

/// An envelope of the policy payload type, whatever the payload.
inline manifests::Envelope policy_envelope(const std::string& payload,
                                           const std::vector<unsigned char>& signers) {
    manifests::Envelope envelope{std::string(manifests::media::policy_payload), payload, {}};
    const std::string message =
        manifests::pre_authentication_encoding(envelope.payload_type, envelope.payload);
    for (const unsigned char number : signers)
        envelope.signatures.push_back({id_of(number), Signer(number).sign(message)});
    return envelope;
}

inline std::string signed_text(const manifests::TrustPolicy& policy,
                               const std::vector<unsigned char>& signers) {
    return policy_envelope(policy.encode(), signers).encode();
}

/// Version N+1 of `policy`, a year later and otherwise the same.
inline manifests::TrustPolicy successor_of(const manifests::TrustPolicy& policy) {
    manifests::TrustPolicy next = policy;
    next.version = policy.version + 1;
    next.previous = {policy.version, manifests::Digest::of(policy.encode())};
    next.issued = std::to_string(2026 + policy.version) + "-11-01T00:00:00Z";
    next.expires = std::to_string(2027 + policy.version) + "-11-01T00:00:00Z";
    return next;
}

} // namespace tests
