#pragma once
// Standard base64 (RFC 4648, 4) by libsodium.

#include <string>
#include <string_view>

namespace manifests {

std::string to_base64(std::string_view bytes);

/// Accepts only the padded standard form, the one that to_base64 writes.
/// @throws Error  Fault::damaged
std::string from_base64(std::string_view text);

} // namespace manifests
