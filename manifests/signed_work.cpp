#include "manifests/signed_work.hpp"

#include <algorithm>
#include <set>

#include "manifests/bundle_claims.hpp"
#include "manifests/error.hpp"
#include "manifests/predicates.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

// Revoked keys that its signatures name, without those that are still among the role's keys: the public half
// is gone from the policy, so nobody can tell whether they are theirs. Names are enough to explain a refusal.
std::vector<std::string> named_and_revoked(const WeaklySigned& weak, const TrustPolicy& policy) {
    std::set<std::string> named;
    for (const EnvelopeSignature& signature : weak.opened->envelope.signatures)
        if (policy.has_revoked_key(signature.key_id)) named.insert(signature.key_id);
    for (const std::string& key : weak.verdict.revoked)
        named.erase(key);
    return {named.begin(), named.end()};
}

Report why_too_weak(const WeaklySigned& weak, const std::vector<std::string>& named,
                    const std::string& what) {
    Report report;
    const auto refuse = [&](Code code, const std::string& text, const std::string& hint) {
        report.add({code, weak.opened->where, text, hint});
    };
    const RoleVerdict& verdict = weak.verdict;
    refuse(verdict.code.value_or(Code::trust_threshold), what + ": " + verdict.why,
           "let the others sign as well: sealift sign BUNDLE --signing-key KEY");
    for (const std::string& key : verdict.revoked)
        refuse(Code::trust_revoked, "key " + key + ", which signed it, is revoked",
               "sign it again with a key that is in the policy");
    for (const std::string& key : named)
        refuse(Code::trust_revoked, "it names key " + key + ", which is revoked",
               "sign it again with a key that is in the policy");
    for (const std::string& key : verdict.bad)
        refuse(Code::trust_signature,
               "the signature that names key " + key + " is not by this key over these bytes",
               "the signature or the statement was changed; take the bundle from another copy");
    return report;
}

} // namespace

SignedWork::SignedWork(const TrustPolicy& policy, const std::vector<OpenedEnvelope>& envelopes)
    : policy_(policy) {
    std::vector<PublicKey> keys;
    for (const auto& [key_id, key] : policy.keys)
        keys.push_back(key.key);
    for (const OpenedEnvelope& one : envelopes)
        if (one.holds_statement()) entries_.push_back({&one, check_signatures(one.envelope, keys)});
}

const Statement* SignedWork::read(Entry& entry, Report& report) {
    if (!entry.was_read) {
        entry.was_read = true;
        try {
            entry.statement = Statement::parse(entry.opened->envelope.payload);
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            report.add({error.code().value_or(Code::trust_statement), entry.opened->where, error.what(),
                        error.hint()});
        }
    }
    return entry.statement ? &*entry.statement : nullptr;
}

RoleWork SignedWork::of(const PolicyRole& role, Report& report) {
    RoleWork work;
    for (Entry& entry : entries_) {
        RoleVerdict verdict = judge_role(policy_, role, entry.signatures);
        if (!verdict.met) {
            work.weak.push_back({entry.opened, std::move(verdict)});
        } else if (const Statement* statement = read(entry, report)) {
            work.vouched.push_back({entry.opened, std::move(verdict), statement});
        }
    }
    return work;
}

bool SignedWork::is_by_all(const std::vector<const PolicyRole*>& roles,
                           const OpenedEnvelope& envelope) const {
    const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& one) { return one.opened == &envelope; });
    return entry != entries_.end() && std::all_of(roles.begin(), roles.end(), [&](const PolicyRole* role) {
               return judge_role(policy_, *role, entry->signatures).met;
           });
}

bool claims_to_be_about(const OpenedEnvelope& envelope, std::string_view predicate_type,
                        const Digest& bundle) {
    try {
        const Statement statement = Statement::parse(envelope.envelope.payload);
        if (statement.predicate_type == predicate::component)
            return statement.predicate_type == predicate_type;
        return same_predicate(statement.predicate_type, predicate_type) && statement.find(bundle) != nullptr;
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return false;
    }
}

Lack lack_of(const Requirement& requirement, const RoleWork& work, const std::vector<std::string>& reasons,
             const TrustPolicy& policy, const Digest& bundle) {
    const std::string what =
        "statement " + in_quotes(requirement.predicate) + " by role " + in_quotes(requirement.role);
    for (const WeaklySigned& weak : work.weak) {
        const std::vector<std::string> named = named_and_revoked(weak, policy);
        const RoleVerdict& verdict = weak.verdict;
        const bool known = !verdict.counted.empty() || !verdict.revoked.empty() || !verdict.bad.empty();
        if (!known && named.empty()) continue;
        if (claims_to_be_about(*weak.opened, requirement.predicate, bundle))
            return {why_too_weak(weak, named, what), &weak};
    }
    std::string text = "the policy requires a " + what + ", and there is none";
    for (const std::string& reason : reasons)
        text += "; " + reason;
    Lack lack;
    lack.report.add({Code::trust_missing, "signatures", text,
                     "it was left out or taken away; ask whoever released the bundle for it"});
    return lack;
}

} // namespace manifests
