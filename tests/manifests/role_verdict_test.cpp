#include "manifests/role_verdict.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
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

TEST_CASE("a group of algorithms without a signature is not met", "[manifests][policy]") {
    TrustPolicy policy = sample_policy();
    policy.all_of = {{"ed25519"}, {"sm2-sm3"}};
    const RoleVerdict verdict = judge_release(policy, policy_envelope("x", {11, 12}));
    CHECK_FALSE(verdict.met);
    CHECK(verdict.code == Code::trust_algorithm);
    CHECK(verdict.counted == ids_of({11, 12}));
    CHECK_THAT(verdict.why, Catch::Contains("sm2-sm3"));
    policy.all_of = {{"sm2-sm3", "ed25519"}};
    CHECK(judge_release(policy, policy_envelope("x", {11, 12})).met);
    CHECK(judge_release(policy, policy_envelope("x", {11})).code == Code::trust_threshold);
}
