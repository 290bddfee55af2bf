#pragma once
// Whether a release may stand where another one stood: the whole rule, pure, so that one table tests it.
//
// Counters say which release is newer; security epochs say which of them still have holes that were closed
// since. Three answers to "older than what was here", from weak to strong:
// - a rollback permit (release keys) lets one site go back to one bundle, once. It never goes below a
// security
//   epoch that the site has had, nor below a floor: whoever signs it sees neither of them in it;
// - a policy with a higher counter_epoch (root keys) forgets counters *and* security epochs of the site. It
// is
//   for the day when stolen release keys have signed a release with the highest counter or epoch there is,
//   after which nothing newer could ever be installed. What must stay closed stands in that policy's floors;
// - floors (root keys) nothing goes below, ever.

#include <cstdint>
#include <optional>
#include <string>

#include "manifests/digest.hpp"
#include "manifests/finding.hpp"
#include "manifests/rollback_permit.hpp"
#include "manifests/site_state.hpp"

namespace manifests {

/// What a release whose signatures were good says of itself.
struct ReleaseClaim {
    std::string product;
    std::uint64_t release_counter = 0;
    std::uint64_t security_epoch = 0;
    Digest bundle;
};

/// What the policy in force says.
struct RollbackRules {
    struct Floor {
        std::uint64_t release_counter = 0;
        std::uint64_t security_epoch = 0;
    };
    Floor floor; ///< for this product; zeros where it names none
    std::uint64_t counter_epoch = 0;
};

/// A permit whose signatures were good.
struct GivenPermit {
    RollbackPermit permit;
    Digest payload; ///< of its DSSE payload; what SiteState::permits_used records
};

struct RollbackAnswer {
    std::optional<Finding> refusal; ///< Code::trust_rollback; trust_permit if a permit was given and fails
    bool uses_permit = false;       ///< only the permit made the answer a yes: it has to be recorded
};

/// @param state  the newest one of this site; nullptr where none is kept, and then only floors count
/// @param permit  may be given though it is not needed; it is not used up then
/// @param now  the later of clock and time floor
RollbackAnswer check_rollback(const ReleaseClaim& release, const RollbackRules& rules, const SiteState* state,
                              const std::optional<GivenPermit>& permit, const std::string& now);

} // namespace manifests
