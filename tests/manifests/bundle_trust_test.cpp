#include "manifests/bundle_trust.hpp"

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/bom_statement.hpp"
#include "manifests/component.hpp"
#include "manifests/provenance.hpp"
#include "manifests/release_set.hpp"
#include "manifests/rollback_permit.hpp"
#include "tests/manifests/sample_policy.hpp"
#include "tests/support/sample_document.hpp"

using manifests::BundleDocument;
using manifests::Code;
using manifests::Digest;
using manifests::Role;
using manifests::TrustAnswer;
using tests::id_of;
using tests::Signer;

namespace {

using Signers = std::vector<unsigned char>;

const std::string builder = "https://build.example/one";

std::string signed_as(std::string_view type, const std::string& payload, const Signers& signers) {
    manifests::Envelope envelope{std::string(type), payload, {}};
    const std::string message = manifests::pre_authentication_encoding(type, payload);
    for (const unsigned char number : signers)
        envelope.signatures.push_back({id_of(number), Signer(number).sign(message)});
    return envelope.encode();
}

std::string in_toto(const std::string& payload, const Signers& signers) {
    return signed_as(manifests::media::in_toto_payload, payload, signers);
}

// Everything that a good answer needs; each attack changes one thing.
struct Scene {
    BundleDocument document = tests::sample_document();
    manifests::Assembly assembly = manifests::assemble(document);
    manifests::TrustPolicy policy = tests::sample_policy();
    Signers policy_signers{1, 2};
    manifests::ReleaseStatement release{document.name,
                                        document.version,
                                        document.release_counter,
                                        document.profile_id,
                                        document.profile.digest,
                                        assembly.bundle_digest(),
                                        {},
                                        {},
                                        {}};
    Signers release_signers{11, 12};
    manifests::Provenance provenance{document.name,
                                     document.version,
                                     assembly.bundle_digest(),
                                     Digest::of("recipe"),
                                     document.profile_id,
                                     builder,
                                     "0.1.0",
                                     {{"model", document.model_manifest.digest, ""}},
                                     {}};
    Signers provenance_signers{21};
    std::vector<std::string> more;
    std::optional<manifests::SiteState> state;
    std::string clock = "2026-12-01T00:00:00Z";

    std::string subject_name() const { return document.name + "@" + document.version; }

    TrustAnswer judge() const {
        std::vector<std::string> envelopes;
        if (!release_signers.empty()) envelopes.push_back(in_toto(release.encode(), release_signers));
        if (!provenance_signers.empty())
            envelopes.push_back(in_toto(provenance.encode(), provenance_signers));
        envelopes.insert(envelopes.end(), more.begin(), more.end());
        const auto trusted = manifests::SignedPolicy::read(tests::signed_text(policy, policy_signers));
        return manifests::judge_bundle(
            {document, assembly, envelopes, trusted, state ? &*state : nullptr, clock});
    }

    // A site that has had this release already.
    void at_a_site() {
        state = manifests::first_state("line-7", {policy.version, Digest::of(policy.encode())},
                                       policy.counter_epoch, 0, "2026-11-02T00:00:00Z");
        state->products.emplace(
            document.name, manifests::ProductRecord{document.release_counter, 0, assembly.bundle_digest()});
    }
};

std::vector<std::string> codes_of(const TrustAnswer& answer) {
    std::vector<std::string> codes;
    for (const auto& finding : answer.report.findings())
        codes.emplace_back(manifests::name_of(finding.code));
    return codes;
}

} // namespace

TEST_CASE("a bundle with all that its policy requires is trusted", "[manifests][trust]") {
    Scene scene;
    const bool at_site = GENERATE(false, true);
    if (at_site) scene.at_a_site();
    const TrustAnswer answer = scene.judge();
    CAPTURE(codes_of(answer));
    REQUIRE(answer.report.passed());
    CHECK(answer.report.findings().empty());
    CHECK(answer.signers.size() == 2);
    CHECK(answer.release->product == scene.document.name);
    CHECK_FALSE(answer.permit);
    REQUIRE(answer.evidence.size() == 2);
    CHECK(answer.evidence[0].role == "release");
    CHECK(answer.evidence[0].payload == Digest::of(scene.release.encode()));
    CHECK(answer.evidence[0].signed_bytes == Digest::of(manifests::pre_authentication_encoding(
                                                 manifests::media::in_toto_payload, scene.release.encode())));
    CHECK(answer.evidence[1].role == "builder");
    for (const auto& step : answer.chain)
        CHECK(step.passed);
}

// The rows of the threat table that are ours, and the traps: one attack each, and the code it must give.
TEST_CASE("each attack on trust is refused with its code", "[manifests][trust]") {
    struct Attack {
        const char* what;
        const char* code;
        std::function<void(Scene&)> change;
    };
    const std::vector<Attack> attacks{
        {"one stolen release key", "SL-TRUST-THRESHOLD", [](Scene& scene) { scene.release_signers = {11}; }},
        {"two keys of one owner", "SL-TRUST-THRESHOLD",
         [](Scene& scene) {
             scene.release_signers = {12, 13};
         }},
        {"one key that signs twice", "SL-TRUST-THRESHOLD",
         [](Scene& scene) {
             scene.release_signers = {11, 11};
         }},
        {"one stolen key under two envelopes", "SL-TRUST-THRESHOLD",
         [](Scene& scene) {
             scene.release_signers = {11};
             scene.more = {in_toto(scene.release.encode(), {11})};
         }},
        {"two keys, but each over another statement", "SL-TRUST-THRESHOLD",
         [](Scene& scene) {
             scene.release_signers = {11};
             manifests::ReleaseStatement other = scene.release;
             other.issued = "2026-11-05T00:00:00Z";
             scene.more = {in_toto(other.encode(), {12})};
         }},
        {"the builder releases", "SL-TRUST-MISSING", [](Scene& scene) { scene.release_signers = {21}; }},
        {"root keys release", "SL-TRUST-MISSING",
         [](Scene& scene) {
             scene.release_signers = {1, 2};
         }},
        {"strangers release", "SL-TRUST-MISSING",
         [](Scene& scene) {
             scene.release_signers = {77, 78};
         }},
        {"nobody releases", "SL-TRUST-MISSING", [](Scene& scene) { scene.release_signers = {}; }},
        {"the provenance was taken away", "SL-TRUST-MISSING",
         [](Scene& scene) { scene.provenance_signers = {}; }},
        {"provenance by the release keys", "SL-TRUST-MISSING",
         [](Scene& scene) {
             scene.provenance_signers = {11, 12};
         }},
        {"provenance of another builder", "SL-TRUST-MISSING",
         [](Scene& scene) { scene.provenance.builder_id = "https://build.example/other"; }},
        {"provenance of another bundle", "SL-TRUST-MISSING",
         [](Scene& scene) { scene.provenance.bundle = Digest::of("another"); }},
        {"a release of another bundle", "SL-TRUST-MISSING",
         [](Scene& scene) { scene.release.bundle = Digest::of("another"); }},
        {"the release statement as another payload type", "SL-TRUST-MISSING",
         [](Scene& scene) {
             scene.more = {signed_as("application/json", scene.release.encode(), {11, 12})};
             scene.release_signers = {};
         }},
        {"another product", "SL-TRUST-STATEMENT", [](Scene& scene) { scene.release.product = "other"; }},
        {"another version", "SL-TRUST-STATEMENT", [](Scene& scene) { scene.release.version = "9"; }},
        {"another counter", "SL-TRUST-STATEMENT",
         [](Scene& scene) { scene.release.release_counter = 1'000'000; }},
        {"another profile", "SL-TRUST-STATEMENT",
         [](Scene& scene) { scene.release.profile = Digest::of("other"); }},
        {"a wrong SM3 beside a right SHA-256", "SL-TRUST-MISSING",
         [](Scene& scene) { scene.release.bundle_sm3 = std::string(64, '0'); }},
        {"no SM3 where the policy wants one", "SL-TRUST-STATEMENT",
         [](Scene& scene) {
             scene.policy.digests = {"sha256", "sm3"};
         }},
        {"keys that may not release this product", "SL-TRUST-PRODUCT",
         [](Scene& scene) { tests::role_in(scene.policy, "release").products = {"somebody-elses"}; }},
        {"a release past its end", "SL-TRUST-EXPIRED",
         [](Scene& scene) { scene.release.terms.expires = "2026-12-01T00:00:00Z"; }},
        {"a release for sites with a newer policy", "SL-TRUST-POLICY-OLD",
         [](Scene& scene) { scene.release.terms.policy_min_version = 2; }},
        {"an expired policy", "SL-TRUST-POLICY-EXPIRED",
         [](Scene& scene) { scene.clock = "2027-11-01T00:00:00Z"; }},
        {"a policy that nobody has renewed for too long", "SL-TRUST-POLICY-EXPIRED",
         [](Scene& scene) {
             scene.policy.max_offline_days = 20;
             scene.clock = "2026-12-01T00:00:00Z";
         }},
        {"a clock set back behind an expired policy", "SL-TRUST-POLICY-EXPIRED",
         [](Scene& scene) {
             scene.at_a_site();
             scene.state->time_floor = "2027-11-02T00:00:00Z";
         }},
        {"a revoked key makes up the threshold", "SL-TRUST-REVOKED",
         [](Scene& scene) {
             scene.policy.revoked_keys = {{id_of(11), "lost"}};
         }},
        {"a revoked bundle", "SL-TRUST-REVOKED",
         [](Scene& scene) { scene.policy.revoked_digests = {scene.assembly.bundle_digest()}; }},
        {"a revoked file", "SL-TRUST-REVOKED",
         [](Scene& scene) { scene.policy.revoked_digests = {scene.document.files.back().digest}; }},
        {"a revoked model", "SL-TRUST-REVOKED",
         [](Scene& scene) { scene.policy.revoked_digests = {scene.document.model_manifest.digest}; }},
        {"an older release", "SL-TRUST-ROLLBACK",
         [](Scene& scene) {
             scene.at_a_site();
             auto& record = scene.state->products.at(scene.document.name);
             ++record.release_counter;
             record.bundle = Digest::of("the newer one");
         }},
        {"the same counter on another bundle", "SL-TRUST-ROLLBACK",
         [](Scene& scene) {
             scene.at_a_site();
             scene.state->products.at(scene.document.name).bundle = Digest::of("another");
         }},
        {"a lower security epoch", "SL-TRUST-ROLLBACK",
         [](Scene& scene) {
             scene.at_a_site();
             auto& record = scene.state->products.at(scene.document.name);
             record.security_epoch = 3;
         }},
        {"below the floor of the policy", "SL-TRUST-ROLLBACK",
         [](Scene& scene) {
             scene.policy.floors[scene.document.name] = {scene.document.release_counter + 1, 0};
         }},
        {"below the security floor of the policy", "SL-TRUST-ROLLBACK",
         [](Scene& scene) {
             scene.policy.floors[scene.document.name] = {0, 1};
         }},
        {"kernels that the kernel lab has not signed", "SL-TRUST-SCOPE",
         [](Scene& scene) {
             scene.policy.require.push_back({"urn:sealift:component/v1", "kernels", {}});
         }},
        {"kernels signed by the release keys", "SL-TRUST-SCOPE",
         [](Scene& scene) {
             scene.policy.require.push_back({"urn:sealift:component/v1", "kernels", {}});
             manifests::ComponentStatement statement{Role::kernel, {}};
             for (const auto& file : scene.document.files)
                 statement.subjects.push_back({file.path.text(), file.digest, {}});
             scene.more = {in_toto(statement.encode(), {11, 12})};
         }},
        {"kernels that the lab calls weights", "SL-TRUST-SCOPE",
         [](Scene& scene) {
             scene.policy.require.push_back({"urn:sealift:component/v1", "kernels", {}});
             manifests::ComponentStatement statement{Role::weights, {}};
             for (const auto& file : scene.document.files)
                 statement.subjects.push_back({file.path.text(), file.digest, {}});
             scene.more = {in_toto(statement.encode(), {31})};
         }},
        {"kernels that name the model instead", "SL-TRUST-SCOPE",
         [](Scene& scene) {
             scene.policy.require.push_back({"urn:sealift:component/v1", "kernels", {}});
             const manifests::ComponentStatement statement{
                 Role::kernel, {{"model", scene.document.model_manifest.digest, {}}}};
             scene.more = {in_toto(statement.encode(), {31})};
         }},
        {"no BOM statement", "SL-TRUST-MISSING",
         [](Scene& scene) {
             scene.policy.require.push_back({"https://cyclonedx.org/bom", "builder", {}});
         }},
        {"a BOM statement that leaves one out", "SL-TRUST-MISSING",
         [](Scene& scene) {
             scene.policy.require.push_back({"https://cyclonedx.org/bom", "builder", {}});
             const manifests::BomStatement statement{scene.document.name,
                                                     scene.document.version,
                                                     scene.assembly.bundle_digest(),
                                                     builder,
                                                     {{"software", scene.document.software_bom.digest,
                                                       std::string(manifests::media::cyclonedx)}}};
             scene.more = {in_toto(statement.encode(), {21})};
         }},
        {"no release set", "SL-TRUST-MISSING",
         [](Scene& scene) {
             scene.policy.require.push_back({"urn:sealift:release-set/v1", "release", {}});
         }},
        {"a release set with another kernel", "SL-TRUST-SET",
         [](Scene& scene) {
             scene.policy.require.push_back({"urn:sealift:release-set/v1", "release", {}});
             manifests::ReleaseSet set{"line", 1, {}};
             set.members.push_back(
                 {scene.document.files.front().path.text(), Digest::of("another"), "kernel"});
             set.members.push_back({scene.subject_name(), scene.assembly.bundle_digest(), "bundle"});
             std::sort(set.members.begin(), set.members.end(),
                       [](const auto& a, const auto& b) { return a.name < b.name; });
             scene.more = {in_toto(set.encode(), {11, 12})};
         }},
        {"Ed25519 alone where two algorithms are wanted", "SL-TRUST-ALGORITHM",
         [](Scene& scene) {
             // root and builder keep their keys of one type, so they lack the group as well
             scene.policy.all_of = {{manifests::KeyType::ed25519}};
             scene.release_signers = {11};
         }},
        {"a broken envelope beside the good ones", "SL-TRUST-ENVELOPE",
         [](Scene& scene) { scene.more = {"{}"}; }},
        {"a signed statement that is no JSON", "SL-TRUST-STATEMENT",
         [](Scene& scene) {
             scene.more = {in_toto("{\"_type\":", {11, 12})};
         }},
        {"a statement with a member given twice", "SL-TRUST-STATEMENT",
         [](Scene& scene) {
             scene.more = {in_toto(R"({"_type":"https://in-toto.io/Statement/v1","_type":"x"})", {11, 12})};
         }},
        {"a permit that is not needed is no harm, one that is malformed is", "SL-TRUST-PERMIT",
         [](Scene& scene) {
             scene.at_a_site();
             const std::string payload = manifests::encode_statement(
                 {{scene.subject_name(), scene.assembly.bundle_digest(), {}}},
                 manifests::predicate::rollback_permit, manifests::OrderedJson{{"product", 7}});
             scene.more = {in_toto(payload, {11, 12})};
         }},
    };
    for (const Attack& attack : attacks) {
        if (std::string(attack.code) == "SL-TRUST-ALGORITHM") continue; // see the test of groups below
        Scene scene;
        attack.change(scene);
        const TrustAnswer answer = scene.judge();
        CAPTURE(attack.what, codes_of(answer));
        CHECK_FALSE(answer.report.passed());
        CHECK(answer.report.has(*manifests::code_named(attack.code)));
    }
}

TEST_CASE("statements about something else are ignored, not counted and not refused", "[manifests][trust]") {
    Scene scene;
    manifests::ReleaseStatement other = scene.release;
    other.bundle = Digest::of("another");
    scene.more = {in_toto(other.encode(), {11, 12}), in_toto(other.encode(), {77})};
    const TrustAnswer answer = scene.judge();
    CAPTURE(codes_of(answer));
    CHECK(answer.report.passed());
}

TEST_CASE("a bad signature beside enough good ones does not spoil them", "[manifests][trust]") {
    Scene scene;
    manifests::Envelope envelope = manifests::Envelope::parse(in_toto(scene.release.encode(), {11, 12}));
    envelope.signatures.push_back({id_of(13), std::string(64, 'x')});
    envelope.signatures.push_back({"not even a key id", "short"});
    scene.release_signers = {};
    scene.more = {envelope.encode()};
    CHECK(scene.judge().report.passed());
}

TEST_CASE("key ids are hints: exchanged ones change nothing", "[manifests][trust]") {
    Scene scene;
    manifests::Envelope envelope = manifests::Envelope::parse(in_toto(scene.release.encode(), {11, 12}));
    std::swap(envelope.signatures[0].key_id, envelope.signatures[1].key_id);
    scene.release_signers = {};
    scene.more = {envelope.encode()};
    CHECK(scene.judge().report.passed());
    for (auto& signature : envelope.signatures)
        signature.key_id.clear();
    scene.more = {envelope.encode()};
    CHECK(scene.judge().report.passed());
}

TEST_CASE("a kernel lab vouches for its kernels, in one bundle and in the next", "[manifests][trust]") {
    Scene scene;
    scene.policy.require.push_back({"urn:sealift:component/v1", "kernels", {}});
    manifests::ComponentStatement statement{Role::kernel, {}};
    for (const auto& file : scene.document.files)
        if (file.role == Role::kernel) statement.subjects.push_back({"any name", file.digest, {}});
    REQUIRE_FALSE(statement.subjects.empty());
    scene.more = {in_toto(statement.encode(), {31})};
    CHECK(scene.judge().report.passed());
}

TEST_CASE("the chain in a bundle leads a site to the policy in force", "[manifests][trust]") {
    Scene scene;
    manifests::TrustPolicy second = tests::successor_of(scene.policy);
    second.revoked_keys = {{id_of(11), "stolen"}};
    const manifests::TrustPolicy third = tests::successor_of(second);
    scene.clock = "2028-12-01T00:00:00Z";
    const std::vector<std::string> chain{tests::signed_text(third, {1, 2}),
                                         tests::signed_text(second, {1, 3})};
    SECTION("over two steps, the last of which has not expired") {
        scene.more = chain;
        scene.release_signers = {11, 12, 13};
        const TrustAnswer answer = scene.judge();
        CAPTURE(codes_of(answer));
        CHECK(answer.policy.policy.version == 3);
        CHECK(answer.steps.size() == 2);
        CHECK(answer.report.has(Code::trust_threshold)); // 12 and 13 are of one owner, 11 is revoked
        CHECK(answer.report.has(Code::trust_revoked));
    }
    SECTION("and not past a step that is missing") {
        scene.more = {chain[0]};
        CHECK(scene.judge().report.has(Code::trust_policy_chain));
    }
    SECTION("nor by keys that are not the root's") {
        scene.more = {tests::signed_text(second, {11, 12})};
        CHECK_FALSE(scene.judge().report.passed());
    }
}

TEST_CASE("a permit lets one site go back to one bundle", "[manifests][trust]") {
    Scene scene;
    scene.at_a_site();
    auto& record = scene.state->products.at(scene.document.name);
    record.release_counter = scene.document.release_counter + 2;
    record.bundle = Digest::of("the newer one");
    manifests::RollbackPermit permit{
        scene.document.name, record.release_counter, scene.assembly.bundle_digest(),
        {"line-7"},          "2026-12-31T00:00:00Z", "accuracy regression"};
    const auto give = [&](const Signers& signers) {
        scene.more = {
            in_toto(manifests::encode_statement({{scene.subject_name(), scene.assembly.bundle_digest(), {}}},
                                                manifests::predicate::rollback_permit, permit.encode()),
                    signers)};
        return scene.judge();
    };
    SECTION("that it names") {
        const TrustAnswer answer = give({11, 12});
        CAPTURE(codes_of(answer));
        CHECK(answer.report.passed());
        CHECK(answer.permit.has_value());
    }
    SECTION("when enough keys have signed it") {
        CHECK(give({11}).report.has(Code::trust_rollback));
        CHECK(give({21}).report.has(Code::trust_rollback));
    }
    SECTION("and no other site") {
        permit.sites = {"line-8"};
        CHECK_FALSE(give({11, 12}).report.passed());
    }
    SECTION("until its end") {
        permit.expires = scene.clock;
        CHECK_FALSE(give({11, 12}).report.passed());
    }
    SECTION("from where it is") {
        permit.from_counter -= 1;
        CHECK_FALSE(give({11, 12}).report.passed());
    }
    SECTION("once") {
        const TrustAnswer first = give({11, 12});
        scene.state->permits_used = {first.permit.value()};
        CHECK_FALSE(give({11, 12}).report.passed());
    }
    SECTION("and not below a security epoch that it has had") {
        record.security_epoch = 1;
        CHECK_FALSE(give({11, 12}).report.passed());
    }
    SECTION("from those who have to release it, whatever their role is called") {
        scene.policy.roles.insert(scene.policy.roles.begin() + 2,
                                  {.name = "line", .keys = {id_of(12), id_of(13)}, .threshold = 2});
        scene.policy.require[0].role = "line";
        scene.release_signers = {12, 13};
        CHECK(give({12, 13}).report.passed());
        CHECK(give({11, 12}).report.has(Code::trust_rollback)); // enough for "release", which nobody asked
        scene.policy.require.push_back({"urn:sealift:release/v1", "release", {}});
        scene.release_signers = {11, 12, 13};
        CHECK(give({11, 12, 13}).report.passed());
        CHECK_FALSE(give({12, 13}).report.passed());
        CHECK_FALSE(give({11, 12}).report.passed());
    }
    SECTION("and one that is used up does not stand in the way of a new one") {
        const Digest used = give({11, 12}).permit.value();
        const std::string old = scene.more[0];
        scene.state->permits_used = {used};
        permit.reason = "again";
        give({11, 12});
        const std::string fresh = scene.more[0];
        for (const auto& both : {std::vector{old, fresh}, std::vector{fresh, old}}) {
            scene.more = both;
            const TrustAnswer answer = scene.judge();
            CAPTURE(codes_of(answer));
            CHECK(answer.report.passed());
            CHECK(answer.permit.has_value());
            CHECK(answer.permit != used);
        }
    }
}

TEST_CASE("two algorithms are both needed where a policy says so", "[manifests][trust]") {
    // With a group that nobody has keys of, no policy passes its own rules; that both groups count is held by
    // the tests of role verdicts. Here: one group, and too few of it.
    Scene scene;
    scene.policy.all_of = {{manifests::KeyType::ed25519}};
    CHECK(scene.judge().report.passed());
    scene.release_signers = {11};
    CHECK_FALSE(scene.judge().report.passed());
}

TEST_CASE("answers about trust never print text from outside as it is", "[manifests][trust]") {
    Scene scene;
    manifests::Json statement = manifests::Json::parse(scene.release.encode());
    statement["subject"][0]["name"] = "\x1b[31mred@1";
    statement["predicate"]["product"] = "\x1b[31mred";
    scene.release_signers = {};
    scene.more = {in_toto(statement.dump(), {11, 12})};
    const TrustAnswer answer = scene.judge();
    CHECK_FALSE(answer.report.passed());
    for (const auto& finding : answer.report.findings())
        CHECK((finding.text + finding.where + finding.hint).find('\x1b') == std::string::npos);
    for (const auto& step : answer.chain)
        CHECK(step.text.find('\x1b') == std::string::npos);
}

TEST_CASE("a signed statement that lacks what it is read for is a finding and nothing worse",
          "[manifests][trust]") {
    Scene scene;
    const auto add = [&](std::string_view type, const char* predicate) {
        scene.more = {
            in_toto(manifests::encode_statement({{scene.subject_name(), scene.assembly.bundle_digest(), {}}},
                                                type, manifests::OrderedJson::parse(predicate)),
                    {21})};
    };
    SECTION("a BOM reference without references") {
        scene.policy.require.push_back({"https://cyclonedx.org/bom", "builder", {}});
        add(manifests::predicate::reference, R"({"attester":{"id":"x"}})");
        CHECK(scene.judge().report.has(Code::trust_statement));
    }
    SECTION("a list where the policy looks for an element that no list can have") {
        scene.policy.require.push_back(
            {"https://x.example/y", "builder", {{"/a/99999999999999999999999", {"z"}}}});
        add("https://x.example/y", R"({"a":["z"]})");
        CHECK(scene.judge().report.has(Code::trust_missing));
    }
}

TEST_CASE("each role that has to vouch for files vouches for itself", "[manifests][trust]") {
    Scene scene;
    tests::add_key(scene.policy, 41, "second lab");
    scene.policy.roles.insert(scene.policy.roles.begin() + 2,
                              {.name = "kernels-two", .keys = {id_of(41)}, .files = {Role::kernel}});
    scene.policy.require.push_back({"urn:sealift:component/v1", "kernels", {}});
    scene.policy.require.push_back({"urn:sealift:component/v1", "kernels-two", {}});
    manifests::ComponentStatement statement{Role::kernel, {}};
    for (const auto& file : scene.document.files)
        if (file.role == Role::kernel) statement.subjects.push_back({"any name", file.digest, {}});
    scene.more = {in_toto(statement.encode(), {31})};
    CHECK(scene.judge().report.has(Code::trust_scope));
    scene.more = {in_toto(statement.encode(), {41})};
    CHECK(scene.judge().report.has(Code::trust_scope));
    scene.more = {in_toto(statement.encode(), {31, 41})};
    CHECK(scene.judge().report.passed());
}

TEST_CASE("a rebuild by somebody else can be required", "[manifests][trust]") {
    Scene scene;
    tests::add_key(scene.policy, 41, "second ci");
    scene.policy.roles.insert(scene.policy.roles.begin() + 2, {.name = "rebuilder", .keys = {id_of(41)}});
    scene.policy.require.push_back({"https://slsa.dev/provenance/v1", "rebuilder", {}});
    CHECK(codes_of(scene.judge()) == std::vector<std::string>{"SL-TRUST-MISSING"});
    manifests::Provenance rebuild = scene.provenance;
    rebuild.builder_id = "https://elsewhere.example/two";
    scene.more = {in_toto(rebuild.encode(), {21})}; // the first builder once more
    CHECK(codes_of(scene.judge()) == std::vector<std::string>{"SL-TRUST-MISSING"});
    scene.more = {in_toto(rebuild.encode(), {41})};
    CHECK(scene.judge().report.passed());
    rebuild.bundle = Digest::of("what came out the second time");
    scene.more = {in_toto(rebuild.encode(), {41})};
    CHECK(codes_of(scene.judge()) == std::vector<std::string>{"SL-TRUST-MISSING"});
}

TEST_CASE("an envelope that two roles signed is evidence for each", "[manifests][trust]") {
    Scene scene;
    tests::add_key(scene.policy, 41, "second ci");
    scene.policy.roles.insert(scene.policy.roles.begin() + 2, {.name = "rebuilder", .keys = {id_of(41)}});
    scene.policy.require.push_back({"https://slsa.dev/provenance/v1",
                                    "rebuilder",
                                    {{"/runDetails/builder/id", {"https://elsewhere.example/two"}}}});
    scene.provenance_signers = {21, 41};
    const TrustAnswer answer = scene.judge();
    CHECK(codes_of(answer) == std::vector<std::string>{"SL-TRUST-MISSING"});
    std::vector<std::string> entries;
    for (const auto& evidence : answer.evidence)
        if (evidence.where == "signatures[1]") entries.push_back(evidence.role + ": " + evidence.outcome);
    REQUIRE(entries.size() == 2);
    CHECK(entries[0] ==
          "builder: counts for role builder"); // what the second role makes of it changes nothing
    CHECK(entries[1].starts_with(": ignored: its '/runDetails/builder/id' is none"));
}

TEST_CASE("the policies that a bundle leads to are kept as they came", "[manifests][trust]") {
    // Anybody may add signatures that count for nothing. Written anew they can be longer than an envelope may
    // be, and a site that stores what it cannot read again trusts nothing any more.
    Scene scene;
    manifests::Json json =
        manifests::Json::parse(tests::signed_text(tests::successor_of(scene.policy), {1, 2}));
    std::string long_name;
    while (long_name.size() < 1'000'000)
        long_name += "\xf0\x9f\x98\x80";
    json["signatures"].push_back({{"keyid", long_name}, {"sig", "AAAA"}});
    scene.clock = "2028-01-01T00:00:00Z";
    scene.more = {json.dump()};
    const TrustAnswer answer = scene.judge();
    CAPTURE(codes_of(answer));
    REQUIRE(answer.steps.size() == 1);
    CHECK(answer.steps[0].envelope == scene.more[0]);
    CHECK_NOTHROW(manifests::SignedPolicy::read(answer.steps[0].envelope));
}

TEST_CASE("a bundle cannot ask for hours of checking", "[manifests][trust]") {
    Scene scene;
    manifests::Envelope envelope{std::string(manifests::media::in_toto_payload), "{}", {}};
    for (int i = 0; i < 64; ++i)
        envelope.signatures.push_back({"", std::string(64, static_cast<char>(i))});
    for (int i = 0; i < 100; ++i) {
        envelope.payload = std::to_string(i);
        scene.more.push_back(envelope.encode());
    }
    const TrustAnswer answer = scene.judge();
    CHECK(answer.report.has(Code::format_limit));
    CHECK_FALSE(answer.report.passed());
}
