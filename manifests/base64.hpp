#pragma once
// Base64 (RFC 4648, 4 and 5) by libsodium.

#include <string>
#include <string_view>

namespace manifests {

std::string to_base64(std::string_view bytes);

/// Accepts only the padded standard form, the one that to_base64 writes.
/// @throws Error  Fault::damaged
std::string from_base64(std::string_view text);

/// Accepts the padded standard form and the padded URL-safe form ('-' and '_'), as DSSE asks of readers, but
/// not a mixture of both.
/// @throws Error  Fault::damaged
std::string from_either_base64(std::string_view text);

} // namespace manifests
