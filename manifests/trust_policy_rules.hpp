#pragma once
// What must hold in a trust policy however it was written. Apart from trust_policy.cpp, which knows the JSON.

#include <string_view>

#include "manifests/trust_policy.hpp"

namespace manifests {

/// @throws Error  Fault::damaged
void check_policy_rules(const TrustPolicy& policy);

/// Whether keys of this type can be in a policy.
bool is_policy_key_type(std::string_view name);

} // namespace manifests
