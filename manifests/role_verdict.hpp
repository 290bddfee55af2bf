#pragma once
// Whether a role of a trust policy has signed an envelope. Keys, their types and the algorithm come from the
// policy, never from the envelope; a key id in the envelope decides nothing.

#include <optional>
#include <string>
#include <vector>

#include "manifests/dsse.hpp"
#include "manifests/finding.hpp"
#include "manifests/trust_policy.hpp"

namespace manifests {

struct RoleVerdict {
    bool met = false;
    std::vector<std::string> counted; ///< key ids, sorted: good signatures by keys that may count
    std::vector<std::string> owners;  ///< of those keys, sorted, each once
    std::vector<std::string> bad;     ///< keys of the role that a signature names and is not by
    std::vector<std::string> revoked; ///< keys of the role that signed, but are revoked
    std::optional<Code> code; ///< unless met: trust_threshold, or trust_algorithm for a lack in a group
    std::string why;          ///< what was found and what was wanted; escaped; empty if met
};

/// Met: `threshold` distinct public keys of `distinct_owners` owners have signed, and with `all_of` each
/// group of algorithms reaches both by itself. A bad signature is skipped, so a stranger cannot spoil an
/// envelope by adding one; signatures by keys of other roles are no signatures here.
RoleVerdict judge_role(const TrustPolicy& policy, const PolicyRole& role, const Envelope& envelope);
/// The same for signatures that were checked already, with these keys of the policy at least.
RoleVerdict judge_role(const TrustPolicy& policy, const PolicyRole& role, const SignatureVerdict& signatures);

/// The keys of a role.
std::vector<PublicKey> keys_of(const TrustPolicy& policy, const PolicyRole& role);

} // namespace manifests
