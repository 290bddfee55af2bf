#pragma once
// How a site that has pinned one trust policy gets to a newer one: step by step, each version signed by the
// root keys of the one before it and by its own, as TUF has it. The chain travels in bundles; nothing in it
// has to be fetched.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/finding.hpp"
#include "manifests/trust_policy.hpp"

namespace manifests {

/// A policy whose own root keys have signed it. That alone is no reason to trust it: anybody can make one. It
/// is trusted when its digest was typed in by a person or when it follows from one that is trusted.
struct SignedPolicy {
    TrustPolicy policy;
    Digest digest;        ///< of the payload's bytes
    std::string envelope; ///< the text it came in

    /// @throws Error  Fault::damaged; Code::trust_envelope, Code::trust_policy (also for another payload
    ///                type), Code::trust_threshold or Code::trust_algorithm when its root role is not met
    static SignedPolicy read(std::string envelope_text);
};

struct ChainResult {
    SignedPolicy newest;             ///< `pinned` if nothing followed
    std::vector<SignedPolicy> steps; ///< what was accepted, in rising versions, without `pinned`
    Report report;                   ///< unless it passed(), nothing of this may be stored
};

/// More versions than this are no chain but an attack. A yearly rotation takes centuries to get there.
inline constexpr std::size_t most_chain_envelopes = 256;

/// Follows from `pinned` to the newest version that can be reached. Accepts N+1 only if it names N's version
/// and digest as `prev`, has the same policy_id and no lower counter_epoch, and both the root role of N and
/// its own are met (a key in both counts on both sides). Steps may have expired long ago; see expiry_of() for
/// the last. Policies that are older, equal to a known one or of another policy_id are passed over.
/// Findings: a gap, a fork (another payload with the version of a known policy, also of one that `pinned`
/// descends from), a step that is not signed well enough, and everything that is no policy at all.
/// @param envelopes  texts with the payload type of a policy, in any order; others are findings
ChainResult follow_chain(const SignedPolicy& pinned, const std::vector<std::string>& envelopes);

/// The first second in which the policy holds no more: `expires`, or sooner by max_offline_days.
std::string end_of(const TrustPolicy& policy);

/// The finding if the policy holds no more at `now`: `expires` has come, or max_offline_days have passed
/// since `issued`. The caller's clock is its own matter.
/// @param now  as in time_text.hpp
std::optional<Finding> expiry_of(const TrustPolicy& policy, std::string_view now);

} // namespace manifests
