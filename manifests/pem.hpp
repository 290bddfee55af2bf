#pragma once
// PEM text (RFC 7468), read strictly: one block, nothing around it but white space, no headers in it.

#include <cstddef>
#include <string>
#include <string_view>

namespace manifests {

/// Keys are a few hundred bytes, RSA-16384 with certificates still under this; what is larger is no key file.
inline constexpr std::size_t most_pem_bytes = std::size_t{64} * 1024;

/// What stands behind the first "-----BEGIN " up to the dashes; empty if there is none. For messages about
/// files that are something else than wanted.
std::string_view pem_label(std::string_view text);

/// The base64 lines of the only block of `text`, which must be labelled `label`; not yet decoded, so that a
/// secret need not pass through memory that is not wiped.
/// @throws Error  Fault::damaged
std::string_view pem_body(std::string_view text, std::string_view label);

/// The bytes inside the only block of `text`, which must be labelled `label`. Lines may end in LF or CR LF
/// and have any length that is a multiple of four.
/// @throws Error  Fault::damaged
std::string parse_pem(std::string_view text, std::string_view label);

/// Lines of 64 characters that end in LF, byte for byte as openssl writes it.
std::string write_pem(std::string_view bytes, std::string_view label);

} // namespace manifests
