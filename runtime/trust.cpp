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

// What one envelope says: who signed this very bundle with it, or why it counts for nothing.
struct EnvelopeAnswer {
    std::vector<std::string> signers;
    std::vector<Finding> findings;
};

std::string difference(const ReleaseStatement& statement, const Bundle& bundle) {
    const manifests::BundleDocument& document = bundle.document();
    const auto differs = [](const std::string& what, const std::string& found, const std::string& wanted) {
        return "it is about " + what + " " + manifests::in_quotes(found) + ", this bundle is " +
               manifests::in_quotes(wanted);
    };
    if (statement.bundle != bundle.digest())
        return differs("bundle", statement.bundle.text(), bundle.digest().text());
    if (statement.product != document.name) return differs("product", statement.product, document.name);
    if (statement.version != document.version) return differs("version", statement.version, document.version);
    if (statement.release_counter != document.release_counter) {
        return differs("release", std::to_string(statement.release_counter),
                       std::to_string(document.release_counter));
    }
    if (statement.profile_id != document.profile_id)
        return differs("profile", statement.profile_id, document.profile_id);
    if (statement.profile != document.profile.digest) {
        return differs("profile digest", statement.profile.text(), document.profile.digest.text());
    }
    return {};
}

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
    if (envelope.payload_type != manifests::media::in_toto_payload) {
        answer.findings.push_back(
            {Code::trust_statement, where,
             "payload type " + manifests::in_quotes(envelope.payload_type) + " is unknown", ""});
        return answer;
    }
    const std::string problem = difference(ReleaseStatement::parse(envelope.payload), bundle);
    if (problem.empty()) {
        answer.signers = verdict.signed_by;
    } else {
        answer.findings.push_back(
            {Code::trust_statement, where, problem, "this signature belongs to another bundle"});
    }
    return answer;
}

Finding nobody_known(const Bundle& bundle, const std::vector<PublicKey>& keys) {
    std::string signers;
    for (const std::string& bytes : bundle.carried().envelopes) {
        for (const auto& signature : Envelope::parse(bytes).signatures) {
            signers += (signers.empty() ? "" : ", ") + manifests::escaped(signature.key_id, 64);
        }
    }
    return {Code::trust_key, "signatures",
            "signed by " + signers + "; that is not a key that was given (" + std::to_string(keys.size()) +
                ")",
            "give the signer's public key with --key, if you trust it"};
}

} // namespace

TrustDecision TrustDecision::check_trust(std::shared_ptr<const Bundle> bundle,
                                         const std::vector<PublicKey>& keys) {
    TrustDecision decision;
    std::vector<std::string> signers;
    if (bundle->carried().envelopes.empty()) {
        decision.report.add({Code::trust_unsigned, "signatures", "there is no signature on this bundle",
                             "sign it: sealift sign BUNDLE --signing-key KEY"});
    }
    bool malformed = false;
    for (std::size_t i = 0; i < bundle->carried().envelopes.size(); ++i) {
        const std::string where = "signatures[" + std::to_string(i) + "]";
        try {
            EnvelopeAnswer answer = answer_of(bundle->carried().envelopes[i], *bundle, keys, where);
            signers.insert(signers.end(), answer.signers.begin(), answer.signers.end());
            for (Finding& finding : answer.findings)
                decision.report.add(std::move(finding));
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            malformed = true;
            decision.report.add(
                {error.code().value_or(Code::trust_envelope), where, error.what(), error.hint()});
        }
    }
    std::sort(signers.begin(), signers.end());
    signers.erase(std::unique(signers.begin(), signers.end()), signers.end());
    if (signers.empty() && decision.report.passed() && !malformed)
        decision.report.add(nobody_known(*bundle, keys));
    if (decision.report.passed()) decision.trusted = TrustedBundle(std::move(bundle), std::move(signers));
    return decision;
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
