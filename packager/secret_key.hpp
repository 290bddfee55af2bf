#pragma once
// An Ed25519 secret key in memory. It signs and says which public key belongs to it, nothing else.

#include <string>
#include <string_view>

#include "packager/guarded_secret.hpp"
#include "packager/stored_key.hpp"

namespace packager {

/// Move-only, no text form. One thread at a time.
class SecretKey final : public StoredKey {
public:
    static constexpr std::size_t seed_bytes = secret_bytes;

    /// A new key from the system's random numbers.
    static SecretKey generate();
    /// @param seed  the 32 bytes that RFC 8032 calls the private key
    /// @throws Error  Fault::damaged for any other length
    static SecretKey from_seed(std::string_view seed);

    SecretKey(SecretKey&&) noexcept = default;
    SecretKey& operator=(SecretKey&&) noexcept = default;

    manifests::PublicKey public_key() const override { return public_key_; }
    /// 64 bytes of pure Ed25519, the same for the same message.
    std::string sign(std::string_view message) const override;
    SecretText secret() const override; ///< the seed

private:
    SecretKey(const SecretText& expanded, const manifests::PublicKey& public_key);

    GuardedSecret expanded_; // seed and public key, as libsodium wants them
    manifests::PublicKey public_key_;
};

} // namespace packager
