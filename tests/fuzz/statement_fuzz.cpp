// Statements of every kind, signed by those who may sign them, and judged. What is mutated is what a key
// holder signed, so nothing is turned away for its signature: the judge never throws, says nothing that could
// deceive a terminal, and trusts by such a statement only what the statement really says.
//
// A seed does not know the bundle that it is judged with: real() puts its names and digests in.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "manifests/bundle_claims.hpp"
#include "manifests/bundle_trust.hpp"
#include "manifests/component.hpp"
#include "manifests/predicates.hpp"
#include "manifests/release.hpp"
#include "manifests/release_set.hpp"
#include "manifests/rollback_permit.hpp"
#include "manifests/site_state.hpp"
#include "manifests/statement.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"
#include "tests/manifests/sample_policy.hpp"
#include "tests/support/sample_document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace manifests;

constexpr std::string_view judged_at = "2026-12-01T00:00:00Z";

// Made once: a pair of keys takes as long as a signature.
struct KnownSigner {
    explicit KnownSigner(unsigned char number) : signer(number), id(signer.key().key_id()) {}
    tests::Signer signer;
    std::string id;
};

std::string signed_by(const std::string& payload, const std::vector<unsigned char>& numbers) {
    static std::map<unsigned char, KnownSigner> known;
    Envelope envelope{std::string(media::in_toto_payload), payload, {}};
    const std::string message = pre_authentication_encoding(envelope.payload_type, payload);
    for (const unsigned char number : numbers) {
        const KnownSigner& one = known.try_emplace(number, number).first->second;
        envelope.signatures.push_back({one.id, one.signer.sign(message)});
    }
    return envelope.encode();
}

// One bundle and what judges it, made once.
struct World {
    BundleDocument document = tests::sample_document();
    Assembly assembly = assemble(document);
    SignedPolicy releases = signed_policy({{std::string(predicate::release), "release", {}}});
    SignedPolicy everything = signed_policy({
        {std::string(predicate::release), "release", {}},
        {std::string(predicate::provenance),
         "builder",
         {{"/runDetails/builder/id", {"https://build.example/one"}}}},
        {std::string(predicate::cyclonedx), "builder", {}},
        {std::string(predicate::release_set), "release", {}},
        {std::string(predicate::component), "kernels", {}},
    });
    SiteState newer = site_with(document.release_counter + 1);
    std::string good_release = signed_by(release().encode(), {11, 12});

    static SignedPolicy signed_policy(std::vector<Requirement> require) {
        TrustPolicy policy = tests::sample_policy();
        policy.require = std::move(require);
        return SignedPolicy::read(tests::signed_text(policy, {1, 2}));
    }
    ReleaseStatement release() const {
        return {document.name,
                document.version,
                document.release_counter,
                document.profile_id,
                document.profile.digest,
                assembly.bundle_digest(),
                {},
                {},
                {}};
    }
    SiteState site_with(std::uint64_t release_counter) const {
        SiteState state = first_state("line-7", {1, releases.digest}, 1, 0, "2026-11-02T00:00:00Z");
        state.products.emplace(document.name,
                               ProductRecord{release_counter, 0, Digest::of("another bundle")});
        return state;
    }
    const BundleFile& kernel() const {
        for (const BundleFile& file : document.files)
            if (file.role == Role::kernel) return file;
        demand(false, "the sample has a kernel");
        return document.files.front();
    }
};

const World& world() {
    static const World one;
    return one;
}

void put(std::string& text, const std::string& stand_in, const std::string& what) {
    for (std::size_t at = 0; (at = text.find(stand_in, at)) != std::string::npos; at += what.size())
        text.replace(at, stand_in.size(), what);
}

// The seed with what this bundle has instead of the stand-ins.
std::string real(std::string text) {
    constexpr std::size_t digits = 64;
    const BundleDocument& document = world().document;
    put(text, std::string(digits, '0'), world().assembly.bundle_digest().hex());
    put(text, std::string(digits, '1'), document.profile.digest.hex());
    put(text, std::string(digits, '2'), document.model_manifest.digest.hex());
    put(text, std::string(digits, '3'), world().kernel().digest.hex());
    put(text, std::string(digits, '4'), document.software_bom.digest.hex());
    put(text, std::string(digits, '5'), document.hardware_bom.digest.hex());
    put(text, "@name", document.name);
    put(text, "@version", document.version);
    put(text, "@profile", document.profile_id);
    put(text, "@counter", std::to_string(document.release_counter));
    put(text, "@next", std::to_string(document.release_counter + 1));
    return text;
}

bool is_plain(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode_utf8(text, at);
        if (point.length_bytes == 0 || is_deceptive(point.value)) return false;
        at += point.length_bytes;
    }
    return true;
}

TrustAnswer judge(const SignedPolicy& policy, std::vector<std::string> envelopes, const SiteState* state) {
    TrustAnswer answer = judge_bundle(
        {world().document, world().assembly, std::move(envelopes), policy, state, std::string(judged_at)});
    for (const Finding& finding : answer.report.findings())
        demand(is_plain(finding.where) && is_plain(finding.text) && is_plain(finding.hint),
               "findings can be printed");
    for (const TrustStep& step : answer.chain)
        demand(is_plain(step.what) && is_plain(step.text), "the chain can be printed");
    for (const Evidence& evidence : answer.evidence)
        demand(is_plain(evidence.outcome), "outcomes can be printed");
    return answer;
}

void check_release(const std::string& payload, const std::string& envelope) {
    const TrustAnswer answer = judge(world().releases, {envelope}, nullptr);
    demand(answer.report.passed() == answer.release.has_value(), "what is trusted is a release");
    if (!answer.report.passed()) return;
    const ReleaseStatement found = ReleaseStatement::parse(payload);
    demand(difference(found, world().document, world().assembly).empty(), "it is a release of this bundle");
    demand(!found.terms.expires || *found.terms.expires > judged_at, "it has not ended");
    demand(found.terms.policy_min_version <= 1, "the policy is new enough for it");
}

// The release is one behind what the site has had: only a permit helps, and only the right one.
void check_permit(const std::string& payload, const std::string& envelope) {
    const TrustAnswer answer = judge(world().releases, {world().good_release, envelope}, &world().newer);
    if (!answer.report.passed()) return;
    demand(answer.permit == Digest::of(payload), "it is the permit that was needed");
    const Statement statement = Statement::parse(payload);
    const RollbackPermit permit = RollbackPermit::parse(*statement.predicate);
    demand(statement.predicate_type == predicate::rollback_permit, "it says that it is one");
    demand(statement.find(world().assembly.bundle_digest()) != nullptr, "it is about this bundle");
    demand(permit.to == world().assembly.bundle_digest() && permit.product == world().document.name,
           "it lets the site go back to this bundle");
    demand(permit.from_counter == world().document.release_counter + 1, "it is for what the site has");
    demand(permit.sites == std::vector<std::string>{"line-7"}, "it is for this site");
    demand(permit.expires > judged_at, "it has not ended");
}

bool has_step(const TrustAnswer& answer, std::string_view what) {
    for (const TrustStep& step : answer.chain)
        if (step.what == what) return step.passed;
    return false;
}

// Alone it never is all that the strict policy wants; the step that it passes is the one of its kind.
void check_others(const std::string& payload, const std::string& envelope) {
    const TrustAnswer answer = judge(world().everything, {envelope}, &world().newer);
    demand(!answer.report.passed(), "one statement is not five");
    int passed = 0;
    for (const std::string_view what : {predicate::release, predicate::provenance, predicate::cyclonedx,
                                        predicate::release_set, predicate::component})
        passed += has_step(answer, what) ? 1 : 0;
    demand(passed <= 1, "one statement is of one kind");
    if (passed == 0) return;
    const Statement statement = Statement::parse(payload);
    if (has_step(answer, predicate::component)) {
        const ComponentStatement found = ComponentStatement::from(statement);
        demand(found.role == Role::kernel && statement.find(world().kernel().digest) != nullptr,
               "the kernel is named as a kernel");
        return;
    }
    demand(statement.find(world().assembly.bundle_digest()) != nullptr, "it is about this bundle");
    if (has_step(answer, predicate::release_set)) ReleaseSet::from(statement);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string payload = real(std::string(reinterpret_cast<const char*>(data), size));
    if (payload.empty() || payload.size() > Statement::most_bytes) return 0;
    const std::string envelope = signed_by(payload, {11, 12, 21, 31});
    check_release(payload, envelope);
    check_permit(payload, envelope);
    check_others(payload, envelope);
    return 0;
}
