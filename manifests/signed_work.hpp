#pragma once
// What the roles of a trust policy have signed, among the envelopes that came with a bundle. Signatures are
// tried once, and only what a role has signed well enough is read, once, from the bytes that were signed.

#include <optional>
#include <string>
#include <vector>

#include "manifests/finding.hpp"
#include "manifests/opened_envelopes.hpp"
#include "manifests/role_verdict.hpp"
#include "manifests/statement.hpp"
#include "manifests/trust_policy.hpp"

namespace manifests {

/// Signed well enough by a role, and read.
struct Vouched {
    const OpenedEnvelope* opened;
    RoleVerdict verdict;
    const Statement* statement;
};

struct WeaklySigned {
    const OpenedEnvelope* opened;
    RoleVerdict verdict; ///< not met
};

struct RoleWork {
    std::vector<Vouched> vouched;
    std::vector<WeaklySigned> weak;
};

class SignedWork {
public:
    /// Tries every signature with every key of the policy. Envelopes of other payload types are left out.
    /// @param policy, envelopes  outlive this
    SignedWork(const TrustPolicy& policy, const std::vector<OpenedEnvelope>& envelopes);

    /// @param report  gets Code::trust_statement, once, for signed bytes that are no statement
    RoleWork of(const PolicyRole& role, Report& report);
    /// Whether each of the roles has signed it well enough.
    bool is_by_all(const std::vector<const PolicyRole*>& roles, const OpenedEnvelope& envelope) const;

private:
    struct Entry {
        const OpenedEnvelope* opened;
        SignatureVerdict signatures;
        std::optional<Statement> statement = {};
        bool was_read = false;
    };
    static const Statement* read(Entry& entry, Report& report);

    const TrustPolicy& policy_;
    std::vector<Entry> entries_;
};

/// Why a requirement is met by nothing: signed too weakly by known keys, or simply not there.
struct Lack {
    Report report;
    const WeaklySigned* weak = nullptr; ///< of `work`: what would meet it, were it signed by enough
};
/// @param reasons  why statements that the role has signed are not the one
Lack lack_of(const Requirement& requirement, const RoleWork& work, const std::vector<std::string>& reasons,
             const TrustPolicy& policy, const Digest& bundle);

/// Nothing of what is too weakly signed is believed; but if it is about this, the reason can be named.
bool claims_to_be_about(const OpenedEnvelope& envelope, std::string_view predicate_type,
                        const Digest& bundle);

} // namespace manifests
