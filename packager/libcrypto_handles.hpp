#pragma once
// Owners for what libcrypto hands out.

#include <memory>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

namespace packager {

template<auto free_function>
struct Freer {
    template<typename T>
    void operator()(T* object) const noexcept {
        free_function(object);
    }
};

using SecureNumber = std::unique_ptr<BIGNUM, Freer<BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, Freer<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freer<EC_POINT_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>; // wipes the secret part
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

} // namespace packager
