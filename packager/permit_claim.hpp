#pragma once
// A rollback permit as a claim: those who may release allow named sites to go back to this bundle.

#include <cstdint>
#include <string>
#include <vector>

#include "packager/claims.hpp"

namespace packager {

struct PermitOptions {
    std::uint64_t from_counter = 0; ///< what the sites have now
    std::vector<std::string> sites;
    std::string expires; ///< a date, or a time as RFC 3339
    std::string reason;
};

/// @throws Error  Fault::usage for a permit that would be refused
std::vector<Claim> claims(const runtime::Bundle& bundle, const PermitOptions& permit);

} // namespace packager
