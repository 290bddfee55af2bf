#pragma once
// What a site will have had from now on: the release that is about to stand or to run there. Written before
// it does, so that a site never has what it does not remember, and nobody can put an older release behind it.

#include <cstdint>

#include "runtime/site.hpp"
#include "runtime/trust.hpp"

namespace runtime {

/// Writes the release into the memory of the pinned site, and the policies that led to it; its permit, if it
/// came by one, is used up then. Nothing is written for a basis without a site, nor when all of it stands
/// there already. To be called when everything is proven and before the generation gets its name or the
/// engine starts.
/// @param generation  the number that the release gets; 0 when it runs straight out of a bundle
/// @throws Error  as SiteTrust::accept_policies and SiteTrust::record_install
void remember(const TrustedBundle& trusted, const TrustBasis& basis, const Site& site,
              std::uint64_t generation);

} // namespace runtime
