#pragma once
// How a site's trust is shown to people and to scripts.

#include <string>

#include "manifests/finding.hpp"
#include "manifests/json.hpp"
#include "runtime/site_trust.hpp"

namespace runtime {

/// Everything that trust show has to say at the time `clock`; parts that cannot be read are left out, and the
/// findings beside say why.
std::string trust_text(const SiteTrust& trust, const std::string& clock);
/// {site_id, state, policy, pinned, roles, products, ...}, without schema and findings.
void add_trust_json(manifests::OrderedJson& value, const SiteTrust& trust, const std::string& clock);

/// report() and what the clock adds: the policy in force has expired, the clock is behind.
manifests::Report findings_at(const SiteTrust& trust, const std::string& clock);

/// "family-a version 8"
std::string policy_name(const manifests::SignedPolicy& policy);

} // namespace runtime
