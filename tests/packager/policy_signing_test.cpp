#include "packager/policy_signing.hpp"

#include <functional>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "packager/policy_draft.hpp"
#include "packager/secret_key.hpp"
#include "tests/manifests/sample_policy.hpp"
#include "tests/support/faults.hpp"

using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::SignedPolicy;
using manifests::TrustPolicy;
using packager::PolicyText;
using packager::SecretKey;
using tests::faults_with;
using tests::id_of;
using tests::sample_policy;

namespace {

SecretKey key_of(char number) {
    return SecretKey::from_seed(std::string(SecretKey::seed_bytes, number));
}

PolicyText draft_of(const TrustPolicy& policy) {
    return {policy, Digest::of(policy.encode()), std::nullopt};
}

PolicyText signed_once_more(PolicyText text, const SignedPolicy* previous, char number) {
    text.envelope = packager::sign_policy(text, previous, key_of(number));
    return text;
}

SignedPolicy first() {
    return SignedPolicy::read(tests::signed_text(sample_policy(), {1, 2}));
}

packager::RotateRequest request() {
    packager::RotateRequest request;
    request.issued = "2027-11-01T00:00:00Z";
    request.expires = "2028-11-01T00:00:00Z";
    return request;
}

} // namespace

TEST_CASE("signatures gather in one envelope, in any order and each key once", "[packager][policy]") {
    PolicyText text = signed_once_more(draft_of(sample_policy()), nullptr, 2);
    CHECK(text.envelope->payload == sample_policy().encode());
    auto sides = packager::root_sides(text.policy, nullptr, *text.envelope);
    REQUIRE(sides.size() == 1);
    CHECK(sides[0].keys_needed() == 1);
    CHECK(sides[0].owners_needed() == 1);
    text = signed_once_more(text, nullptr, 2);
    CHECK(text.envelope->signatures.size() == 1);
    text = signed_once_more(text, nullptr, 1);
    CHECK(packager::root_sides(text.policy, nullptr, *text.envelope)[0].verdict.met);
    CHECK(text.as_signed().digest == text.digest);
    REQUIRE_THROWS_MATCHES(draft_of(sample_policy()).as_signed(), Error, faults_with(Fault::usage));
}

TEST_CASE("only root keys sign policies", "[packager][policy]") {
    for (const char number : std::vector<char>{11, 21, 31, 77})
        REQUIRE_THROWS_MATCHES(packager::sign_policy(draft_of(sample_policy()), nullptr, key_of(number)),
                               Error, faults_with(Fault::refused));
    TrustPolicy revoked = sample_policy();
    revoked.revoked_keys = {{id_of(1), "lost"}};
    REQUIRE_THROWS_MATCHES(packager::sign_policy(draft_of(revoked), nullptr, key_of(1)), Error,
                           faults_with(Fault::refused));
}

TEST_CASE("a rotation is signed by both sides and can be followed", "[packager][policy]") {
    const SignedPolicy old = first();
    packager::RotateRequest change = request();
    change.remove = {{"root", id_of(1).substr(0, 12)}};
    change.add = {{"root", {tests::Signer(4).key(), "dept-c"}}};
    change.revoke = {{id_of(13), "stolen"}};
    change.floors = {{"llm-a", {40, 3}}};
    const TrustPolicy next = packager::rotate(old, change);
    CHECK(next.version == 2);
    CHECK(next.previous == manifests::PolicyReference{1, old.digest});
    CHECK_FALSE(next.keys.contains(id_of(1)));
    CHECK_FALSE(next.keys.contains(id_of(13)));
    CHECK(next.keys.at(id_of(4)).owner == "dept-c");

    PolicyText text = draft_of(next);
    REQUIRE_THROWS_MATCHES(packager::sign_policy(text, nullptr, key_of(1)), Error,
                           faults_with(Fault::refused));
    text = signed_once_more(text, &old, 1);
    text = signed_once_more(text, &old, 4);
    CHECK_FALSE(manifests::follow_chain(old, {text.envelope->encode()}).report.passed());
    text = signed_once_more(text, &old, 2);
    for (const packager::RootSide& side : packager::root_sides(next, &old, *text.envelope))
        CHECK(side.verdict.met);
    CHECK(manifests::follow_chain(old, {text.envelope->encode()}).newest.policy.version == 2);

    TrustPolicy other = sample_policy();
    other.policy_id = "family-b";
    const SignedPolicy stranger = SignedPolicy::read(tests::signed_text(other, {1, 2}));
    REQUIRE_THROWS_MATCHES(packager::sign_policy(text, &stranger, key_of(2)), Error,
                           faults_with(Fault::usage));
}

TEST_CASE("a rotation that cannot be is refused", "[packager][policy]") {
    TrustPolicy policy = sample_policy();
    policy.floors = {{"llm-a", {40, 3}}};
    policy.counter_epoch = 2;
    const SignedPolicy old = SignedPolicy::read(tests::signed_text(policy, {1, 2}));
    const std::vector<std::pair<std::string, std::function<void(packager::RotateRequest&)>>> refused{
        {"a role that is not there",
         [](auto& change) {
             change.remove = {{"lab", id_of(1)}};
         }},
        {"a key that is not there",
         [](auto& change) {
             change.remove = {{"root", id_of(9)}};
         }},
        {"a key of another role",
         [](auto& change) {
             change.remove = {{"root", id_of(11)}};
         }},
        {"seven digits",
         [](auto& change) {
             change.remove = {{"root", id_of(1).substr(0, 7)}};
         }},
        {"a key that is in the role",
         [](auto& change) {
             change.add = {{"root", {tests::Signer(1).key(), std::nullopt}}};
         }},
        {"another owner",
         [](auto& change) {
             change.add = {{"release", {tests::Signer(21).key(), "dept-a"}}};
         }},
        {"a release key in root",
         [](auto& change) {
             change.add = {{"root", {tests::Signer(11).key(), std::nullopt}}};
         }},
        {"a threshold out of reach",
         [](auto& change) {
             change.thresholds = {{"root", 4}};
         }},
        {"owners out of reach",
         [](auto& change) {
             change.revoke = {{id_of(11), "lost"}};
         }},
        {"a lower counter",
         [](auto& change) {
             change.floors = {{"llm-a", {39, 3}}};
         }},
        {"a lower epoch",
         [](auto& change) {
             change.floors = {{"llm-a", {41, 2}}};
         }},
        {"a lower counter epoch", [](auto& change) { change.counter_epoch = 1; }},
        {"an end before the issue", [](auto& change) { change.expires = change.issued; }},
    };
    for (const auto& [reason, make] : refused) {
        CAPTURE(reason);
        packager::RotateRequest change = request();
        make(change);
        REQUIRE_THROWS_MATCHES(packager::rotate(old, change), Error, faults_with(Fault::usage));
    }
    CHECK(packager::rotate(old, request()).version == 2);
}
