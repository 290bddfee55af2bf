#include "packager/policy_lint.hpp"

#include <functional>

#include <catch2/catch.hpp>

#include "tests/manifests/ec_signer.hpp"
#include "tests/manifests/sample_policy.hpp"

using manifests::Code;
using manifests::Finding;
using manifests::Report;
using manifests::Severity;
using manifests::TrustPolicy;
using tests::id_of;
using tests::role_in;

namespace {

constexpr std::string_view now = "2026-12-01T00:00:00Z";

// The sample, with a requirement for everything in it, so that there is nothing to say about it.
TrustPolicy good_policy() {
    TrustPolicy policy = tests::sample_policy();
    policy.require.push_back({"https://cyclonedx.org/bom", "builder"});
    policy.require.push_back({"urn:sealift:component/v1", "kernels"});
    return policy;
}

bool says(const Report& report, const std::string& where, const std::string& text) {
    for (const Finding& finding : report.findings()) {
        if (finding.where == where && finding.text.find(text) != std::string::npos) return true;
    }
    return false;
}

struct Advice {
    std::string where;
    std::string text;
    std::function<void(TrustPolicy&)> change;
};

} // namespace

TEST_CASE("there is nothing to say about a good policy", "[packager][policy]") {
    good_policy().check();
    CHECK(packager::lint_policy(good_policy(), now).findings().empty());
}

TEST_CASE("what is unwise in a policy is noted", "[packager][policy]") {
    const std::vector<Advice> advice{
        {"role root", "one key is enough",
         [](TrustPolicy& policy) {
             role_in(policy, "root").threshold = 1;
             role_in(policy, "root").distinct_owners = 1;
         }},
        {"role release", "one key is enough",
         [](TrustPolicy& policy) {
             role_in(policy, "release").threshold = 1;
             role_in(policy, "release").distinct_owners = 1;
         }},
        {"role release", "come from one owner",
         [](TrustPolicy& policy) { role_in(policy, "release").distinct_owners = 1; }},
        {"role root", "losing one ends the policy",
         [](TrustPolicy& policy) { role_in(policy, "root").threshold = 3; }},
        {"role release", "keys that are revoked",
         [](TrustPolicy& policy) {
             policy.revoked_keys = {{id_of(13), "lost"}};
         }},
        {"role release", "kept in a file",
         [](TrustPolicy& policy) { policy.keys.at(id_of(11)).custody = "file"; }},
        {"role kernels", "nothing requires it", [](TrustPolicy& policy) { policy.require.pop_back(); }},
        {"role kernels", "no 'files'", [](TrustPolicy& policy) { role_in(policy, "kernels").files.clear(); }},
        {"key " + id_of(40), "in no role", [](TrustPolicy& policy) { tests::add_key(policy, 40, "x"); }},
        {"key " + id_of(11), "breaks into both",
         [](TrustPolicy& policy) { role_in(policy, "builder").keys.push_back(id_of(11)); }},
        {"key " + id_of(21), "not named",
         [](TrustPolicy& policy) { policy.keys.at(id_of(21)).owner = "unnamed"; }},
        {"owner dept-b", "several ways",
         [](TrustPolicy& policy) { policy.keys.at(id_of(13)).owner = "Dept-B"; }},
        {"expires", "less than 30 days",
         [](TrustPolicy& policy) { policy.expires = "2026-12-30T00:00:00Z"; }},
        {"expires", "holds for", [](TrustPolicy& policy) { policy.expires = "2036-11-01T00:00:00Z"; }},
        {"issued", "future", [](TrustPolicy& policy) { policy.issued = "2026-12-02T00:00:00Z"; }},
        {"time", "does nothing", [](TrustPolicy& policy) { policy.max_offline_days = 400; }},
        {"require", "no provenance",
         [](TrustPolicy& policy) { policy.require.erase(policy.require.begin() + 1); }},
        {"require", "no bill of materials",
         [](TrustPolicy& policy) { policy.require.erase(policy.require.begin() + 2); }},
        {"floor llm-z", "nobody may release",
         [](TrustPolicy& policy) {
             policy.floors = {{"llm-z", {1, 1}}};
             role_in(policy, "release").products = {"llm-a"};
         }},
    };
    for (const Advice& one : advice) {
        CAPTURE(one.where, one.text);
        TrustPolicy policy = good_policy();
        one.change(policy);
        policy.check();
        const Report report = packager::lint_policy(policy, now);
        CHECK(says(report, one.where, one.text));
        CHECK(report.passed());
    }
}

TEST_CASE("a policy that nobody can fulfil is refused", "[packager][policy]") {
    TrustPolicy revoked = good_policy();
    revoked.revoked_keys = {{id_of(11), "stolen"}}; // the only key of its owner
    CHECK_FALSE(packager::lint_policy(revoked, now).passed());
    CHECK(says(packager::lint_policy(revoked, now), "role release", "never be met"));

    TrustPolicy groups = good_policy();
    groups.all_of = {{manifests::KeyType::ed25519}, {manifests::KeyType::sm2}};
    CHECK_FALSE(packager::lint_policy(groups, now).passed());
    CHECK(says(packager::lint_policy(groups, now), "role root", "sm2-sm3"));
    groups.all_of = {{manifests::KeyType::sm2, manifests::KeyType::ed25519}};
    CHECK(packager::lint_policy(groups, now).passed());

    CHECK(packager::lint_policy(good_policy(), "2027-11-01T00:00:00Z").has(Code::trust_policy_expired));
}
