#pragma once
// The options that say what is signed: the same for sign and sign prepare.

#include <string>
#include <vector>

#include "packager/claims.hpp"
#include "packager/permit_claim.hpp"
#include "packager/release_options.hpp"

namespace CLI {
class App;
}

namespace packager {

struct ClaimOptions {
    std::string as = "release";
    std::string predicate_type;
    std::string predicate;   ///< path
    std::string release_set; ///< path
    PermitOptions permit;
    ReleaseOptions release;
};

void add_claim_options(CLI::App& command, ClaimOptions& options);

/// @throws Error  Fault::usage for options that do not go together; as claims()
std::vector<Claim> claims_about(const runtime::Bundle& bundle, const ClaimOptions& options);

} // namespace packager
