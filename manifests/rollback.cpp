#include "manifests/rollback.hpp"

#include <algorithm>

#include "manifests/text.hpp"

namespace manifests {
namespace {

using Floor = RollbackRules::Floor;

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

RollbackAnswer refuse(const ReleaseClaim& release, std::string text, std::string hint) {
    return {Finding{Code::trust_rollback, release.product, std::move(text), std::move(hint)}, false};
}

// Empty: the permit covers this step.
std::string why_not(const GivenPermit& given, const ReleaseClaim& release, const ProductRecord& stored,
                    const SiteState& state, const std::string& now) {
    const RollbackPermit& permit = given.permit;
    if (permit.product != release.product) return "it is for the product " + in_quotes(permit.product);
    if (permit.to != release.bundle)
        return "it lets the site go back to " + permit.to.text() + ", this is " + release.bundle.text();
    if (!std::binary_search(permit.sites.begin(), permit.sites.end(), state.site_id))
        return "it does not name this site, " + in_quotes(state.site_id);
    if (permit.from_counter != stored.release_counter)
        return "it is for a site that has release " + number(permit.from_counter) + ", this one has " +
               number(stored.release_counter);
    if (now >= permit.expires) return "it ended at " + permit.expires + ", now it is " + in_quotes(now);
    if (std::binary_search(state.permits_used.begin(), state.permits_used.end(), given.payload))
        return "this site has used it already; each is good once";
    return {};
}

RollbackAnswer ask_permit(const ReleaseClaim& release, const ProductRecord& stored, const SiteState& state,
                          const std::optional<GivenPermit>& given, const std::string& now) {
    const std::string older = "release " + number(release.release_counter) + " is older than release " +
                              number(stored.release_counter) + ", which this site has had";
    const std::string hint = "install a newer release, or ask those who may release for a rollback permit "
                             "from " +
                             number(stored.release_counter) + " to " + release.bundle.text() + " for site " +
                             state.site_id;
    if (!given) return refuse(release, older, hint);
    const std::string problem = why_not(*given, release, stored, state, now);
    if (problem.empty()) return {std::nullopt, true};
    return {
        Finding{Code::trust_permit, release.product, older + "; the permit does not help: " + problem, hint},
        false};
}

std::optional<std::string> below(const ReleaseClaim& release, const Floor& floor) {
    if (release.security_epoch < floor.security_epoch)
        return "security epoch " + number(release.security_epoch) + " is below the policy's floor of " +
               number(floor.security_epoch);
    if (release.release_counter < floor.release_counter)
        return "release " + number(release.release_counter) + " is below the policy's floor of " +
               number(floor.release_counter);
    return std::nullopt;
}

RollbackAnswer compare(const ReleaseClaim& release, const ProductRecord& stored, const SiteState& state,
                       const std::optional<GivenPermit>& permit, const std::string& now) {
    if (release.security_epoch < stored.security_epoch)
        return refuse(release,
                      "security epoch " + number(release.security_epoch) + " is below " +
                          number(stored.security_epoch) + ", which this site has had",
                      "install a release that has the fixes; no permit goes below a security epoch");
    if (release.release_counter > stored.release_counter) return {};
    if (release.release_counter < stored.release_counter)
        return ask_permit(release, stored, state, permit, now);
    if (release.bundle == stored.bundle) return {};
    return refuse(release,
                  "release " + number(release.release_counter) + " was " + stored.bundle.text() +
                      " here before, this is " + release.bundle.text(),
                  "two bundles with one counter: ask those who released them; the right one needs a higher "
                  "counter");
}

} // namespace

RollbackAnswer check_rollback(const ReleaseClaim& release, const RollbackRules& rules, const SiteState* state,
                              const std::optional<GivenPermit>& permit, const std::string& now) {
    if (const auto problem = below(release, rules.floor))
        return refuse(release, *problem, "install a newer release; no permit goes below a policy's floor");
    if (state == nullptr) return {};
    if (rules.counter_epoch < state->counter_epoch)
        return refuse(release,
                      "counter_epoch " + number(rules.counter_epoch) + " of the policy is below " +
                          number(state->counter_epoch) + ", which this site has had",
                      "use the newest policy");
    if (rules.counter_epoch > state->counter_epoch) return {};
    const auto stored = state->products.find(release.product);
    if (stored == state->products.end()) return {};
    return compare(release, stored->second, *state, permit, now);
}

} // namespace manifests
