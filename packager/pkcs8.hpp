#pragma once
// Secret keys as PEM text: PKCS#8 (RFC 5958, RFC 8410, RFC 5915), which openssl reads and writes as well.
// Encrypted ones are PBES2 with scrypt (N = 16384, r = 8, p = 1: 16 MiB and about 50 ms a guess) and
// AES-256-CBC: the strongest that every openssl since 1.1 opens without options. What is read may be
// encrypted in any way that libcrypto has on.

#include <memory>
#include <string>
#include <string_view>

#include "packager/secret_text.hpp"
#include "packager/stored_key.hpp"

namespace packager {

enum class KeyForm { encrypted, plain };

/// By the label of the PEM block.
/// @throws Error  Fault::missing if this is no PKCS#8 key; says what it is and what to do
KeyForm form_of(std::string_view pem);

/// @throws Error  Fault::missing for another key type or a damaged file, also one whose public part does not
///                belong to its secret
std::unique_ptr<StoredKey> read_plain_key(std::string_view pem);
/// @throws Error  Fault::missing, also for a wrong passphrase
std::unique_ptr<StoredKey> read_encrypted_key(std::string_view pem, const SecretText& passphrase);

/// Byte for byte what openssl writes.
SecretText write_plain_key(const StoredKey& key);
std::string write_encrypted_key(const StoredKey& key, const SecretText& passphrase);

} // namespace packager
