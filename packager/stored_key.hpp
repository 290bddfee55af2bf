#pragma once
// A signer whose secret is in memory and comes from, or goes to, a key file.

#include <memory>
#include <string_view>

#include "packager/secret_text.hpp"
#include "packager/signer.hpp"

namespace packager {

class StoredKey : public Signer {
public:
    static constexpr std::size_t secret_bytes = 32; ///< of every type

    /// A copy for writing a key file; nobody else needs it.
    /// @return secret_bytes of them: what RFC 8032 calls the private key, or the scalar, its most significant
    ///         byte first
    virtual SecretText secret() const = 0;
};

/// A new key from the system's random numbers.
std::unique_ptr<StoredKey> generate_key(manifests::KeyType type);

/// @param secret  as StoredKey::secret()
/// @throws Error  Fault::damaged if this is no secret of such a key
std::unique_ptr<StoredKey> stored_key_of(manifests::KeyType type, std::string_view secret);

} // namespace packager
