#pragma once
// What must hold in a trust policy however it was written. Apart from trust_policy.cpp, which knows the JSON.

#include "manifests/trust_policy.hpp"

namespace manifests {

/// @throws Error  Fault::damaged
void check_policy_rules(const TrustPolicy& policy);

} // namespace manifests
