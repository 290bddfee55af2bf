#pragma once
// An Ed25519 secret key in memory. It signs and says which public key belongs to it, nothing else.

#include <memory>
#include <string>
#include <string_view>

#include "packager/secret_text.hpp"
#include "packager/signer.hpp"

namespace packager {

/// Held in guarded memory (sodium_malloc) that the process itself cannot read between uses, wiped at the end.
/// Move-only, no text form. One thread at a time.
class SecretKey final : public Signer {
public:
    static constexpr std::size_t seed_bytes = 32;

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
    /// A copy for writing a key file; nobody else needs it.
    SecretText seed() const;

private:
    struct Free {
        void operator()(unsigned char* memory) const noexcept;
    };
    using Memory = std::unique_ptr<unsigned char, Free>;
    class Open;
    SecretKey(Memory expanded, const manifests::PublicKey& public_key);

    Memory expanded_; // seed and public key, as libsodium wants them
    manifests::PublicKey public_key_;
};

} // namespace packager
