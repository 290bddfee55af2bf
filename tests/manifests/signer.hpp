#pragma once
// Makes signatures for tests of manifests/, which itself cannot sign.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <sodium.h>

#include "manifests/public_key.hpp"

namespace tests {

class Signer {
public:
    /// @param number  the same number gives the same key
    explicit Signer(unsigned char number) {
        std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
        seed.fill(number);
        crypto_sign_seed_keypair(public_.data(), secret_.data(), seed.data());
    }
    manifests::PublicKey key() const { return manifests::PublicKey::from_raw(raw()); }
    std::string raw() const { return {reinterpret_cast<const char*>(public_.data()), public_.size()}; }
    std::string sign(std::string_view message) const {
        std::string signature(crypto_sign_BYTES, '\0');
        crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                             reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                             secret_.data());
        return signature;
    }
    /// By the equation of RFC 8032, with r chosen: R = r B + torsion, S = r + k a.
    /// @param torsion  an encoded point that is added to R; with r = 0 it is R, as it is encoded. May be
    /// empty
    std::string sign_with(std::string_view message, unsigned char r, std::string_view torsion) const;

private:
    using Scalar = std::array<unsigned char, crypto_core_ed25519_SCALARBYTES>;
    Scalar secret_scalar() const;

    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_{};
};

inline Signer::Scalar Signer::secret_scalar() const {
    std::array<unsigned char, crypto_hash_sha512_BYTES> hash{};
    crypto_hash_sha512(hash.data(), secret_.data(), crypto_sign_SEEDBYTES);
    Scalar scalar{};
    std::copy_n(hash.begin(), scalar.size(), scalar.begin());
    scalar.front() &= 0xf8U;
    scalar.back() = static_cast<unsigned char>((scalar.back() & 0x7fU) | 0x40U);
    return scalar;
}

inline std::string Signer::sign_with(std::string_view message, unsigned char r,
                                     std::string_view torsion) const {
    const auto* added = reinterpret_cast<const unsigned char*>(torsion.data());
    Scalar scalar{r};
    std::array<unsigned char, crypto_core_ed25519_BYTES> point{};
    if (r == 0) {
        std::copy(torsion.begin(), torsion.end(), point.begin());
    } else {
        crypto_scalarmult_ed25519_base_noclamp(point.data(), scalar.data());
        if (!torsion.empty()) crypto_core_ed25519_add(point.data(), point.data(), added);
    }
    std::string hashed(point.begin(), point.end());
    hashed.append(raw()).append(message);
    std::array<unsigned char, crypto_hash_sha512_BYTES> hash{};
    crypto_hash_sha512(hash.data(), reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size());
    Scalar k{};
    crypto_core_ed25519_scalar_reduce(k.data(), hash.data());
    Scalar reduced{};
    std::array<unsigned char, crypto_core_ed25519_NONREDUCEDSCALARBYTES> wide{};
    const Scalar secret = secret_scalar();
    std::copy(secret.begin(), secret.end(), wide.begin());
    crypto_core_ed25519_scalar_reduce(reduced.data(), wide.data());
    Scalar s{};
    crypto_core_ed25519_scalar_mul(s.data(), k.data(), reduced.data());
    crypto_core_ed25519_scalar_add(s.data(), s.data(), scalar.data());
    return std::string(point.begin(), point.end()) + std::string(s.begin(), s.end());
}

} // namespace tests
