#pragma once
// Makes signatures with new P-256 and SM2 keys, for tests of manifests/, which itself cannot sign. libcrypto
// alone, with nothing of ours.

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "manifests/public_key.hpp"

namespace tests {

class EcSigner {
public:
    /// @param type  ecdsa_p256 or sm2
    /// @param sm2_id  what goes into signatures; the key() has the default one
    explicit EcSigner(manifests::KeyType type, std::string sm2_id = "1234567812345678")
        : type_(type),
          sm2_id_(std::move(sm2_id)),
          key_(type == manifests::KeyType::sm2 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2")
                                               : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"),
               EVP_PKEY_free) {
        if (!key_) throw std::runtime_error("libcrypto makes no key");
    }

    manifests::PublicKey key() const {
        unsigned char* der = nullptr;
        const int size = i2d_PUBKEY(key_.get(), &der);
        if (size <= 0) throw std::runtime_error("libcrypto writes no key");
        const std::string spki(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
        OPENSSL_free(der);
        return manifests::PublicKey::from_spki(spki);
    }

    std::string sign(std::string_view message) const {
        const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> options(
            EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              EVP_MD_CTX_free);
        const bool is_sm2 = type_ == manifests::KeyType::sm2;
        if (is_sm2) EVP_PKEY_CTX_set1_id(options.get(), sm2_id_.data(), static_cast<int>(sm2_id_.size()));
        EVP_MD_CTX_set_pkey_ctx(context.get(), options.get());
        std::string signature(128, '\0');
        std::size_t size = signature.size();
        if (EVP_DigestSignInit(context.get(), nullptr, is_sm2 ? EVP_sm3() : EVP_sha256(), nullptr,
                               key_.get()) != 1 ||
            EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1)
            throw std::runtime_error("libcrypto does not sign");
        signature.resize(size);
        return signature;
    }

private:
    manifests::KeyType type_;
    std::string sm2_id_;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

} // namespace tests
