#include "manifests/bundle_trust.hpp"

#include <algorithm>
#include <set>

#include "manifests/bundle_claims.hpp"
#include "manifests/component.hpp"
#include "manifests/component_coverage.hpp"
#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/opened_envelopes.hpp"
#include "manifests/predicates.hpp"
#include "manifests/release_set.hpp"
#include "manifests/rollback.hpp"
#include "manifests/signed_work.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

std::string list_of(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts)
        list += (list.empty() ? "" : ", ") + escaped(text);
    return list.empty() ? "nobody" : list;
}

class Judge {
public:
    explicit Judge(const TrustQuestion& question)
        : question_(question), answer_(begin(question)), opened_(open_envelopes(question.envelopes)) {}

    TrustAnswer judge() {
        answer_.report.merge(opened_.report);
        if (const auto problem = refuse_costly(opened_.list, question_.policy.policy.keys.size())) {
            answer_.report.add(*problem);
            return std::move(answer_);
        }
        follow_policy();
        if (!answer_.follows) return std::move(answer_);
        work_.emplace(policy(), opened_.list);
        for (const Requirement& requirement : policy().require)
            check_requirement(requirement);
        check_revoked();
        check_rollback_rule();
        note_the_rest();
        return std::move(answer_);
    }

private:
    static TrustAnswer begin(const TrustQuestion& question) {
        return {.report = {},
                .policy = question.policy,
                .steps = {},
                .follows = false,
                .now = question.clock,
                .release = {},
                .signers = {},
                .permit = {},
                .evidence = {},
                .chain = {}};
    }

    const TrustPolicy& policy() const { return answer_.policy.policy; }
    const Digest& bundle() const { return question_.assembly.bundle_digest(); }
    BundleFacts facts() const { return {question_.document, question_.assembly}; }

    void refuse(Code code, const std::string& where, const std::string& text, const std::string& hint = "") {
        answer_.report.add({code, where, text, hint});
    }
    void step(const std::string& what, bool passed, const std::string& text) {
        answer_.chain.push_back({what, passed, text});
    }

    // --- envelopes and policy --------------------------------------------------------------------------

    void follow_policy() {
        std::vector<std::string> policies;
        for (const OpenedEnvelope& one : opened_.list)
            if (one.holds_policy()) policies.push_back(one.text);
        ChainResult chain = follow_chain(question_.policy, policies);
        answer_.follows = chain.report.passed();
        answer_.report.merge(std::move(chain.report));
        if (answer_.follows) {
            answer_.policy = std::move(chain.newest);
            answer_.steps = std::move(chain.steps);
        }
        std::string text = "policy " + in_quotes(policy().policy_id) + " version " +
                           std::to_string(policy().version) + " (" + answer_.policy.digest.text() + ")";
        text += answer_.steps.empty()
                    ? " is the one that is trusted here already"
                    : " follows from version " + std::to_string(question_.policy.policy.version) +
                          ", which is trusted here: each step is signed by the root keys before it and by "
                          "its own";
        step("policy", answer_.follows, text);
        if (answer_.follows) check_age();
    }

    void check_age() {
        answer_.now = std::max(question_.clock, policy().issued); // one spelling: text order is time order
        if (question_.state != nullptr) answer_.now = std::max(answer_.now, question_.state->time_floor);
        if (answer_.now != question_.clock) {
            answer_.report.add({Code::trust_clock, "clock",
                                "the clock says " + question_.clock + ", but " + answer_.now +
                                    " has been signed; the later one counts",
                                "set the clock", Severity::note});
        }
        const auto expired = expiry_of(policy(), answer_.now);
        if (expired) answer_.report.add(*expired);
        step("age", !expired.has_value(),
             "at " + answer_.now + " the policy " +
                 (expired ? "holds no more" : "holds until " + end_of(policy())));
    }

    // --- statements --------------------------------------------------------------------------------------

    // One envelope can be worth something to several roles: an entry for each.
    void note(const OpenedEnvelope& one, const RoleVerdict& verdict, const std::string& predicate_type,
              const std::string& role, const std::string& outcome) {
        const Envelope& envelope = one.envelope;
        answer_.evidence.push_back(
            {one.where, one.text_digest, Digest::of(envelope.payload),
             Digest::of(pre_authentication_encoding(envelope.payload_type, envelope.payload)),
             envelope.payload.size(), envelope.payload_type, predicate_type, role, verdict.counted,
             verdict.owners, outcome});
    }
    void count(const Vouched& vouched, const std::string& role, const std::string& outcome) {
        note(*vouched.opened, vouched.verdict, vouched.statement->predicate_type, role, outcome);
    }

    // Why there is none.
    void report_lack(const Requirement& requirement, const RoleWork& work,
                     const std::vector<std::string>& reasons) {
        Lack lack = lack_of(requirement, work, reasons, policy(), bundle());
        answer_.report.merge(std::move(lack.report));
        if (lack.weak == nullptr) return;
        const RoleVerdict& verdict = lack.weak->verdict;
        note(*lack.weak->opened, verdict, "", requirement.role, "does not count: " + verdict.why);
    }

    void check_requirement(const Requirement& requirement) {
        const PolicyRole* role = policy().role(requirement.role);
        if (role == nullptr) throw Error(Fault::internal, "a checked policy has no role for a requirement");
        if (requirement.predicate == predicate::component) return check_components(requirement, *role);
        const RoleWork work = work_->of(*role, answer_.report);
        std::vector<std::string> reasons;
        bool met = false;
        bool refused = false; // why stands in the report
        for (const Vouched& vouched : work.vouched) {
            if (!same_predicate(vouched.statement->predicate_type, requirement.predicate)) continue;
            const auto reason = mismatch_or_refusal(vouched, requirement);
            if (!reason) {
                refused = true;
                count(vouched, role->name, "refused");
            } else if (!reason->empty()) {
                count(vouched, "", "ignored: " + *reason);
                reasons.push_back(vouched.opened->where + " is ignored, " + *reason);
            } else if (accepted(vouched, requirement, *role)) {
                met = true;
                count(vouched, role->name, "counts for role " + role->name);
            } else {
                refused = true;
                count(vouched, role->name, "refused");
            }
        }
        if (!met && !refused) report_lack(requirement, work, reasons);
        std::string text =
            "signed by role " + in_quotes(role->name) + ": " + list_of(counted_for(requirement, role->name));
        if (refused) text += "; refused for what it says";
        if (!met && !refused) text = "not signed well enough by role " + in_quotes(role->name);
        step(requirement.predicate, met && !refused, text);
    }

    std::vector<std::string> counted_for(const Requirement& requirement, const std::string& role) const {
        for (const Evidence& evidence : answer_.evidence)
            if (evidence.role == role && same_predicate(evidence.predicate_type, requirement.predicate))
                return evidence.owners;
        return {};
    }

    // mismatch(); nothing for a statement that cannot be read as what it says it is, which the report says.
    std::optional<std::string> mismatch_or_refusal(const Vouched& vouched, const Requirement& requirement) {
        try {
            return mismatch(*vouched.statement, requirement, facts());
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            refuse(error.code().value_or(Code::trust_statement), vouched.opened->where, error.what(),
                   error.hint());
            return std::nullopt;
        }
    }

    // Statements whose content is ours to check; false: refused, and the report says why.
    bool accepted(const Vouched& vouched, const Requirement& requirement, const PolicyRole& role) {
        try {
            if (requirement.predicate == predicate::release) return accept_release(vouched, role);
            if (requirement.predicate == predicate::release_set) return accept_set(vouched);
            return true;
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            refuse(error.code().value_or(Code::trust_statement), vouched.opened->where, error.what(),
                   error.hint());
            return false;
        }
    }

    bool accept_release(const Vouched& vouched, const PolicyRole& role) {
        const ReleaseStatement release = ReleaseStatement::from(*vouched.statement);
        Report report = check_release(release, policy(), role, facts(), answer_.now, vouched.opened->where);
        const bool good = report.passed();
        answer_.report.merge(std::move(report));
        if (!good) return false;
        if (!answer_.release || answer_.release->terms.security_epoch > release.terms.security_epoch)
            answer_.release = release; // of several the one that claims least
        std::set<std::string> signers(answer_.signers.begin(), answer_.signers.end());
        signers.insert(vouched.verdict.counted.begin(), vouched.verdict.counted.end());
        answer_.signers.assign(signers.begin(), signers.end());
        return true;
    }

    bool accept_set(const Vouched& vouched) {
        Report report =
            check_release_set(ReleaseSet::from(*vouched.statement), facts(), vouched.opened->where);
        const bool good = report.passed();
        answer_.report.merge(std::move(report));
        return good;
    }

    // Every file that the role vouches for has to be named by somebody of the role.
    void check_components(const Requirement& requirement, const PolicyRole& role) {
        if (role.files.empty()) {
            refuse(Code::trust_scope, "policy",
                   "role " + in_quotes(role.name) + " has to vouch for files, and the policy names none");
            return step(requirement.predicate, false, "the policy does not say which files");
        }
        const RoleWork work = work_->of(role, answer_.report);
        ComponentCoverage coverage(question_.document, role.files); // each role vouches for itself
        for (const Vouched& vouched : work.vouched)
            if (vouched.statement->predicate_type == predicate::component)
                add_component(vouched, role, coverage);
        const std::vector<const BundleFile*> lacking = coverage.lacking();
        if (!lacking.empty()) report_lacking(lacking, work, requirement, role);
        step(requirement.predicate, lacking.empty(),
             lacking.empty() ? "role " + in_quotes(role.name) + " vouches for its files"
                             : std::to_string(lacking.size()) + " files have nobody who vouches for them");
    }

    void add_component(const Vouched& vouched, const PolicyRole& role, ComponentCoverage& coverage) {
        try {
            const ComponentStatement statement = ComponentStatement::from(*vouched.statement);
            if (coverage.add(statement)) return count(vouched, role.name, "counts for role " + role.name);
            count(vouched, "",
                  "ignored: role " + role.name + " may not vouch for files with the role " +
                      std::string(name_of(statement.role)));
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            refuse(error.code().value_or(Code::trust_statement), vouched.opened->where, error.what());
        }
    }

    void report_lacking(const std::vector<const BundleFile*>& files, const RoleWork& work,
                        const Requirement& requirement, const PolicyRole& role) {
        bool weak = false;
        for (const WeaklySigned& one : work.weak) {
            const bool known = !one.verdict.counted.empty() || !one.verdict.revoked.empty();
            if (!known || !claims_to_be_about(*one.opened, requirement.predicate, bundle())) continue;
            weak = true;
            refuse(one.verdict.code.value_or(Code::trust_threshold), one.opened->where,
                   "component statement by role " + in_quotes(role.name) + ": " + one.verdict.why);
        }
        refuse(Code::trust_scope, files.front()->path.text(),
               std::to_string(files.size()) + (files.size() == 1 ? " file" : " files") + " that role " +
                   in_quotes(role.name) + " has to vouch for " + (files.size() == 1 ? "is" : "are") +
                   " named by no statement of that role" + (weak ? " that counts" : ""),
               "sealift sign BUNDLE --as ROLE --signing-key KEY");
    }

    // Envelopes that no requirement asked for still are evidence.
    void note_the_rest() {
        std::set<std::string> noted;
        for (const Evidence& evidence : answer_.evidence)
            noted.insert(evidence.where);
        for (const OpenedEnvelope& one : opened_.list)
            if (noted.count(one.where) == 0)
                note(one, {}, "", "",
                     one.holds_policy() ? "part of the policy chain" : "not asked for by the policy");
    }

    // --- what was taken back, what is too old ------------------------------------------------------------

    void check_revoked() {
        const std::set<Digest> revoked(policy().revoked_digests.begin(), policy().revoked_digests.end());
        const auto check = [&](const Digest& digest, const std::string& where) {
            if (revoked.count(digest) == 0) return;
            refuse(Code::trust_revoked, where, digest.text() + " is revoked by the policy",
                   "get a release without it");
        };
        const BundleDocument& document = question_.document;
        check(bundle(), "bundle");
        check(document.model_manifest.digest, "model");
        check(document.profile.digest, "profile");
        for (const BundleFile& file : document.files)
            check(file.digest, file.path.text());
        step("revocation", !answer_.report.has(Code::trust_revoked),
             answer_.report.has(Code::trust_revoked) ? "something in it is revoked"
                                                     : "nothing in it is revoked");
    }

    // Every role that has to sign a release has to sign a permit as well.
    std::vector<const PolicyRole*> permitting_roles() const {
        std::vector<const PolicyRole*> roles;
        for (const Requirement& requirement : policy().require)
            if (requirement.predicate == predicate::release) roles.push_back(policy().role(requirement.role));
        return roles;
    }

    std::vector<GivenPermit> permits() {
        std::vector<GivenPermit> found;
        const std::vector<const PolicyRole*> roles = permitting_roles();
        for (const Vouched& vouched : work_->of(*roles.front(), answer_.report).vouched) {
            if (vouched.statement->predicate_type != predicate::rollback_permit) continue;
            if (vouched.statement->find(bundle()) == nullptr) continue;
            if (!work_->is_by_all(roles, *vouched.opened)) continue;
            try {
                found.push_back({RollbackPermit::parse(*vouched.statement->predicate),
                                 Digest::of(vouched.opened->envelope.payload)});
                count(vouched, roles.front()->name, "a rollback permit");
            } catch (const Error& error) {
                if (error.fault() != Fault::damaged) throw;
                refuse(error.code().value_or(Code::trust_permit), vouched.opened->where, error.what());
            }
        }
        return found;
    }

    // Without a permit, or by the first that helps; if none does, why the first does not.
    RollbackAnswer rollback_answer(const ReleaseStatement& release, const RollbackRules& rules) {
        const ReleaseClaim claim{release.product, release.release_counter, release.terms.security_epoch,
                                 bundle()};
        RollbackAnswer first = check_rollback(claim, rules, question_.state, std::nullopt, answer_.now);
        const std::vector<GivenPermit> given = permits();
        if (!first.refusal) return first;
        for (std::size_t i = 0; i < given.size(); ++i) {
            RollbackAnswer answer = check_rollback(claim, rules, question_.state, given[i], answer_.now);
            if (answer.uses_permit) answer_.permit = given[i].payload;
            if (!answer.refusal) return answer;
            if (i == 0) first = std::move(answer);
        }
        return first;
    }

    void check_rollback_rule() {
        if (!answer_.release) return; // what is not a release has no counter
        const ReleaseStatement& release = *answer_.release;
        RollbackRules rules;
        rules.counter_epoch = policy().counter_epoch;
        const auto floor = policy().floors.find(release.product);
        if (floor != policy().floors.end())
            rules.floor = {floor->second.release_counter, floor->second.security_epoch};
        const RollbackAnswer rollback = rollback_answer(release, rules);
        if (rollback.refusal) answer_.report.add(*rollback.refusal);
        std::string text = "release " + std::to_string(release.release_counter) + " of " +
                           in_quotes(release.product) + ", security epoch " +
                           std::to_string(release.terms.security_epoch);
        if (rollback.refusal) {
            text += " is older than what may run here";
        } else if (rollback.uses_permit) {
            text += " is older than what this site has had, and a permit allows it once";
        } else if (question_.state != nullptr) {
            text += " is not older than what this site has had";
        } else {
            text += " is not below the policy's floor; what a site has had was not asked";
        }
        step("rollback", !rollback.refusal.has_value(), text);
    }

    const TrustQuestion& question_;
    TrustAnswer answer_;
    const OpenedEnvelopes opened_;
    std::optional<SignedWork> work_; ///< once the policy in force is known
};

} // namespace

TrustAnswer judge_bundle(const TrustQuestion& question) {
    return Judge(question).judge();
}

} // namespace manifests
