#pragma once
// What somebody who signs says about a bundle that exists: one payload each, made from the bundle itself, so
// that nobody signs a product or a counter that the bundle does not have. Putting a signature on one is
// joining: it goes onto the envelope with that very payload, or makes one.

#include <optional>
#include <string>
#include <vector>

#include "manifests/release.hpp"
#include "manifests/release_set.hpp"
#include "packager/signer.hpp"
#include "runtime/bundle.hpp"

namespace packager {

struct Claim {
    std::string payload_type;
    std::string payload;
};

/// "this is product P, version V". If the bundle carries a release statement, it is that one.
struct ReleaseClaim {
    std::optional<manifests::ReleaseTerms> terms; ///< absent: those of the statement in the bundle, or none
    bool with_sm3 = false;
};
/// The provenance and the BOM statement that the bundle carries, once more.
struct BuilderClaim {};
/// "these files are mine"
struct ComponentClaim {
    manifests::Role role;
};
/// Anything about the bundle that another tool has said: a test result, a scan.
struct PredicateClaim {
    std::string predicate_type;
    std::string predicate; ///< JSON text, an object
};

/// @throws Error  Fault::refused if a release statement in the bundle says something else; Fault::usage
std::vector<Claim> claims(const runtime::Bundle& bundle, const ReleaseClaim& claim);
std::vector<Claim> claims(const runtime::Bundle& bundle, const BuilderClaim& claim);
std::vector<Claim> claims(const runtime::Bundle& bundle, const ComponentClaim& claim);
std::vector<Claim> claims(const runtime::Bundle& bundle, const PredicateClaim& claim);
/// @throws Error  Fault::usage if the bundle is no member
std::vector<Claim> claims(const runtime::Bundle& bundle, const manifests::ReleaseSet& set);

/// Signs a claim. @return how many signatures its envelope has now
std::size_t join(std::vector<std::string>& envelopes, const Claim& claim, const Signer& signer);

/// Adds a signature that was made elsewhere, in place of one that names the same key.
/// @throws Error  Fault::refused, Code::trust_signature unless it is by `key` over this claim
std::size_t join(std::vector<std::string>& envelopes, const Claim& claim, const manifests::PublicKey& key,
                 const std::string& signature);

} // namespace packager
