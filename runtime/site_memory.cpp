#include "runtime/site_memory.hpp"

#include "manifests/error.hpp"

namespace runtime {
namespace {

using manifests::InstalledRelease;
using manifests::SiteState;

bool stands_there(const SiteState& state, const InstalledRelease& release) {
    const auto known = state.products.find(release.product);
    return known != state.products.end() && known->second == release.record &&
           release.generation <= state.generation && !release.permit;
}

} // namespace

void remember(const TrustedBundle& trusted, const TrustBasis& basis, const Site& site,
              std::uint64_t generation) {
    if (!basis.site || trusted.answer() == nullptr) return;
    const manifests::TrustAnswer& answer = *trusted.answer();
    auto memory = SiteTrust::open(site);
    if (!memory)
        throw manifests::Error(manifests::Fault::refused, manifests::Code::trust_state,
                               "the pinned policy has gone meanwhile");
    memory->accept_policies({answer.policy, answer.steps, {}}, basis.clock);
    const InstalledRelease release = record_of(answer, generation);
    if (stands_there(memory->state(), release)) return; // a state for each change, and this is none
    memory->record_install(release, answer.release.value().issued, basis.clock);
}

} // namespace runtime
