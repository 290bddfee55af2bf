#pragma once
// A P-256 or SM2 secret key in memory.
//
// At rest its scalar is in libsodium's guarded memory, which is closed between uses. To sign, libcrypto needs
// a copy of its own: that lives in libcrypto's secure heap (locked where the system allows, no core dumps,
// wiped when freed), from the start of one sign() to its end. libcrypto's heap alone would leave the scalar
// readable all the time, libsodium's alone cannot hold libcrypto's numbers. What is not covered: the nonce of
// an SM2 signature is an ordinary number of libcrypto, wiped when freed.

#include <memory>
#include <string>
#include <string_view>

#include "packager/guarded_secret.hpp"
#include "packager/stored_key.hpp"

namespace packager {

/// Move-only, no text form. One thread at a time.
class EcSecretKey final : public StoredKey {
public:
    /// A new key from the system's random numbers, by rejection (FIPS 186-5, A.2.2).
    /// @param type  ecdsa_p256 or sm2, here and below
    static EcSecretKey generate(manifests::KeyType type);
    /// @param scalar  32 bytes, the most significant first
    /// @throws Error  Fault::damaged if it is not in 1..n-1 (SM2: 1..n-2)
    static EcSecretKey from_scalar(manifests::KeyType type, std::string_view scalar);

    EcSecretKey(EcSecretKey&&) noexcept = default;
    EcSecretKey& operator=(EcSecretKey&&) noexcept = default;

    /// An SM2 key has the default signer id.
    manifests::PublicKey public_key() const override { return public_key_; }
    /// DER of (r, s), another one each time, der_signature_bytes long; it was verified before it is returned.
    std::string sign(std::string_view message) const override;
    SecretText secret() const override;

private:
    EcSecretKey(const SecretText& scalar, const manifests::PublicKey& public_key);

    GuardedSecret scalar_;
    manifests::PublicKey public_key_;
};

} // namespace packager
