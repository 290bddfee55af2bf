#include "manifests/role_verdict.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/manifests/ec_signer.hpp"
#include "tests/manifests/sample_policy.hpp"

using namespace manifests;
using tests::id_of;
using tests::policy_envelope;
using tests::sample_policy;

namespace {

std::vector<std::string> ids_of(const std::vector<unsigned char>& numbers) {
    std::vector<std::string> ids;
    for (const unsigned char number : numbers)
        ids.push_back(id_of(number));
    std::sort(ids.begin(), ids.end());
    return ids;
}

RoleVerdict judge_release(const TrustPolicy& policy, const Envelope& envelope) {
    return judge_role(policy, *policy.role("release"), envelope);
}

} // namespace

TEST_CASE("a role is met by enough keys of enough owners", "[manifests][policy]") {
    const RoleVerdict verdict = judge_release(sample_policy(), policy_envelope("x", {11, 12}));
    CHECK(verdict.met);
    CHECK(verdict.counted == ids_of({11, 12}));
    CHECK(verdict.owners == std::vector<std::string>{"dept-a", "dept-b"});
    CHECK(verdict.bad.empty());
    CHECK(verdict.revoked.empty());
    CHECK_FALSE(verdict.code);
    CHECK(verdict.why.empty());
}

TEST_CASE("a role is not met by too few keys or owners", "[manifests][policy]") {
    const auto [reason, signers] = GENERATE(table<std::string, std::vector<unsigned char>>({
        {"one stolen key", {11}},
        {"the same key twice", {11, 11}},
        {"two keys of one owner", {12, 13}},
        {"keys of another role", {11, 21, 31, 1, 2, 3}},
        {"keys of nobody", {11, 77}},
        {"nobody of the role", {21}},
    }));
    CAPTURE(reason);
    const RoleVerdict verdict = judge_release(sample_policy(), policy_envelope("x", signers));
    CHECK_FALSE(verdict.met);
    CHECK(verdict.code == Code::trust_threshold);
    CHECK_THAT(verdict.why, Catch::Contains("role 'release'") && Catch::Contains("wanted 2 of 2 owners"));
}

TEST_CASE("key ids of the envelope do not make one key two", "[manifests][policy]") {
    Envelope envelope = policy_envelope("x", {11, 11});
    envelope.signatures[1].key_id = id_of(12);
    const RoleVerdict verdict = judge_release(sample_policy(), envelope);
    CHECK_FALSE(verdict.met);
    CHECK(verdict.counted == ids_of({11}));
    CHECK(verdict.bad == ids_of({12}));

    Envelope nameless = policy_envelope("x", {11, 12});
    for (EnvelopeSignature& signature : nameless.signatures)
        signature.key_id.clear();
    CHECK(judge_release(sample_policy(), nameless).met);
}

TEST_CASE("a bad signature is skipped and named", "[manifests][policy]") {
    Envelope envelope = policy_envelope("x", {13, 11, 12});
    envelope.signatures[0].signature[0] = static_cast<char>(envelope.signatures[0].signature[0] ^ 1);
    const RoleVerdict verdict = judge_release(sample_policy(), envelope);
    CHECK(verdict.met);
    CHECK(verdict.counted == ids_of({11, 12}));
    CHECK(verdict.bad == ids_of({13}));

    Envelope changed = policy_envelope("x", {11, 12});
    changed.payload = "y";
    CHECK_FALSE(judge_release(sample_policy(), changed).met);
    CHECK(judge_release(sample_policy(), changed).bad == ids_of({11, 12}));
}

TEST_CASE("a revoked key does not count", "[manifests][policy]") {
    TrustPolicy policy = sample_policy();
    policy.revoked_keys = {{id_of(12), "stolen"}};
    const RoleVerdict verdict = judge_release(policy, policy_envelope("x", {11, 12}));
    CHECK_FALSE(verdict.met);
    CHECK(verdict.code == Code::trust_threshold);
    CHECK(verdict.counted == ids_of({11}));
    CHECK(verdict.revoked == ids_of({12}));
    CHECK_THAT(verdict.why, Catch::Contains("1 more signed with a revoked key"));
    CHECK(judge_release(policy, policy_envelope("x", {11, 12, 13})).met);
}

// Each department has an Ed25519 key (11, 12) and an SM2 key; one has a P-256 key as well.
struct MixedRelease {
    tests::EcSigner sm2_a{KeyType::sm2};
    tests::EcSigner sm2_b{KeyType::sm2, "dept-b"};
    tests::EcSigner p256{KeyType::ecdsa_p256};
    TrustPolicy policy = sample_policy();

    MixedRelease() {
        add(sm2_a.key(), "dept-a");
        add(sm2_b.key().with_sm2_id("dept-b"), "dept-b");
        add(p256.key(), "dept-b");
        policy.all_of = {{KeyType::ed25519}, {KeyType::sm2}};
    }
    void add(const PublicKey& key, const std::string& owner) {
        policy.keys.insert_or_assign(key.key_id(), PolicyKey{key, owner, ""});
        tests::role_in(policy, "release").keys.push_back(key.key_id());
    }
    static Envelope signed_by(const std::vector<unsigned char>& numbers,
                              const std::vector<const tests::EcSigner*>& signers) {
        Envelope envelope = policy_envelope("x", numbers);
        const std::string message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
        for (const tests::EcSigner* signer : signers)
            envelope.signatures.push_back({signer->key().key_id(), signer->sign(message)});
        return envelope;
    }
};

TEST_CASE("each group of algorithms has to reach threshold and owners by itself", "[manifests][policy]") {
    const MixedRelease sample;
    sample.policy.check();
    const PolicyRole& role = *sample.policy.role("release");
    const auto judge = [&](const Envelope& envelope) { return judge_role(sample.policy, role, envelope); };

    CHECK(judge(MixedRelease::signed_by({11, 12}, {&sample.sm2_a, &sample.sm2_b})).met);
    CHECK(judge(MixedRelease::signed_by({11, 12, 13}, {&sample.sm2_a, &sample.sm2_b, &sample.p256})).met);

    const std::vector<std::pair<std::string, Envelope>> lacking{
        {"Ed25519 alone", MixedRelease::signed_by({11, 12, 13}, {})},
        {"SM2 alone", MixedRelease::signed_by({}, {&sample.sm2_a, &sample.sm2_b})},
        {"one SM2", MixedRelease::signed_by({11, 12}, {&sample.sm2_a})},
        {"one SM2 and a P-256", MixedRelease::signed_by({11, 12}, {&sample.sm2_a, &sample.p256})},
        {"one Ed25519", MixedRelease::signed_by({11}, {&sample.sm2_a, &sample.sm2_b})},
        {"Ed25519 of one owner", MixedRelease::signed_by({12, 13}, {&sample.sm2_a, &sample.sm2_b})},
        {"one SM2 twice", MixedRelease::signed_by({11, 12}, {&sample.sm2_a, &sample.sm2_a})},
    };
    for (const auto& [reason, envelope] : lacking) {
        CAPTURE(reason);
        CHECK_FALSE(judge(envelope).met);
        CHECK(judge(envelope).code == Code::trust_algorithm);
    }
    CHECK(judge(MixedRelease::signed_by({11}, {})).code == Code::trust_threshold);
}

TEST_CASE("a group may have several types, and none means any", "[manifests][policy]") {
    MixedRelease sample;
    const Envelope envelope = MixedRelease::signed_by({11}, {&sample.p256});
    sample.policy.all_of = {{KeyType::ed25519, KeyType::ecdsa_p256}};
    CHECK(judge_release(sample.policy, envelope).met);
    sample.policy.all_of = {};
    CHECK(judge_release(sample.policy, envelope).met);
    sample.policy.all_of = {{KeyType::ed25519}};
    CHECK(judge_release(sample.policy, envelope).code == Code::trust_algorithm);
}

TEST_CASE("the id of an SM2 signer is the policy's", "[manifests][policy]") {
    MixedRelease sample;
    const std::string key_id = sample.sm2_b.key().key_id();
    sample.policy.keys.at(key_id).key = sample.sm2_b.key(); // with the default id
    const RoleVerdict verdict =
        judge_release(sample.policy, MixedRelease::signed_by({11, 12}, {&sample.sm2_a, &sample.sm2_b}));
    CHECK(verdict.code == Code::trust_algorithm);
    CHECK(verdict.bad == std::vector<std::string>{key_id});
}
