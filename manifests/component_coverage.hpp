#pragma once
// Which files of a bundle those have vouched for who vouch for files and not for the bundle.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/component.hpp"

namespace manifests {

class ComponentCoverage {
public:
    /// @param roles  of files, that the role of the policy may vouch for
    ComponentCoverage(const BundleDocument& document, const std::vector<Role>& roles)
        : document_(document), roles_(roles) {}

    /// @return false if the statement is for files that this role may not vouch for
    bool add(const ComponentStatement& statement);
    /// Files of those roles that no statement has named as what they are.
    std::vector<const BundleFile*> lacking() const;

private:
    bool may_vouch_for(Role role) const;

    const BundleDocument& document_;
    const std::vector<Role>& roles_;
    std::set<Role> of_the_model_; // vouched for by the digest of the model manifest
    std::set<std::pair<Role, Digest>> files_;
};

} // namespace manifests
