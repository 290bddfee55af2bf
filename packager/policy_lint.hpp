#pragma once
// Advice about trust policies that keep every rule and can still hurt whoever signs them.

#include <string>
#include <string_view>

#include "manifests/finding.hpp"
#include "manifests/trust_policy.hpp"

namespace packager {

/// Notes, in the order of the policy; a policy that nobody can fulfil any more is a refusal.
/// @param now  as in manifests/time_text.hpp
manifests::Report lint_policy(const manifests::TrustPolicy& policy, std::string_view now);

} // namespace packager
