#include "runtime/trust.hpp"

#include <algorithm>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/release.hpp"
#include "manifests/text.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Envelope;
using manifests::Error;
using manifests::Fault;
using manifests::Finding;
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

EnvelopeAnswer answer_of(const std::string& bytes, const Bundle& bundle, const std::vector<PublicKey>& keys,
                         const std::string& where) {
    EnvelopeAnswer answer;
    const Envelope envelope = Envelope::parse(bytes);
    const manifests::SignatureVerdict verdict = manifests::check_signatures(envelope, keys);
    for (const std::string& key_id : verdict.bad_signature) {
        answer.findings.push_back(
            {Code::trust_signature, where,
             "the signature that names key " + key_id + " is not by this key over these bytes",
             "the signature or the statement was changed; take the bundle from another copy"});
    }
    if (verdict.signed_by.empty()) return answer;
    if (envelope.payload_type == manifests::media::policy_payload) return answer; // says nothing here
    if (envelope.payload_type != manifests::media::in_toto_payload) {
        answer.findings.push_back(
            {Code::trust_statement, where,
             "payload type " + manifests::in_quotes(envelope.payload_type) + " is unknown", ""});
        return answer;
    }
    const Statement statement = Statement::parse(envelope.payload);
    // Of all that can be said about a bundle, only a release says that it may be used.
    if (statement.predicate_type != manifests::predicate::release) return answer;
    const std::string problem =
        manifests::difference(ReleaseStatement::from(statement), bundle.document(), bundle.assembly());
    if (problem.empty()) {
        answer.signers = verdict.signed_by;
    } else {
        answer.findings.push_back(
            {Code::trust_statement, where, problem, "this signature belongs to another bundle"});
    }
    return answer;
}

Finding nobody_known(const std::vector<std::string>& envelopes, const std::vector<PublicKey>& keys) {
    std::vector<std::string> named;
    for (const std::string& bytes : envelopes) {
        for (const auto& signature : Envelope::parse(bytes).signatures) {
            const std::string key_id = manifests::escaped(signature.key_id, 64);
            if (std::find(named.begin(), named.end(), key_id) == named.end()) named.push_back(key_id);
        }
    }
    std::string signers;
    for (const std::string& key_id : named)
        signers += (signers.empty() ? "" : ", ") + key_id;
    return {Code::trust_key, "signatures",
            "signed by " + signers + "; that is not a key that was given (" + std::to_string(keys.size()) +
                ")",
            "give the signer's public key with --key, if you trust it"};
}

// A chain of policies that travels along vouches for no bundle.
bool is_policy(const std::string& text) {
    try {
        return Envelope::parse(text).payload_type == manifests::media::policy_payload;
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return false; // something is there, and will be named
    }
}

bool is_unsigned(const std::vector<std::string>& envelopes) {
    return std::all_of(envelopes.begin(), envelopes.end(), is_policy);
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

SimpleAnswer check_keys(const Bundle& bundle, const std::vector<std::string>& envelopes,
                        const std::vector<PublicKey>& keys) {
    SimpleAnswer result;
    if (is_unsigned(envelopes)) {
        result.report.add({Code::trust_unsigned, "signatures", "there is no signature on this bundle",
                           "sign it: sealift sign BUNDLE --signing-key KEY"});
    }
    bool malformed = false;
    for (std::size_t i = 0; i < envelopes.size(); ++i) {
        const std::string where = "signatures[" + std::to_string(i) + "]";
        try {
            EnvelopeAnswer answer = answer_of(envelopes[i], bundle, keys, where);
            result.signers.insert(result.signers.end(), answer.signers.begin(), answer.signers.end());
            for (Finding& finding : answer.findings)
                result.report.add(std::move(finding));
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            malformed = true;
            result.report.add(
                {error.code().value_or(Code::trust_envelope), where, error.what(), error.hint()});
        }
    }
    std::sort(result.signers.begin(), result.signers.end());
    result.signers.erase(std::unique(result.signers.begin(), result.signers.end()), result.signers.end());
    if (result.signers.empty() && result.report.passed() && !malformed)
        result.report.add(nobody_known(envelopes, keys));
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
    const std::vector<std::string> envelopes = all_envelopes(*bundle, basis);
    std::vector<std::string> signers;
    if (is_unsigned(envelopes) && basis.allow_unsigned) {
        decision.accepted_unsigned = true;
        decision.report.add(shouted());
    } else if (!basis.keys.empty()) {
        SimpleAnswer answer = check_keys(*bundle, envelopes, basis.keys);
        decision.report = std::move(answer.report);
        signers = std::move(answer.signers);
    } else if (basis.policy || basis.site) {
        if (is_unsigned(envelopes))
            decision.report.add({Code::trust_unsigned, "signatures", "there is no signature on this bundle",
                                 "sign it: sealift sign BUNDLE --signing-key KEY"});
        if (basis.site) decision.report.merge(basis.site->report());
        const bool usable = !basis.site || basis.site->report().passed();
        if (usable) {
            decision.answer = std::make_shared<const manifests::TrustAnswer>(
                manifests::judge_bundle({bundle->document(), bundle->assembly(), envelopes,
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
