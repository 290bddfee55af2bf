#pragma once
// The statement that vouches for the bills of material of a bundle. A BOM is far larger than what a smart
// card signs, so it is named by digest (in-toto reference/v0.1) and not put into the statement. A CycloneDX
// predicate that somebody else's tool put in whole is accepted as the same claim.

#include <string>
#include <string_view>
#include <vector>

#include "manifests/provenance.hpp"
#include "manifests/statement.hpp"

namespace manifests {

struct BomStatement {
    std::string product;
    std::string version;
    Digest bundle;
    std::string attester_id; ///< a URI
    std::vector<ResourceDescriptor> boms;

    std::string encode() const;
};

/// The CycloneDX documents that a reference statement names.
/// @throws Error  Fault::damaged, Code::trust_statement if it is no such statement
std::vector<Digest> boms_of(const Statement& statement);

} // namespace manifests
