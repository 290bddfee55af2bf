#include "manifests/component_coverage.hpp"

#include <algorithm>

namespace manifests {
namespace {

bool is_of_the_model(Role role) {
    return role == Role::weights || role == Role::model_config || role == Role::doc;
}

} // namespace

bool ComponentCoverage::may_vouch_for(Role role) const {
    return std::find(roles_.begin(), roles_.end(), role) != roles_.end();
}

bool ComponentCoverage::add(const ComponentStatement& statement) {
    if (!may_vouch_for(statement.role)) return false;
    for (const Subject& subject : statement.subjects) {
        if (subject.digest == document_.model_manifest.digest && is_of_the_model(statement.role))
            of_the_model_.insert(statement.role);
        files_.insert({statement.role, subject.digest});
    }
    return true;
}

std::vector<const BundleFile*> ComponentCoverage::lacking() const {
    std::vector<const BundleFile*> files;
    for (const BundleFile& file : document_.files) {
        const bool covered = of_the_model_.count(file.role) > 0 || files_.count({file.role, file.digest}) > 0;
        if (may_vouch_for(file.role) && !covered) files.push_back(&file);
    }
    return files;
}

} // namespace manifests
