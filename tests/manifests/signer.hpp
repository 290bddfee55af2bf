#pragma once
// Makes signatures for tests of manifests/, which itself cannot sign.

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

private:
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_{};
};

} // namespace tests
