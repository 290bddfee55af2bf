#include "packager/permit_claim.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/rollback_permit.hpp"
#include "packager/release_options.hpp"

namespace packager {

std::vector<Claim> claims(const runtime::Bundle& bundle, const PermitOptions& options) {
    const auto& document = bundle.document();
    manifests::RollbackPermit permit{document.name,
                                     options.from_counter,
                                     bundle.digest(),
                                     options.sites,
                                     end_time("--permit-expires", options.expires),
                                     options.reason};
    std::sort(permit.sites.begin(), permit.sites.end());
    permit.sites.erase(std::unique(permit.sites.begin(), permit.sites.end()), permit.sites.end());
    try {
        return {{std::string(manifests::media::in_toto_payload),
                 manifests::encode_statement(
                     {{document.name + "@" + document.version, bundle.digest(), std::nullopt}},
                     manifests::predicate::rollback_permit, permit.encode())}};
    } catch (manifests::Error& error) {
        if (error.fault() == manifests::Fault::damaged) error.as(manifests::Fault::usage);
        throw;
    }
}

} // namespace packager
