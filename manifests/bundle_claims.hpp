#pragma once
// What statements claim about a bundle, compared with the bundle. Signatures are no matter here: the caller
// has seen that those who may say it have said it.

#include <string>

#include "manifests/assembly.hpp"
#include "manifests/bundle_document.hpp"
#include "manifests/finding.hpp"
#include "manifests/release.hpp"
#include "manifests/release_set.hpp"
#include "manifests/statement.hpp"
#include "manifests/trust_policy.hpp"

namespace manifests {

struct BundleFacts {
    const BundleDocument& document;
    const Assembly& assembly;

    /// PRODUCT@VERSION, as subjects and members of sets name it.
    std::string subject_name() const { return document.name + "@" + document.version; }
    std::string sm3() const; ///< of the bundle manifest
};

/// Whether a predicate type is what a policy asks for by that name: a reference to BOMs stands for them.
bool same_predicate(std::string_view found, std::string_view wanted);

/// Why a statement is not the one that is required; empty if it is.
/// @throws Error  Fault::damaged if it cannot be read as what it says it is
std::string mismatch(const Statement& statement, const Requirement& requirement, const BundleFacts& bundle);

/// What a release statement says that its bundle does not; empty if they agree.
std::string difference(const ReleaseStatement& statement, const BundleDocument& document,
                       const Assembly& assembly);

/// Everything that speaks against a release by a role of the policy at a time.
Report check_release(const ReleaseStatement& release, const TrustPolicy& policy, const PolicyRole& role,
                     const BundleFacts& bundle, const std::string& now, const std::string& where);

/// What a set names and the bundle has must be the same.
Report check_release_set(const ReleaseSet& set, const BundleFacts& bundle, const std::string& where);

} // namespace manifests
