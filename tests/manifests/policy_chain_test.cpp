#include "manifests/policy_chain.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/manifests/sample_policy.hpp"
#include "tests/support/faults.hpp"

using namespace manifests;
using tests::faults_with;
using tests::id_of;
using tests::sample_policy;
using tests::signed_text;
using tests::successor_of;

namespace {

SignedPolicy pinned() {
    return SignedPolicy::read(signed_text(sample_policy(), {1, 2}));
}

// Root keys 4 and 5 take the places of 1 and 2.
TrustPolicy rotated(const TrustPolicy& policy) {
    TrustPolicy next = successor_of(policy);
    for (const unsigned char gone : std::vector<unsigned char>{1, 2})
        next.keys.erase(id_of(gone));
    tests::add_key(next, 4, "dept-a");
    tests::add_key(next, 5, "dept-c");
    tests::role_in(next, "root").keys = {id_of(3), id_of(4), id_of(5)};
    return next;
}

ChainResult follow(const std::vector<std::string>& envelopes) {
    return follow_chain(pinned(), envelopes);
}

void check_refused(const ChainResult& result, Code code) {
    CHECK_FALSE(result.report.passed());
    CHECK(result.report.has(code));
    CHECK(result.newest.policy.version == 1);
    CHECK(result.steps.empty());
}

} // namespace

TEST_CASE("a policy is read when its own root keys have signed it", "[manifests][policy]") {
    const std::string text = signed_text(sample_policy(), {1, 3});
    const SignedPolicy policy = SignedPolicy::read(text);
    CHECK(policy.policy.encode() == sample_policy().encode());
    CHECK(policy.digest == Digest::of(sample_policy().encode()));
    CHECK(policy.envelope == text);
}

TEST_CASE("a policy that its own root keys have not signed is refused", "[manifests][policy]") {
    const auto [reason, signers] = GENERATE(table<std::string, std::vector<unsigned char>>({
        {"one key", {1}},
        {"one key twice", {1, 1}},
        {"one owner", {2, 3}},
        {"release keys", {11, 12}},
        {"strangers", {77, 78}},
    }));
    CAPTURE(reason);
    REQUIRE_THROWS_MATCHES(SignedPolicy::read(signed_text(sample_policy(), signers)), Error,
                           faults_with(Fault::damaged, Code::trust_threshold));
}

TEST_CASE("an envelope that holds no policy is refused", "[manifests][policy]") {
    Envelope other = tests::policy_envelope(sample_policy().encode(), {1, 2});
    other.payload_type = "application/vnd.in-toto+json";
    REQUIRE_THROWS_MATCHES(SignedPolicy::read(other.encode()), Error,
                           faults_with(Fault::damaged, Code::trust_policy));
    REQUIRE_THROWS_MATCHES(SignedPolicy::read(tests::policy_envelope("{}", {1, 2}).encode()), Error,
                           faults_with(Fault::damaged, Code::trust_policy));
    REQUIRE_THROWS_MATCHES(SignedPolicy::read("{}"), Error,
                           faults_with(Fault::damaged, Code::trust_envelope));
    TrustPolicy both = sample_policy();
    both.all_of = {{KeyType::ed25519}, {KeyType::sm2}};
    REQUIRE_THROWS_MATCHES(SignedPolicy::read(signed_text(both, {1, 2})), Error,
                           faults_with(Fault::damaged, Code::trust_algorithm));
}

TEST_CASE("a chain is followed to its end whatever the order", "[manifests][policy]") {
    const TrustPolicy second = rotated(sample_policy());
    const TrustPolicy third = successor_of(second);
    std::vector<std::string> envelopes{signed_text(sample_policy(), {1, 2}),
                                       signed_text(second, {1, 2, 4, 5}), signed_text(third, {3, 4})};
    const ChainResult result = follow(envelopes);
    CHECK(result.report.passed());
    REQUIRE(result.steps.size() == 2);
    CHECK(result.steps[0].policy.version == 2);
    CHECK(result.newest.policy.version == 3);
    CHECK(result.newest.digest == Digest::of(third.encode()));
    CHECK(result.newest.envelope == envelopes[2]);
    std::reverse(envelopes.begin(), envelopes.end());
    CHECK(follow(envelopes).newest.digest == result.newest.digest);
    CHECK(follow({}).newest.digest == pinned().digest);
    CHECK(follow({}).report.passed());
}

TEST_CASE("what is older, equal or of another family is passed over", "[manifests][policy]") {
    const TrustPolicy second = successor_of(sample_policy());
    const SignedPolicy at_second = SignedPolicy::read(signed_text(second, {1, 2}));
    TrustPolicy stranger = sample_policy();
    stranger.policy_id = "family-b";
    const ChainResult result =
        follow_chain(at_second, {signed_text(sample_policy(), {1, 2}), signed_text(second, {1, 3}),
                                 signed_text(second, {1}), signed_text(stranger, {1, 2}),
                                 signed_text(successor_of(stranger), {1, 2})});
    CHECK(result.report.findings().empty());
    CHECK(result.steps.empty());
    CHECK(result.newest.digest == at_second.digest);
}

TEST_CASE("a key of the old and the new root counts on both sides", "[manifests][policy]") {
    TrustPolicy second = successor_of(sample_policy());
    second.keys.erase(id_of(2));
    tests::add_key(second, 4, "dept-c");
    tests::role_in(second, "root").keys = {id_of(1), id_of(3), id_of(4)};
    CHECK(follow({signed_text(second, {1, 3})}).newest.policy.version == 2);
    check_refused(follow({signed_text(second, {1, 4})}), Code::trust_threshold); // the old side has 1 alone
}

TEST_CASE("a step that one of the two sides has not signed is refused", "[manifests][policy]") {
    const auto [reason, signers] = GENERATE(table<std::string, std::vector<unsigned char>>({
        {"the old keys alone", {1, 2}},
        {"the new keys alone", {4, 5}},
        {"one of the old", {1, 4, 5}},
        {"one of the new", {1, 2, 5}},
        {"one owner of the old", {2, 3, 4}},
        {"release keys", {11, 12}},
        {"strangers", {77, 78}},
    }));
    CAPTURE(reason);
    check_refused(follow({signed_text(rotated(sample_policy()), signers)}), Code::trust_threshold);
}

TEST_CASE("no version may be skipped", "[manifests][policy]") {
    const TrustPolicy second = successor_of(sample_policy());
    const TrustPolicy third = successor_of(second);
    check_refused(follow({signed_text(third, {1, 2})}), Code::trust_policy_chain);
    const ChainResult result =
        follow({signed_text(second, {1, 2}), signed_text(successor_of(third), {1, 2})});
    CHECK(result.newest.policy.version == 2); // as far as it goes, and the report says that it is not the end
    CHECK(result.report.has(Code::trust_policy_chain));
}

TEST_CASE("a step that does not continue the policy is refused", "[manifests][policy]") {
    TrustPolicy other_digest = successor_of(sample_policy());
    other_digest.previous->digest = Digest::of("another version 1");
    check_refused(follow({signed_text(other_digest, {1, 2})}), Code::trust_policy_chain);

    TrustPolicy other_family = successor_of(sample_policy());
    other_family.policy_id = "family-b";
    check_refused(follow({signed_text(other_family, {1, 2})}), Code::trust_policy_chain);

    TrustPolicy first = sample_policy();
    first.counter_epoch = 2;
    TrustPolicy lower = successor_of(first);
    lower.counter_epoch = 1;
    check_refused(follow_chain(SignedPolicy::read(signed_text(first, {1, 2})), {signed_text(lower, {1, 2})}),
                  Code::trust_policy_chain);
}

TEST_CASE("two policies of one version are a fork", "[manifests][policy]") {
    TrustPolicy other_first = sample_policy();
    other_first.expires = "2028-01-01T00:00:00Z";
    check_refused(follow({signed_text(other_first, {1, 2})}), Code::trust_policy_chain);

    const TrustPolicy second = successor_of(sample_policy());
    TrustPolicy other_second = second;
    other_second.floors["llm-a"] = {1, 1};
    check_refused(follow({signed_text(second, {1, 2}), signed_text(other_second, {1, 3})}),
                  Code::trust_policy_chain);

    // One of them is not signed: the other is the way, but somebody is at work, and the answer is still no.
    const ChainResult result = follow({signed_text(second, {1, 2}), signed_text(other_second, {77})});
    CHECK(result.newest.digest == Digest::of(second.encode()));
    CHECK_FALSE(result.report.passed());

    // Another version 1 than the one that the pinned version 2 descends from.
    const SignedPolicy at_second = SignedPolicy::read(signed_text(second, {1, 2}));
    CHECK(follow_chain(at_second, {signed_text(other_first, {1, 2})}).report.has(Code::trust_policy_chain));
}

TEST_CASE("two envelopes of one policy are no fork", "[manifests][policy]") {
    const TrustPolicy second = successor_of(sample_policy());
    const ChainResult result =
        follow({signed_text(second, {1}), signed_text(second, {1, 2}), signed_text(second, {1, 3})});
    CHECK(result.report.passed());
    CHECK(result.newest.policy.version == 2);
}

TEST_CASE("a revoked root key no longer counts on the new side", "[manifests][policy]") {
    TrustPolicy second = successor_of(sample_policy());
    second.revoked_keys = {{id_of(1), "lost"}};
    check_refused(follow({signed_text(second, {1, 2})}), Code::trust_threshold);
    TrustPolicy pruned = second;
    pruned.keys.erase(id_of(1));
    tests::add_key(pruned, 4, "dept-a");
    tests::role_in(pruned, "root").keys = {id_of(2), id_of(3), id_of(4)};
    CHECK(follow({signed_text(pruned, {1, 2, 4})}).report.passed());
    // A key that the old side has revoked does not sign the way to the next either.
    TrustPolicy first = sample_policy();
    first.revoked_keys = {{id_of(1), "lost"}};
    tests::add_key(first, 4, "dept-a");
    tests::role_in(first, "root").keys.push_back(id_of(4));
    const SignedPolicy start = SignedPolicy::read(signed_text(first, {2, 4}));
    CHECK(follow_chain(start, {signed_text(successor_of(first), {1, 2})}).report.has(Code::trust_threshold));
    CHECK(follow_chain(start, {signed_text(successor_of(first), {2, 4})}).report.passed());
}

TEST_CASE("steps may be long expired", "[manifests][policy]") {
    TrustPolicy second = successor_of(sample_policy());
    second.issued = "2001-01-01T00:00:00Z";
    second.expires = "2001-01-02T00:00:00Z";
    const TrustPolicy third = successor_of(second);
    CHECK(follow({signed_text(second, {1, 2}), signed_text(third, {1, 2})}).newest.policy.version == 3);
}

TEST_CASE("what is no policy is a finding", "[manifests][policy]") {
    check_refused(follow({"{}"}), Code::trust_envelope);
    check_refused(follow({tests::policy_envelope("{}", {1, 2}).encode()}), Code::trust_policy);
    Envelope other = tests::policy_envelope(successor_of(sample_policy()).encode(), {1, 2});
    other.payload_type = "application/vnd.in-toto+json";
    check_refused(follow({other.encode()}), Code::trust_policy);
}

TEST_CASE("a chain has an end", "[manifests][policy]") {
    std::vector<std::string> envelopes;
    TrustPolicy policy = sample_policy();
    for (std::size_t i = 0; i < most_chain_envelopes; ++i) {
        policy = successor_of(policy);
        policy.issued = "2026-11-01T00:00:00Z";
        policy.expires = "2027-11-01T00:00:00Z";
        envelopes.push_back(signed_text(policy, {1, 2}));
    }
    CHECK(follow(envelopes).newest.policy.version == most_chain_envelopes + 1);
    envelopes.push_back(envelopes.back());
    check_refused(follow(envelopes), Code::trust_policy_chain);
}

TEST_CASE("a policy holds until the second in which it expires", "[manifests][policy]") {
    TrustPolicy policy = sample_policy();
    CHECK_FALSE(expiry_of(policy, "2027-10-31T23:59:59Z"));
    const std::optional<Finding> expired = expiry_of(policy, policy.expires);
    REQUIRE(expired);
    CHECK(expired->code == Code::trust_policy_expired);
    CHECK(expired->severity == Severity::refusal);
    CHECK(end_of(policy) == policy.expires);
    policy.max_offline_days = 365000;
    CHECK(end_of(policy) == policy.expires);
    policy.max_offline_days = 30;
    CHECK(end_of(policy) == "2026-12-01T00:00:00Z");
    CHECK_FALSE(expiry_of(policy, "2026-11-30T23:59:59Z"));
    REQUIRE(expiry_of(policy, "2026-12-01T00:00:00Z"));
    CHECK(expiry_of(policy, "2026-12-01T00:00:00Z")->code == Code::trust_policy_expired);
    CHECK_FALSE(
        expiry_of(policy, "2026-01-01T00:00:00Z")); // a clock that is behind is another check's matter
    REQUIRE_THROWS_AS(expiry_of(policy, "today"), Error);
}
