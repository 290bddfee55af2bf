#include "manifests/bundle_trust.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include <nlohmann/json.hpp>

#include "manifests/bom_statement.hpp"
#include "manifests/component.hpp"
#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/predicates.hpp"
#include "manifests/release_set.hpp"
#include "manifests/role_verdict.hpp"
#include "manifests/rollback.hpp"
#include "manifests/statement.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

std::string list_of(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts)
        list += (list.empty() ? "" : ", ") + escaped(text);
    return list.empty() ? "nobody" : list;
}

// An envelope with its bytes decoded once; everything below uses these bytes and no others.
struct Opened {
    std::string where;
    const std::string* text; ///< as it came: what a site stores is what it has proven
    Digest text_digest;
    Envelope envelope;
    Digest payload;
    SignatureVerdict signatures{};        ///< of all keys of the policy in force, tried once
    std::optional<Statement> statement{}; ///< read when signatures were good, and once
    bool was_read = false;
};

// An envelope that a role has signed well enough, read.
struct Vouched {
    const Opened* opened;
    RoleVerdict verdict;
    const Statement& statement;
};

bool is_of_the_model(Role role) {
    return role == Role::weights || role == Role::model_config || role == Role::doc;
}

class Judge {
public:
    explicit Judge(const TrustQuestion& question) : question_(question), answer_(begin(question)) {}

    TrustAnswer judge() {
        open_envelopes();
        if (!is_affordable()) return std::move(answer_);
        follow_policy();
        if (!answer_.follows) return std::move(answer_);
        check_all_signatures();
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
    std::string subject_name() const { return question_.document.name + "@" + question_.document.version; }

    void refuse(Code code, const std::string& where, const std::string& text, const std::string& hint = "") {
        answer_.report.add({code, where, text, hint});
    }
    void step(const std::string& what, bool passed, const std::string& text) {
        answer_.chain.push_back({what, passed, text});
    }

    // --- envelopes and policy --------------------------------------------------------------------------

    void open_envelopes() {
        std::set<Digest> seen;
        for (std::size_t i = 0; i < question_.envelopes.size(); ++i) {
            const std::string& text = question_.envelopes[i];
            const Digest digest = Digest::of(text);
            if (!seen.insert(digest).second) continue; // the same one came beside the bundle as well
            const std::string where = "signatures[" + std::to_string(i) + "]";
            try {
                Envelope envelope = Envelope::parse(text);
                const Digest payload = Digest::of(envelope.payload);
                opened_.push_back({where, &text, digest, std::move(envelope), payload});
            } catch (const Error& error) {
                if (error.fault() != Fault::damaged) throw;
                refuse(error.code().value_or(Code::trust_envelope), where, error.what(), error.hint());
            }
        }
    }

    // A stranger decides how many envelopes and signatures there are.
    bool is_affordable() {
        std::size_t checks = 0;
        for (const Opened& one : opened_)
            checks += checks_of(one.envelope, question_.policy.policy.keys.size());
        if (checks <= most_checks) return true;
        refuse(Code::format_limit, "signatures",
               "there are so many signatures that checking them takes " + count_text(checks) +
                   " steps, at most " + count_text(most_checks) + " are allowed",
               "leave out the envelopes that the policy does not ask for");
        return false;
    }

    void check_all_signatures() {
        std::vector<PublicKey> keys;
        for (const auto& [key_id, key] : policy().keys)
            keys.push_back(key.key);
        for (Opened& one : opened_)
            if (one.envelope.payload_type == media::in_toto_payload)
                one.signatures = check_signatures(one.envelope, keys);
    }

    void follow_policy() {
        std::vector<std::string> policies;
        for (const Opened& one : opened_)
            if (one.envelope.payload_type == media::policy_payload) policies.push_back(*one.text);
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
                 (expired ? "holds no more" : "holds until " + policy().expires));
    }

    // --- statements --------------------------------------------------------------------------------------

    Evidence& evidence_of(const Opened& one) {
        for (Evidence& evidence : answer_.evidence)
            if (evidence.where == one.where) return evidence;
        const std::string message =
            pre_authentication_encoding(one.envelope.payload_type, one.envelope.payload);
        answer_.evidence.push_back({one.where,
                                    one.text_digest,
                                    one.payload,
                                    Digest::of(message),
                                    one.envelope.payload.size(),
                                    one.envelope.payload_type,
                                    {},
                                    {},
                                    {},
                                    {},
                                    {}});
        return answer_.evidence.back();
    }

    void count(const Vouched& vouched, const std::string& role, const std::string& outcome) {
        Evidence& evidence = evidence_of(*vouched.opened);
        evidence.predicate_type = vouched.statement.predicate_type;
        evidence.role = role;
        evidence.counted = vouched.verdict.counted;
        evidence.owners = vouched.verdict.owners;
        evidence.outcome = outcome;
    }

    // What the role has signed, and what it has signed too weakly.
    struct RoleWork {
        std::vector<Vouched> vouched;
        std::vector<std::pair<const Opened*, RoleVerdict>> weak;
    };

    // Only for envelopes that a role has signed well enough.
    const Statement* statement_of(Opened& one) {
        if (!one.was_read) {
            one.was_read = true;
            try {
                one.statement = Statement::parse(one.envelope.payload);
            } catch (const Error& error) {
                if (error.fault() != Fault::damaged) throw;
                refuse(error.code().value_or(Code::trust_statement), one.where, error.what(), error.hint());
            }
        }
        return one.statement ? &*one.statement : nullptr;
    }

    RoleWork work_of(const PolicyRole& role) {
        RoleWork work;
        for (Opened& one : opened_) {
            if (one.envelope.payload_type != media::in_toto_payload) continue;
            RoleVerdict verdict = judge_role(policy(), role, one.signatures);
            if (!verdict.met) {
                work.weak.emplace_back(&one, std::move(verdict));
            } else if (const Statement* statement = statement_of(one)) {
                work.vouched.push_back({&one, std::move(verdict), *statement});
            }
        }
        return work;
    }

    // Nothing of what is too weakly signed is believed; but if it is about this, the reason can be named.
    bool is_about(const Opened& one, std::string_view predicate_type) const {
        try {
            const Statement statement = Statement::parse(one.envelope.payload);
            if (statement.predicate_type == predicate::component)
                return statement.predicate_type == predicate_type;
            return same_predicate(statement.predicate_type, predicate_type) &&
                   statement.find(bundle()) != nullptr;
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            return false;
        }
    }

    static bool same_predicate(std::string_view found, std::string_view wanted) {
        return found == wanted || (wanted == predicate::cyclonedx && found == predicate::reference);
    }

    // Revoked keys that its signatures name, without those that are still among the role's keys: the public
    // half is gone from the policy, so nobody can tell whether they are theirs. Names are enough to explain a
    // refusal.
    std::vector<std::string> named_and_revoked(const Opened& one, const RoleVerdict& verdict) const {
        std::set<std::string> named;
        for (const EnvelopeSignature& signature : one.envelope.signatures)
            if (policy().has_revoked_key(signature.key_id)) named.insert(signature.key_id);
        for (const std::string& key : verdict.revoked)
            named.erase(key);
        return {named.begin(), named.end()};
    }

    // Why there is none: signed too weakly by known keys, or simply not there.
    void report_lack(const Requirement& requirement, const RoleWork& work,
                     const std::vector<std::string>& reasons) {
        const std::string what =
            "statement " + in_quotes(requirement.predicate) + " by role " + in_quotes(requirement.role);
        for (const auto& [one, verdict] : work.weak) {
            const std::vector<std::string> named = named_and_revoked(*one, verdict);
            const bool known = !verdict.counted.empty() || !verdict.revoked.empty() || !verdict.bad.empty();
            if (!known && named.empty()) continue;
            if (!is_about(*one, requirement.predicate)) continue;
            Evidence& evidence = evidence_of(*one);
            evidence.role = requirement.role;
            evidence.counted = verdict.counted;
            evidence.owners = verdict.owners;
            evidence.outcome = "does not count: " + verdict.why;
            refuse(verdict.code.value_or(Code::trust_threshold), one->where, what + ": " + verdict.why,
                   "let the others sign as well: sealift sign BUNDLE --signing-key KEY");
            for (const std::string& key : verdict.revoked)
                refuse(Code::trust_revoked, one->where, "key " + key + ", which signed it, is revoked",
                       "sign it again with a key that is in the policy");
            for (const std::string& key : named)
                refuse(Code::trust_revoked, one->where, "it names key " + key + ", which is revoked",
                       "sign it again with a key that is in the policy");
            for (const std::string& key : verdict.bad)
                refuse(Code::trust_signature, one->where,
                       "the signature that names key " + key + " is not by this key over these bytes",
                       "the signature or the statement was changed; take the bundle from another copy");
            return;
        }
        std::string text = "the policy requires a " + what + ", and there is none";
        for (const std::string& reason : reasons)
            text += "; " + reason;
        refuse(Code::trust_missing, "signatures", text,
               "it was left out or taken away; ask whoever released the bundle for it");
    }

    void check_requirement(const Requirement& requirement) {
        const PolicyRole* role = policy().role(requirement.role);
        if (role == nullptr) throw Error(Fault::internal, "a checked policy has no role for a requirement");
        if (requirement.predicate == predicate::component) return check_components(requirement, *role);
        const RoleWork work = work_of(*role);
        std::vector<std::string> reasons;
        bool met = false;
        bool refused = false; // why stands in the report
        for (const Vouched& vouched : work.vouched) {
            if (!same_predicate(vouched.statement.predicate_type, requirement.predicate)) continue;
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
            return mismatch(vouched.statement, requirement);
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            refuse(error.code().value_or(Code::trust_statement), vouched.opened->where, error.what(),
                   error.hint());
            return std::nullopt;
        }
    }

    // The value that a JSON pointer leads to; nullptr if there is none.
    static const Json* find_at(const Json& predicate, const std::string& pointer) {
        try {
            const Json::json_pointer at(pointer);
            return predicate.contains(at) ? &predicate.at(at) : nullptr;
        } catch (const Json::exception&) { // such as an index that no list can have
            return nullptr;
        }
    }

    // Why a statement is not the one that is required; empty if it is.
    std::string mismatch(const Statement& statement, const Requirement& requirement) const {
        const Subject* subject = statement.find(bundle());
        if (subject == nullptr) return "it is about something else than this bundle";
        if (subject->sm3 && *subject->sm3 != sm3_hex(derived_text(Derived::bundle_manifest,
                                                                  question_.document, question_.assembly)))
            return "its subject has another SM3 digest than this bundle";
        for (const auto& [pointer, allowed] : requirement.match) {
            const Json* value = find_at(*statement.predicate, pointer);
            if (value == nullptr) return "its predicate has no " + in_quotes(pointer);
            if (!value->is_string() ||
                std::find(allowed.begin(), allowed.end(), value->get<std::string>()) == allowed.end())
                return "its " + in_quotes(pointer) + " is none of those that the policy allows";
        }
        if (requirement.predicate == predicate::cyclonedx &&
            statement.predicate_type == predicate::reference) {
            const std::vector<Digest> boms = boms_of(statement);
            for (const Digest& wanted :
                 {question_.document.software_bom.digest, question_.document.hardware_bom.digest})
                if (std::find(boms.begin(), boms.end(), wanted) == boms.end())
                    return "it does not name the bill of material " + wanted.text();
        }
        return {};
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
        const ReleaseStatement release = ReleaseStatement::from(vouched.statement);
        const std::size_t before = answer_.report.findings().size();
        const std::string& where = vouched.opened->where;
        const std::string problem = difference(release, question_.document, question_.assembly);
        if (!problem.empty())
            refuse(Code::trust_statement, where, problem, "this signature belongs to another bundle");
        if (!role.releases(release.product)) {
            refuse(Code::trust_product, where,
                   "role " + in_quotes(role.name) + " may release " + list_of(role.products) + ", and not " +
                       in_quotes(release.product),
                   "this bundle is meant for somebody else");
        }
        const ReleaseTerms& terms = release.terms;
        if (terms.expires && *terms.expires <= answer_.now)
            refuse(Code::trust_expired, where, "the release ended at " + *terms.expires, "get a newer one");
        if (terms.policy_min_version > policy().version) {
            refuse(Code::trust_policy_old, where,
                   "it wants version " + std::to_string(terms.policy_min_version) +
                       " of the trust policy, known is " + std::to_string(policy().version),
                   "sealift-runtime trust update POLICY");
        }
        const auto& digests = policy().digests;
        if (std::find(digests.begin(), digests.end(), "sm3") != digests.end() && !release.bundle_sm3)
            refuse(Code::trust_statement, where, "the policy wants the bundle's SM3 digest, it has none",
                   "sealift sign BUNDLE --sm3");
        if (answer_.report.findings().size() != before) return false;
        if (!answer_.release || answer_.release->terms.security_epoch > terms.security_epoch)
            answer_.release = release; // of several the one that claims least
        for (const std::string& key : vouched.verdict.counted)
            answer_.signers.push_back(key);
        std::sort(answer_.signers.begin(), answer_.signers.end());
        answer_.signers.erase(std::unique(answer_.signers.begin(), answer_.signers.end()),
                              answer_.signers.end());
        return true;
    }

    // What the set names and this bundle has must be the same.
    bool accept_set(const Vouched& vouched) {
        const ReleaseSet set = ReleaseSet::from(vouched.statement);
        const std::string& where = vouched.opened->where;
        const ReleaseSetMember* own = set.find(subject_name());
        bool good = own != nullptr && own->digest == bundle();
        if (!good)
            refuse(Code::trust_set, where,
                   "the set " + in_quotes(set.set) + " does not name " + in_quotes(subject_name()));
        for (const BundleFile& file : question_.document.files) {
            const ReleaseSetMember* member = set.find(file.path.text());
            if (member == nullptr || member->digest == file.digest) continue;
            good = false;
            refuse(Code::trust_set, where,
                   "the set " + in_quotes(set.set) + " names " + member->digest.text() + " for " +
                       in_quotes(member->name) + ", the bundle has " + file.digest.text(),
                   "parts of two releases were mixed");
        }
        return good;
    }

    // Every file that the role vouches for has to be named by somebody of the role.
    void check_components(const Requirement& requirement, const PolicyRole& role) {
        if (role.files.empty()) {
            refuse(Code::trust_scope, "policy",
                   "role " + in_quotes(role.name) + " has to vouch for files, and the policy names none");
            return step(requirement.predicate, false, "the policy does not say which files");
        }
        const RoleWork work = work_of(role);
        std::set<Role> roles_of_model;
        std::set<std::pair<Role, Digest>> covered; // by this role: each vouches for itself
        for (const Vouched& vouched : work.vouched) {
            if (vouched.statement.predicate_type != predicate::component) continue;
            try {
                const ComponentStatement statement = ComponentStatement::from(vouched.statement);
                if (std::find(role.files.begin(), role.files.end(), statement.role) == role.files.end()) {
                    count(vouched, "",
                          "ignored: role " + role.name + " may not vouch for files with the role " +
                              std::string(name_of(statement.role)));
                    continue;
                }
                count(vouched, role.name, "counts for role " + role.name);
                for (const Subject& subject : statement.subjects) {
                    if (subject.digest == question_.document.model_manifest.digest &&
                        is_of_the_model(statement.role))
                        roles_of_model.insert(statement.role);
                    covered.insert({statement.role, subject.digest});
                }
            } catch (const Error& error) {
                if (error.fault() != Fault::damaged) throw;
                refuse(error.code().value_or(Code::trust_statement), vouched.opened->where, error.what());
            }
        }
        std::size_t lacking = 0;
        std::string first;
        for (const BundleFile& file : question_.document.files) {
            if (std::find(role.files.begin(), role.files.end(), file.role) == role.files.end()) continue;
            if (roles_of_model.count(file.role) > 0 || covered.count({file.role, file.digest}) > 0) continue;
            if (lacking++ == 0) first = file.path.text();
        }
        if (lacking > 0) {
            bool weak = false;
            for (const auto& [one, verdict] : work.weak) {
                const bool known = !verdict.counted.empty() || !verdict.revoked.empty();
                if (!known || !is_about(*one, requirement.predicate)) continue;
                weak = true;
                refuse(verdict.code.value_or(Code::trust_threshold), one->where,
                       "component statement by role " + in_quotes(role.name) + ": " + verdict.why);
            }
            refuse(Code::trust_scope, first,
                   std::to_string(lacking) + (lacking == 1 ? " file" : " files") + " that role " +
                       in_quotes(role.name) + " has to vouch for " + (lacking == 1 ? "is" : "are") +
                       " named by no statement of that role" + (weak ? " that counts" : ""),
                   "sealift sign BUNDLE --as ROLE --signing-key KEY");
        }
        step(requirement.predicate, lacking == 0,
             lacking == 0 ? "role " + in_quotes(role.name) + " vouches for its files"
                          : std::to_string(lacking) + " files have nobody who vouches for them");
    }

    // Envelopes that no requirement asked for still are evidence.
    void note_the_rest() {
        for (const Opened& one : opened_) {
            Evidence& evidence = evidence_of(one);
            if (!evidence.outcome.empty()) continue;
            evidence.outcome = one.envelope.payload_type == media::policy_payload
                                   ? "part of the policy chain"
                                   : "not asked for by the policy";
        }
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
        for (const Vouched& vouched : work_of(*roles.front()).vouched) {
            if (vouched.statement.predicate_type != predicate::rollback_permit) continue;
            if (vouched.statement.find(bundle()) == nullptr) continue;
            const bool all = std::all_of(roles.begin(), roles.end(), [&](const PolicyRole* role) {
                return judge_role(policy(), *role, vouched.opened->signatures).met;
            });
            if (!all) continue;
            try {
                found.push_back(
                    {RollbackPermit::parse(*vouched.statement.predicate), vouched.opened->payload});
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
    std::vector<Opened> opened_;
};

} // namespace

TrustAnswer judge_bundle(const TrustQuestion& question) {
    return Judge(question).judge();
}

std::string difference(const ReleaseStatement& statement, const BundleDocument& document,
                       const Assembly& assembly) {
    const auto differs = [](const std::string& what, const std::string& found, const std::string& wanted) {
        return "it is about " + what + " " + in_quotes(found) + ", this bundle is " + in_quotes(wanted);
    };
    if (statement.bundle != assembly.bundle_digest())
        return differs("bundle", statement.bundle.text(), assembly.bundle_digest().text());
    if (statement.bundle_sm3) {
        const std::string sm3 = sm3_hex(derived_text(Derived::bundle_manifest, document, assembly));
        if (*statement.bundle_sm3 != sm3) return differs("bundle sm3", *statement.bundle_sm3, sm3);
    }
    if (statement.product != document.name) return differs("product", statement.product, document.name);
    if (statement.version != document.version) return differs("version", statement.version, document.version);
    if (statement.release_counter != document.release_counter) {
        return differs("release", std::to_string(statement.release_counter),
                       std::to_string(document.release_counter));
    }
    if (statement.profile_id != document.profile_id)
        return differs("profile", statement.profile_id, document.profile_id);
    if (statement.profile != document.profile.digest)
        return differs("profile digest", statement.profile.text(), document.profile.digest.text());
    return {};
}

} // namespace manifests
