#pragma once
// Trust policies for people and for scripts.

#include <string>
#include <vector>

#include "manifests/finding.hpp"
#include "manifests/json.hpp"
#include "packager/policy_file.hpp"
#include "packager/policy_signing.hpp"

namespace packager {

/// Head, roles with their keys, requirements and limits; for a signed one who of root has signed.
std::string policy_table(const PolicyText& text);

/// The chain in one line for each version.
std::string chain_table(const std::vector<PolicyText>& texts);

/// "root of version 2: met", or what it still needs.
std::string side_line(const RootSide& side);

/// {kind, policy_id, version, digest, fingerprint, policy, root}; `root` is null for a draft.
manifests::OrderedJson policy_json(const PolicyText& text);
manifests::OrderedJson side_json(const RootSide& side);

/// A digest as 8 groups of 8 digits, for typing at a site.
std::string in_groups(const manifests::Digest& digest);

} // namespace packager
