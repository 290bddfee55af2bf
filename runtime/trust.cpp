#include "runtime/trust.hpp"

#include <algorithm>
#include <set>

#include "manifests/bundle_claims.hpp"
#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/opened_envelopes.hpp"
#include "manifests/release.hpp"
#include "manifests/text.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::Finding;
using manifests::OpenedEnvelope;
using manifests::OpenedEnvelopes;
using manifests::PublicKey;
using manifests::ReleaseStatement;
using manifests::Report;
using manifests::Severity;
using manifests::Statement;

// What one envelope says: who signed this very bundle with it, or why it counts for nothing.
struct EnvelopeAnswer {
    std::vector<std::string> signers;
    std::vector<Finding> findings;
};

EnvelopeAnswer answer_of(const OpenedEnvelope& opened, const Bundle& bundle,
                         const std::vector<PublicKey>& keys) {
    EnvelopeAnswer answer;
    const manifests::SignatureVerdict verdict = manifests::check_signatures(opened.envelope, keys);
    for (const std::string& key_id : verdict.bad_signature) {
        answer.findings.push_back(
            {Code::trust_signature, opened.where,
             "the signature that names key " + key_id + " is not by this key over these bytes",
             "the signature or the statement was changed; take the bundle from another copy"});
    }
    if (verdict.signed_by.empty() || opened.holds_policy()) return answer; // a policy says nothing here
    if (!opened.holds_statement()) {
        answer.findings.push_back(
            {Code::trust_statement, opened.where,
             "payload type " + manifests::in_quotes(opened.envelope.payload_type) + " is unknown", ""});
        return answer;
    }
    const Statement statement = Statement::parse(opened.envelope.payload);
    // Of all that can be said about a bundle, only a release says that it may be used.
    if (statement.predicate_type != manifests::predicate::release) return answer;
    const std::string problem =
        manifests::difference(ReleaseStatement::from(statement), bundle.document(), bundle.assembly());
    if (problem.empty()) {
        answer.signers = verdict.signed_by;
    } else {
        answer.findings.push_back(
            {Code::trust_statement, opened.where, problem, "this signature belongs to another bundle"});
    }
    return answer;
}

Finding nobody_known(const std::vector<OpenedEnvelope>& envelopes, const std::vector<PublicKey>& keys) {
    constexpr std::size_t most_named = 8; // a stranger may name thousands
    std::set<std::string> named;
    for (const OpenedEnvelope& one : envelopes) {
        for (const auto& signature : one.envelope.signatures)
            named.insert(manifests::escaped(signature.key_id, 64));
    }
    std::string signers;
    std::size_t shown = 0;
    for (const std::string& key_id : named) {
        if (shown++ == most_named) break;
        signers += (signers.empty() ? "" : ", ") + key_id;
    }
    if (named.size() > most_named) signers += " and " + std::to_string(named.size() - most_named) + " others";
    return {Code::trust_key, "signatures",
            "signed by " + signers + "; that is not a key that was given (" + std::to_string(keys.size()) +
                ")",
            "give the signer's public key with --key, if you trust it"};
}

Finding nobody_signed() {
    return {Code::trust_unsigned, "signatures", "there is no signature on this bundle",
            "sign it: sealift sign BUNDLE --signing-key KEY"};
}

// What a key alone does not answer, so that nobody takes it for the whole check.
Finding simple_form() {
    return {
        Code::trust_partial, "",
        "not checked: roles, thresholds, required statements, expiry, revocation, rollback (only a key was "
        "given)",
        "pin a policy: sealift-runtime trust init POLICY --digest DIGEST", Severity::note};
}

struct SimpleAnswer {
    Report report;
    std::vector<std::string> signers;
};

void check_one(const OpenedEnvelope& opened, const Bundle& bundle, const std::vector<PublicKey>& keys,
               SimpleAnswer& result) {
    try {
        EnvelopeAnswer answer = answer_of(opened, bundle, keys);
        result.signers.insert(result.signers.end(), answer.signers.begin(), answer.signers.end());
        for (Finding& finding : answer.findings)
            result.report.add(std::move(finding));
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        result.report.add(
            {error.code().value_or(Code::trust_envelope), opened.where, error.what(), error.hint()});
    }
}

SimpleAnswer check_keys(const Bundle& bundle, const OpenedEnvelopes& envelopes,
                        const std::vector<PublicKey>& keys) {
    SimpleAnswer result;
    if (envelopes.only_policies()) result.report.add(nobody_signed());
    result.report.merge(envelopes.report);
    if (const auto problem = manifests::refuse_costly(envelopes.list, keys.size())) {
        result.report.add(*problem);
        return result;
    }
    for (const OpenedEnvelope& one : envelopes.list)
        check_one(one, bundle, keys, result);
    std::sort(result.signers.begin(), result.signers.end());
    result.signers.erase(std::unique(result.signers.begin(), result.signers.end()), result.signers.end());
    if (result.signers.empty() && result.report.passed())
        result.report.add(nobody_known(envelopes.list, keys));
    if (result.report.passed()) result.report.add(simple_form());
    return result;
}

std::vector<std::string> all_envelopes(const Bundle& bundle, const TrustBasis& basis) {
    std::vector<std::string> envelopes = bundle.carried().envelopes;
    envelopes.insert(envelopes.end(), basis.beside.begin(), basis.beside.end());
    return envelopes;
}

Finding shouted() {
    return {Code::trust_accepted_unsigned, "signatures",
            "NOBODY HAS SIGNED THIS BUNDLE. It is let through because --insecure-allow-unsigned was given: "
            "whoever made it, or changed it on the way, can run anything here",
            "never do this at a site", Severity::note};
}

} // namespace

TrustDecision TrustDecision::check_trust(std::shared_ptr<const Bundle> bundle, const TrustBasis& basis) {
    TrustDecision decision;
    const std::vector<std::string> texts = all_envelopes(*bundle, basis);
    const OpenedEnvelopes envelopes = manifests::open_envelopes(texts);
    const bool is_unsigned = envelopes.only_policies();
    std::vector<std::string> signers;
    if (is_unsigned && basis.allow_unsigned) {
        decision.accepted_unsigned = true;
        decision.report.add(shouted());
    } else if (!basis.keys.empty()) {
        SimpleAnswer answer = check_keys(*bundle, envelopes, basis.keys);
        decision.report = std::move(answer.report);
        signers = std::move(answer.signers);
    } else if (basis.policy || basis.site) {
        if (is_unsigned) decision.report.add(nobody_signed());
        if (basis.site) decision.report.merge(basis.site->report());
        const bool usable = !basis.site || basis.site->report().passed();
        if (usable) {
            decision.answer = std::make_shared<const manifests::TrustAnswer>(
                manifests::judge_bundle({bundle->document(), bundle->assembly(), texts,
                                         basis.policy ? *basis.policy : basis.site->policy(),
                                         basis.policy ? nullptr : &basis.site->state(), basis.clock}));
            decision.report.merge(decision.answer->report);
            signers = decision.answer->signers;
        }
    } else {
        decision.report.add({Code::trust_no_policy, "signatures", "there is nothing to trust it by",
                             "pin a policy: sealift-runtime trust init POLICY --digest DIGEST"});
    }
    if (decision.report.passed())
        decision.trusted = TrustedBundle(std::move(bundle), std::move(signers), decision.answer);
    return decision;
}

manifests::InstalledRelease record_of(const manifests::TrustAnswer& answer, std::uint64_t generation) {
    const ReleaseStatement& release = answer.release.value();
    return {release.product,
            {release.release_counter, release.terms.security_epoch, release.bundle},
            generation,
            answer.permit};
}

std::vector<PublicKey> load_keys(const std::vector<std::string>& paths) {
    constexpr std::uint64_t most_key_bytes = 64 * 1024;
    std::vector<PublicKey> keys;
    for (const std::string& path : paths) {
        try {
            keys.push_back(PublicKey::parse_pem(read_small_file(path, most_key_bytes)));
        } catch (Error& error) {
            if (error.fault() == Fault::damaged) error.as(Fault::missing);
            if (error.fault() == Fault::missing) error.in(path);
            throw;
        }
    }
    return keys;
}

} // namespace runtime
