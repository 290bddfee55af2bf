#include "manifests/trust_policy.hpp"

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/base64.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "tests/manifests/ec_signer.hpp"
#include "tests/manifests/sample_policy.hpp"
#include "tests/support/faults.hpp"

using namespace manifests;
using tests::add_key;
using tests::faults_with;
using tests::id_of;
using tests::sample_policy;

namespace {

// With everything in it that may be in it.
TrustPolicy full_policy() {
    TrustPolicy policy = sample_policy();
    policy.version = 7;
    policy.previous = {6, Digest::of("version 6")};
    policy.keys.at(id_of(1)).custody = "hsm";
    tests::role_in(policy, "release").products = {"llm-a", "llm-b"};
    policy.all_of = {{KeyType::ed25519}};
    policy.digests = {"sha256", "sm3"};
    policy.floors = {{"llm-a", {40, 3}}};
    policy.counter_epoch = 2;
    policy.revoked_keys = {{id_of(99), "stolen"}};
    policy.revoked_digests = {Digest::of("a bad bundle")};
    policy.max_offline_days = 400;
    return policy;
}

using Change = std::function<void(Json&)>;

std::string changed(const Change& change) {
    Json json = Json::parse(full_policy().encode());
    change(json);
    return json.dump();
}

void check_refused(const std::vector<std::pair<std::string, Change>>& changes) {
    for (const auto& [reason, change] : changes) {
        CAPTURE(reason);
        const std::string text = changed(change);
        REQUIRE(text !=
                Json::parse(full_policy().encode()).dump()); // a change that changes nothing proves nothing
        REQUIRE_THROWS_MATCHES(TrustPolicy::parse(text), Error,
                               faults_with(Fault::damaged, Code::trust_policy));
        REQUIRE_THROWS_MATCHES(TrustPolicy::parse_draft(text), Error,
                               faults_with(Fault::damaged, Code::trust_policy));
    }
}

} // namespace

TEST_CASE("a trust policy reads back as it was written", "[manifests][policy]") {
    for (const TrustPolicy& policy : {sample_policy(), full_policy()}) {
        const std::string text = policy.encode();
        const TrustPolicy again = TrustPolicy::parse(text);
        CHECK(again.encode() == text);
        CHECK(TrustPolicy::parse_draft(policy.encode_for_people()).encode() == text);
    }
    const TrustPolicy again = TrustPolicy::parse(full_policy().encode());
    CHECK(again.version == 7);
    CHECK(again.previous == PolicyReference{6, Digest::of("version 6")});
    CHECK(again.keys.at(id_of(1)).custody == "hsm");
    CHECK(again.keys.at(id_of(31)).owner == "kernel lab");
    CHECK(again.role("release")->threshold == 2);
    CHECK(again.role("release")->distinct_owners == 2);
    CHECK(again.role("kernels")->files == std::vector<Role>{Role::kernel});
    CHECK(again.role("nobody") == nullptr);
    CHECK(again.require[1].match.at("/runDetails/builder/id").size() == 1);
    CHECK(again.floors.at("llm-a").security_epoch == 3);
    CHECK(again.counter_epoch == 2);
    CHECK(again.has_revoked_key(id_of(99)));
    CHECK_FALSE(again.has_revoked_key(id_of(1)));
    CHECK(again.revoked_digests.size() == 1);
    CHECK(again.max_offline_days == 400);
}

TEST_CASE("keys of every type are kept, with the id of an SM2 signer", "[manifests][policy]") {
    TrustPolicy policy = sample_policy();
    const PublicKey p256 = tests::EcSigner(KeyType::ecdsa_p256).key();
    const PublicKey sm2 = tests::EcSigner(KeyType::sm2).key().with_sm2_id("line 7");
    for (const PublicKey& key : {p256, sm2})
        policy.keys.insert_or_assign(key.key_id(), PolicyKey{key, "lab", ""});
    const std::string text = policy.encode();
    const TrustPolicy again = TrustPolicy::parse(text);
    CHECK(again.encode() == text);
    CHECK(again.keys.at(p256.key_id()).key.type() == KeyType::ecdsa_p256);
    CHECK(again.keys.at(sm2.key_id()).key.sm2_id() == "line 7");

    Json json = Json::parse(text);
    json["keys"][sm2.key_id()].erase("sm2_id");
    CHECK(TrustPolicy::parse(json.dump()).keys.at(sm2.key_id()).key.sm2_id() == PublicKey::default_sm2_id);
    for (const char* id : {"", "line\n7"}) { // an empty id is the trap of openssl
        json["keys"][sm2.key_id()]["sm2_id"] = id;
        REQUIRE_THROWS_MATCHES(TrustPolicy::parse(json.dump()), Error,
                               faults_with(Fault::damaged, Code::trust_policy));
    }
    json["keys"][sm2.key_id()].erase("sm2_id");
    json["keys"][sm2.key_id()]["type"] = "ecdsa-p256-sha256";
    REQUIRE_THROWS_MATCHES(TrustPolicy::parse(json.dump()), Error,
                           faults_with(Fault::damaged, Code::trust_policy));
}

TEST_CASE("a role releases the products that it names", "[manifests][policy]") {
    CHECK(sample_policy().role("release")->releases("anything"));
    CHECK(full_policy().role("release")->releases("llm-b"));
    CHECK_FALSE(full_policy().role("release")->releases("llm-c"));
    CHECK_FALSE(full_policy().role("release")->releases("*"));
}

TEST_CASE("what may be left out has a meaning when it is", "[manifests][policy]") {
    const std::string text = changed([](Json& json) {
        for (const char* name : {"algorithms", "floors", "counter_epoch", "revoked", "time"})
            json.erase(name);
        json["roles"]["release"].erase("products");
        json["roles"]["release"].erase("distinct_owners");
    });
    const TrustPolicy policy = TrustPolicy::parse(text);
    CHECK(policy.all_of.empty());
    CHECK(policy.digests == std::vector<std::string>{"sha256"});
    CHECK(policy.counter_epoch == 1);
    CHECK_FALSE(policy.max_offline_days);
    CHECK(policy.role("release")->distinct_owners == 1);
    CHECK(policy.role("release")->products == std::vector<std::string>{"*"});
}

TEST_CASE("a policy with a wrong head is refused", "[manifests][policy]") {
    check_refused({
        {"another type", [](Json& json) { json["_type"] = "urn:sealift:trust-policy/v2"; }},
        {"no type", [](Json& json) { json.erase("_type"); }},
        {"an unknown member", [](Json& json) { json["transparency"] = Json::object(); }},
        {"no id", [](Json& json) { json.erase("policy_id"); }},
        {"an empty id", [](Json& json) { json["policy_id"] = ""; }},
        {"an id with an escape", [](Json& json) { json["policy_id"] = "a\x1b[0m"; }},
        {"version 0", [](Json& json) { json["version"] = 0; }},
        {"a version over 2^63-1", [](Json& json) { json["version"] = 9223372036854775808U; }},
        {"a version as text", [](Json& json) { json["version"] = "7"; }},
        {"no prev", [](Json& json) { json.erase("prev"); }},
        {"prev in version 1", [](Json& json) { json["version"] = 1; }},
        {"prev that is not the version before", [](Json& json) { json["prev"]["version"] = 5; }},
        {"prev that is itself", [](Json& json) { json["prev"]["version"] = 7; }},
        {"prev without digest", [](Json& json) { json["prev"].erase("sha256"); }},
        {"prev with a prefix", [](Json& json) { json["prev"]["sha256"] = Digest::of("x").text(); }},
        {"prev with more", [](Json& json) { json["prev"]["sm3"] = "x"; }},
        {"no issued", [](Json& json) { json.erase("issued"); }},
        {"no expires", [](Json& json) { json.erase("expires"); }},
        {"issued on no day", [](Json& json) { json["issued"] = "2026-02-29T00:00:00Z"; }},
        {"a time zone", [](Json& json) { json["expires"] = "2027-11-01T00:00:00+08:00"; }},
        {"expires when issued", [](Json& json) { json["expires"] = json["issued"]; }},
        {"expires before issued", [](Json& json) { json["expires"] = "2026-10-31T23:59:59Z"; }},
        {"no enforcement", [](Json& json) { json.erase("enforcement"); }},
        {"audit", [](Json& json) { json["enforcement"] = "audit"; }},
    });
}

TEST_CASE("a policy with wrong keys is refused", "[manifests][policy]") {
    const std::string key = id_of(1);
    check_refused({
        {"no keys", [](Json& json) { json.erase("keys"); }},
        {"a key under another id",
         [&](Json& json) { json["keys"][std::string(64, 'a')] = json["keys"][key]; }},
        {"a key id in upper case",
         [&](Json& json) {
             std::string upper = key;
             for (char& c : upper)
                 c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
             json["keys"][upper] = json["keys"][key];
         }},
        {"the key of another",
         [&](Json& json) { json["keys"][key]["spki"] = json["keys"][id_of(2)]["spki"]; }},
        {"another type", [&](Json& json) { json["keys"][key]["type"] = "sm2-sm3"; }},
        {"an unknown type", [&](Json& json) { json["keys"][key]["type"] = "rsa"; }},
        {"no type", [&](Json& json) { json["keys"][key].erase("type"); }},
        {"no base64", [&](Json& json) { json["keys"][key]["spki"] = "****"; }},
        {"bytes behind the key",
         [&](Json& json) {
             json["keys"][key]["spki"] = to_base64(tests::Signer(1).key().spki() + std::string(1, '\0'));
         }},
        {"a raw key", [&](Json& json) { json["keys"][key]["spki"] = to_base64(tests::Signer(1).raw()); }},
        {"a point of small order",
         [&](Json& json) {
             const std::string spki =
                 tests::Signer(1).key().spki().substr(0, 12) + "\x01" + std::string(31, '\0');
             Json entry = json["keys"][key];
             entry["spki"] = to_base64(spki);
             json["keys"][Digest::of(spki).hex()] = entry;
         }},
        {"no owner", [&](Json& json) { json["keys"][key].erase("owner"); }},
        {"an empty owner", [&](Json& json) { json["keys"][key]["owner"] = ""; }},
        {"an owner that turns the text around",
         [&](Json& json) { json["keys"][key]["owner"] = "dept-\u202ea"; }},
        {"an owner with an invisible character",
         [&](Json& json) { json["keys"][key]["owner"] = "dept-a\u200b"; }},
        {"an owner with a space behind", [&](Json& json) { json["keys"][key]["owner"] = "dept-a "; }},
        {"an empty custody", [&](Json& json) { json["keys"][key]["custody"] = ""; }},
        {"an id of SM2 on another type",
         [&](Json& json) { json["keys"][key]["sm2_id"] = "1234567812345678"; }},
        {"an unknown member", [&](Json& json) { json["keys"][key]["algorithm"] = "none"; }},
    });
}

TEST_CASE("a policy with wrong roles is refused", "[manifests][policy]") {
    check_refused({
        {"no roles", [](Json& json) { json.erase("roles"); }},
        {"no root", [](Json& json) { json["roles"].erase("root"); }},
        {"no release",
         [](Json& json) {
             json["roles"].erase("release");
             json["require"].erase(0);
         }},
        {"a name in upper case", [](Json& json) { json["roles"]["Lab"] = json["roles"]["builder"]; }},
        {"an empty name", [](Json& json) { json["roles"][""] = json["roles"]["builder"]; }},
        {"threshold 0", [](Json& json) { json["roles"]["root"]["threshold"] = 0; }},
        {"threshold -1", [](Json& json) { json["roles"]["root"]["threshold"] = -1; }},
        {"threshold 1.5", [](Json& json) { json["roles"]["root"]["threshold"] = 1.5; }},
        {"no threshold", [](Json& json) { json["roles"]["root"].erase("threshold"); }},
        {"a threshold over the keys", [](Json& json) { json["roles"]["root"]["threshold"] = 4; }},
        {"no keys", [](Json& json) { json["roles"]["builder"]["keys"] = Json::array(); }},
        {"a key twice", [](Json& json) { json["roles"]["release"]["keys"].push_back(id_of(11)); }},
        {"a key that is not there",
         [](Json& json) { json["roles"]["release"]["keys"].push_back(id_of(50)); }},
        {"a root key in another role",
         [](Json& json) { json["roles"]["builder"]["keys"].push_back(id_of(1)); }},
        {"owners 0", [](Json& json) { json["roles"]["release"]["distinct_owners"] = 0; }},
        {"more owners than there are",
         [](Json& json) {
             json["roles"]["release"]["threshold"] = 3;
             json["roles"]["release"]["distinct_owners"] = 3;
         }},
        {"more owners than keys have to sign", [](Json& json) { json["roles"]["release"]["threshold"] = 1; }},
        {"no products", [](Json& json) { json["roles"]["release"]["products"] = Json::array(); }},
        {"any product beside one", [](Json& json) { json["roles"]["release"]["products"].push_back("*"); }},
        {"a product with a pattern", [](Json& json) { json["roles"]["release"]["products"] = {"llm-*"}; }},
        {"a product twice", [](Json& json) { json["roles"]["release"]["products"].push_back("llm-a"); }},
        {"no files", [](Json& json) { json["roles"]["kernels"]["files"] = Json::array(); }},
        {"unknown files", [](Json& json) { json["roles"]["kernels"]["files"] = {"drivers"}; }},
        {"files twice", [](Json& json) { json["roles"]["kernels"]["files"].push_back("kernel"); }},
        {"files of root", [](Json& json) { json["roles"]["root"]["files"] = {"kernel"}; }},
        {"products of root", [](Json& json) { json["roles"]["root"]["products"] = {"llm-a"}; }},
        {"an unknown member", [](Json& json) { json["roles"]["root"]["any_of"] = 1; }},
    });
}

TEST_CASE("a policy with wrong requirements is refused", "[manifests][policy]") {
    check_refused({
        {"none", [](Json& json) { json.erase("require"); }},
        {"an empty list", [](Json& json) { json["require"] = Json::array(); }},
        {"no release", [](Json& json) { json["require"].erase(0); }},
        {"a release by nobody", [](Json& json) { json["require"][0]["role"] = "nobody"; }},
        {"a role that is not there", [](Json& json) { json["require"][1]["role"] = "lab"; }},
        {"the root role", [](Json& json) { json["require"][1]["role"] = "root"; }},
        {"twice the same", [](Json& json) { json["require"].push_back(json["require"][0]); }},
        {"no predicate", [](Json& json) { json["require"][1].erase("predicate"); }},
        {"an empty predicate", [](Json& json) { json["require"][1]["predicate"] = ""; }},
        {"an empty match", [](Json& json) { json["require"][1]["match"] = Json::object(); }},
        {"a match that allows nothing",
         [](Json& json) { json["require"][1]["match"]["/runDetails/builder/id"] = Json::array(); }},
        {"a match with a number", [](Json& json) { json["require"][1]["match"]["/x"] = {1}; }},
        {"a match that is no pointer", [](Json& json) { json["require"][1]["match"]["x"] = {"y"}; }},
        {"a match with the whole", [](Json& json) { json["require"][1]["match"][""] = {"y"}; }},
        {"a match with a lone tilde", [](Json& json) { json["require"][1]["match"]["/x~"] = {"y"}; }},
        {"a match with ~2", [](Json& json) { json["require"][1]["match"]["/x~2"] = {"y"}; }},
        {"an unknown member", [](Json& json) { json["require"][1]["optional"] = true; }},
    });
}

TEST_CASE("a policy with wrong limits is refused", "[manifests][policy]") {
    check_refused({
        {"an empty all_of", [](Json& json) { json["algorithms"]["all_of"] = Json::array(); }},
        {"an empty group", [](Json& json) { json["algorithms"]["all_of"].push_back(Json::array()); }},
        {"an unknown type", [](Json& json) { json["algorithms"]["all_of"][0] = {"rsa"}; }},
        {"a type twice", [](Json& json) { json["algorithms"]["all_of"][0].push_back("ed25519"); }},
        {"a group that is a text", [](Json& json) { json["algorithms"]["all_of"][0] = "ed25519"; }},
        {"digests without sha256", [](Json& json) { json["algorithms"]["digests"] = {"sm3"}; }},
        {"an unknown digest", [](Json& json) { json["algorithms"]["digests"].push_back("md5"); }},
        {"a digest twice", [](Json& json) { json["algorithms"]["digests"].push_back("sm3"); }},
        {"any_of", [](Json& json) { json["algorithms"]["any_of"] = Json::array(); }},
        {"a floor for no product", [](Json& json) { json["floors"]["LLM"] = Json::object(); }},
        {"a negative floor", [](Json& json) { json["floors"]["llm-a"]["release_counter"] = -1; }},
        {"a floor over 2^63-1",
         [](Json& json) { json["floors"]["llm-a"]["release_counter"] = 9223372036854775808U; }},
        {"an unknown floor", [](Json& json) { json["floors"]["llm-a"]["version"] = "1"; }},
        {"counter_epoch 0", [](Json& json) { json["counter_epoch"] = 0; }},
        {"counter_epoch over 2^63-1", [](Json& json) { json["counter_epoch"] = 9223372036854775808U; }},
        {"a revoked key without reason", [](Json& json) { json["revoked"]["keys"][0].erase("reason"); }},
        {"a revoked key that is no id", [](Json& json) { json["revoked"]["keys"][0]["keyid"] = "alice"; }},
        {"a revoked key twice",
         [](Json& json) { json["revoked"]["keys"].push_back(json["revoked"]["keys"][0]); }},
        {"a revocation by log", [](Json& json) { json["revoked"]["keys"][0]["from_index"] = 1; }},
        {"a revoked digest without prefix",
         [](Json& json) { json["revoked"]["digests"][0] = Digest::of("x").hex(); }},
        {"a revoked digest twice",
         [](Json& json) { json["revoked"]["digests"].push_back(json["revoked"]["digests"][0]); }},
        {"an unknown revocation", [](Json& json) { json["revoked"]["owners"] = Json::array(); }},
        {"0 days offline", [](Json& json) { json["time"]["max_offline_days"] = 0; }},
        {"a time without days", [](Json& json) { json["time"] = Json::object(); }},
        {"what to do when expired", [](Json& json) { json["time"]["on_expired"] = "accept"; }},
    });
}

TEST_CASE("a policy that is no strict JSON is refused", "[manifests][policy]") {
    const std::string text = full_policy().encode();
    const std::vector<std::pair<std::string, std::string>> refused{
        {"nothing", ""},
        {"a list", "[]"},
        {"a member twice", "{\"version\":6," + text.substr(1)},
        {"a byte order mark", "\xef\xbb\xbf" + text},
        {"two documents", text + text},
        {"a comment", "/* */" + text},
    };
    for (const auto& [reason, payload] : refused) {
        CAPTURE(reason);
        REQUIRE_THROWS_MATCHES(TrustPolicy::parse(payload), Error,
                               faults_with(Fault::damaged, Code::trust_policy));
    }
}

TEST_CASE("a payload is at most 16 KiB, a draft may be longer for its white space", "[manifests][policy]") {
    const std::string text = full_policy().encode();
    const std::string most = text + std::string(TrustPolicy::most_bytes - text.size(), ' ');
    CHECK(TrustPolicy::parse(most).encode() == text);
    REQUIRE_THROWS_MATCHES(TrustPolicy::parse(most + " "), Error,
                           faults_with(Fault::damaged, Code::trust_policy));
    CHECK(TrustPolicy::parse_draft(most + " ").encode() == text);

    TrustPolicy large = full_policy();
    for (unsigned char number = 100; number < 200; ++number)
        add_key(large, number, "dept-c");
    REQUIRE_THROWS_MATCHES(large.encode(), Error, faults_with(Fault::damaged, Code::trust_policy));
    REQUIRE_THROWS_MATCHES(large.encode_for_people(), Error, faults_with(Fault::damaged, Code::trust_policy));
}
