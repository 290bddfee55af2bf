#pragma once
// A key ceremony without consequences, before the day on which the key holders meet.

#include <cstddef>
#include <string>
#include <vector>

#include "packager/ceremony.hpp"

namespace packager {

/// Prepares for so many new keys, signs the prepared bytes with them, reads the signatures back, and joins
/// them to the bundle's statements, all by the very functions of the real thing, but the bundle is not
/// written and the secret keys leave neither memory nor this call. The folder keeps what was prepared and
/// signed, to be looked at.
/// @throws Error  as prepare_signing(), read_returned() and attach()
std::vector<PreparedMessage> rehearse(const runtime::Bundle& bundle, const std::vector<Claim>& claims,
                                      std::size_t keys, const std::string& folder);

} // namespace packager
