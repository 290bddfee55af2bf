#include "manifests/policy_chain.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/role_verdict.hpp"
#include "manifests/text.hpp"
#include "manifests/time_text.hpp"

namespace manifests {
namespace {

// Read, but not yet believed.
struct Candidate {
    SignedPolicy stated;
    Envelope envelope;
};

Candidate read_candidate(std::string text) {
    Envelope envelope = Envelope::parse(text);
    if (envelope.payload_type != media::policy_payload)
        throw Error(Fault::damaged, Code::trust_policy,
                    "the payload type is " + in_quotes(envelope.payload_type) + ", wanted " +
                        in_quotes(media::policy_payload));
    TrustPolicy policy = TrustPolicy::parse(envelope.payload);
    const Digest digest = Digest::of(envelope.payload);
    return {{std::move(policy), digest, std::move(text)}, std::move(envelope)};
}

RoleVerdict judge_root(const TrustPolicy& policy, const Envelope& envelope) {
    return judge_role(policy, *policy.role(root_role), envelope); // parse() has seen that there is one
}

std::string title_of(const TrustPolicy& policy) {
    return policy.policy_id + " version " + std::to_string(policy.version);
}

Finding not_following(const Candidate& candidate, std::string text) {
    return {Code::trust_policy_chain, title_of(candidate.stated.policy), std::move(text),
            "ask whoever issues the policy for the whole chain of versions"};
}

class Follower {
public:
    Follower(const SignedPolicy& pinned, const std::vector<std::string>& envelopes)
        : result_{pinned, {}, {}} {
        known_.emplace(pinned.policy.version, pinned.digest);
        read(envelopes);
    }

    ChainResult follow() {
        learn_ancestors();
        while (step()) {
        }
        report_rest();
        return std::move(result_);
    }

private:
    void read(const std::vector<std::string>& envelopes) {
        if (envelopes.size() > most_chain_envelopes) {
            result_.report.add({Code::trust_policy_chain, "policy chain",
                                "there are " + std::to_string(envelopes.size()) + " policies, at most " +
                                    std::to_string(most_chain_envelopes) + " are allowed",
                                ""});
            return;
        }
        for (const std::string& text : envelopes) {
            try {
                candidates_.push_back(read_candidate(text));
            } catch (const Error& problem) {
                if (problem.fault() != Fault::damaged) throw;
                result_.report.add(
                    {problem.code().value_or(Code::trust_policy), "policy chain", problem.what(), ""});
            }
        }
        // Neither the order of files nor that of lines may decide anything.
        std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
            return std::tie(a.stated.policy.version, a.stated.digest, a.stated.envelope) <
                   std::tie(b.stated.policy.version, b.stated.digest, b.stated.envelope);
        });
    }

    // What the pinned policy names as its predecessor, and that one as its own, is as good as pinned.
    void learn_ancestors() {
        std::optional<PolicyReference> previous = result_.newest.policy.previous;
        while (previous) {
            known_.emplace(previous->version, previous->digest);
            const auto found =
                std::find_if(candidates_.begin(), candidates_.end(), [&](const Candidate& candidate) {
                    return candidate.stated.digest == previous->digest;
                });
            if (found == candidates_.end() || found->stated.policy.version != previous->version) return;
            previous = found->stated.policy.previous;
        }
    }

    // One version on, if there is exactly one way.
    bool step() {
        const TrustPolicy& newest = result_.newest.policy;
        const Candidate* next = nullptr;
        Report refused;
        for (const Candidate& candidate : candidates_) {
            if (candidate.stated.policy.version != newest.version + 1 || !is_of_family(candidate)) continue;
            if (next != nullptr && next->stated.digest == candidate.stated.digest) continue; // a copy
            if (const std::optional<Finding> problem = problem_of(candidate)) {
                refused.add(*problem);
            } else if (next != nullptr) {
                result_.report.add(not_following(
                    candidate, "fork: two policies of this version are signed, " +
                                   next->stated.digest.text() + " and " + candidate.stated.digest.text()));
                return false;
            } else {
                next = &candidate;
            }
        }
        if (next == nullptr) {
            result_.report.merge(std::move(refused));
            return false;
        }
        accept(next->stated);
        return true;
    }

    void accept(const SignedPolicy& policy) {
        known_.emplace(policy.policy.version, policy.digest);
        result_.steps.push_back(policy);
        result_.newest = policy;
    }

    // A bundle may carry the chains of several families; that of a stranger counts only if it claims to
    // follow from ours.
    bool is_of_family(const Candidate& candidate) const {
        const TrustPolicy& policy = candidate.stated.policy;
        return policy.policy_id == result_.newest.policy.policy_id ||
               (policy.previous && policy.previous->digest == result_.newest.digest);
    }

    std::optional<Finding> problem_of(const Candidate& candidate) const {
        const TrustPolicy& newest = result_.newest.policy;
        const TrustPolicy& policy = candidate.stated.policy;
        if (policy.previous->digest != result_.newest.digest) // from version 2 on there is one
            return not_following(candidate, "prev is " + policy.previous->digest.text() + ", but version " +
                                                std::to_string(newest.version) + " is " +
                                                result_.newest.digest.text());
        if (policy.policy_id != newest.policy_id)
            return not_following(candidate, "policy_id is " + in_quotes(policy.policy_id) + ", wanted " +
                                                in_quotes(newest.policy_id));
        if (policy.counter_epoch < newest.counter_epoch)
            return not_following(candidate, "counter_epoch is " + std::to_string(policy.counter_epoch) +
                                                ", but was " + std::to_string(newest.counter_epoch));
        // The pinned side first: its keys are few, and a stranger's policy gets no work out of us.
        if (std::optional<Finding> problem = unsigned_by(newest, candidate)) return problem;
        return unsigned_by(policy, candidate);
    }

    static std::optional<Finding> unsigned_by(const TrustPolicy& policy, const Candidate& candidate) {
        const RoleVerdict verdict = judge_root(policy, candidate.envelope);
        if (verdict.met) return std::nullopt;
        return Finding{*verdict.code, title_of(candidate.stated.policy),
                       "of version " + std::to_string(policy.version) + ", " + verdict.why,
                       "both the old and the new root keys have to sign; see `sealift policy sign`"};
    }

    void report_rest() {
        const TrustPolicy& newest = result_.newest.policy;
        for (const Candidate& candidate : candidates_) {
            const TrustPolicy& policy = candidate.stated.policy;
            if (policy.policy_id != newest.policy_id) continue;
            const auto known = known_.find(policy.version);
            if (known != known_.end() && known->second != candidate.stated.digest) {
                result_.report.add(
                    not_following(candidate, "fork: this one is " + candidate.stated.digest.text() +
                                                 ", but the one known is " + known->second.text()));
            } else if (policy.version > newest.version + 1) {
                result_.report.add(not_following(candidate, "version " + std::to_string(newest.version + 1) +
                                                                " is not there or not accepted, and no " +
                                                                "version may be skipped"));
            }
        }
    }

    ChainResult result_;
    std::vector<Candidate> candidates_;
    std::map<std::uint64_t, Digest> known_; // digests by version
};

} // namespace

SignedPolicy SignedPolicy::read(std::string envelope_text) {
    Candidate candidate = read_candidate(std::move(envelope_text));
    const RoleVerdict verdict = judge_root(candidate.stated.policy, candidate.envelope);
    if (!verdict.met) throw Error(Fault::damaged, *verdict.code, "trust policy: " + verdict.why);
    return std::move(candidate.stated);
}

ChainResult follow_chain(const SignedPolicy& pinned, const std::vector<std::string>& envelopes) {
    return Follower(pinned, envelopes).follow();
}

std::string end_of(const TrustPolicy& policy) {
    if (!policy.max_offline_days) return policy.expires;
    return std::min(policy.expires, days_after(policy.issued, *policy.max_offline_days));
}

std::optional<Finding> expiry_of(const TrustPolicy& policy, std::string_view now) {
    constexpr std::string_view hint = "bring a newer policy; `sealift policy rotate` makes one";
    check_time("now", now);
    if (now >= policy.expires)
        return Finding{Code::trust_policy_expired, title_of(policy),
                       "expired " + policy.expires + ", and it is " + std::string(now), std::string(hint)};
    if (now >= end_of(policy))
        return Finding{Code::trust_policy_expired, title_of(policy),
                       "issued " + policy.issued + ", and it is " + std::string(now) +
                           "; a site may go without a newer one for " +
                           std::to_string(*policy.max_offline_days) + " days",
                       std::string(hint)};
    return std::nullopt;
}

} // namespace manifests
