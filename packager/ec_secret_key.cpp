#include "packager/ec_secret_key.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <sodium.h>

#include "manifests/error.hpp"
#include "manifests/sodium.hpp"
#include "packager/libcrypto_handles.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::KeyType;
using manifests::PublicKey;

struct Curve {
    const char* key_type; // as libcrypto calls it, and so on
    const char* group;
    const char* digest;
    int number;
};

Curve curve_of(KeyType type) {
    if (type == KeyType::ecdsa_p256) return {"EC", "prime256v1", "SHA256", NID_X9_62_prime256v1};
    if (type == KeyType::sm2) return {"SM2", "SM2", "SM3", NID_sm2};
    throw Error(Fault::internal, "a key without a curve");
}

void demand(bool done, const char* work) {
    if (done) return;
    ERR_clear_error();
    throw Error(Fault::internal, std::string("libcrypto cannot ") + work);
}

// Asked for once: libcrypto's numbers that hold secrets live there from then on.
void start_secure_heap() {
    constexpr std::size_t heap_bytes = 65536; // a key and a signature need less than 4 KiB
    constexpr std::size_t smallest_bytes = 32;
    static const int status =
        CRYPTO_secure_malloc_initialized() == 1 ? 1 : CRYPTO_secure_malloc_init(heap_bytes, smallest_bytes);
    if (status == 0) throw Error(Fault::io, "there is no memory for secret keys"); // 2: not locked, but there
}

SecureNumber number_of(std::string_view scalar) {
    start_secure_heap();
    SecureNumber number(BN_secure_new());
    demand(number && BN_bin2bn(reinterpret_cast<const unsigned char*>(scalar.data()),
                               static_cast<int>(scalar.size()), number.get()) != nullptr,
           "hold a secret number");
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    return number;
}

// SM2 divides by 1 + d, so n - 1 is not a secret key of it.
bool is_scalar(const BIGNUM* number, const EC_GROUP* group, KeyType type) {
    const BIGNUM* order = EC_GROUP_get0_order(group);
    const SecureNumber above(BN_secure_new());
    demand(above && BN_copy(above.get(), number) != nullptr &&
               BN_add_word(above.get(), type == KeyType::sm2 ? 1 : 0) == 1,
           "hold a secret number");
    return BN_is_zero(number) == 0 && BN_cmp(above.get(), order) < 0;
}

// Nothing if `scalar` is out of range.
std::optional<PublicKey> public_key_of(KeyType type, std::string_view scalar) {
    constexpr std::size_t point_bytes = 65;
    const Group group(EC_GROUP_new_by_curve_name(curve_of(type).number));
    demand(group != nullptr, "do this curve");
    const SecureNumber number = number_of(scalar);
    if (!is_scalar(number.get(), group.get(), type)) return std::nullopt;
    const Point point(EC_POINT_new(group.get()));
    std::array<unsigned char, point_bytes> bytes{};
    demand(point && EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) == 1 &&
               EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes.data(),
                                  bytes.size(), nullptr) == point_bytes,
           "compute a public key");
    return PublicKey::from_point(type, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Key libcrypto_key(KeyType type, std::string_view scalar, std::string_view public_point) {
    start_secure_heap();
    const Curve curve = curve_of(type);
    std::string group(curve.group);
    std::string point(public_point);
    SecretText native = SecretText::copy_of(scalar); // libcrypto takes numbers in the machine's own order
    if constexpr (std::endian::native == std::endian::little)
        std::reverse(native.buffer(), native.buffer() + native.view().size());
    std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, reinterpret_cast<unsigned char*>(native.buffer()),
                                native.view().size()),
        OSSL_PARAM_construct_end()};
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, curve.key_type, nullptr));
    demand(context && EVP_PKEY_fromdata_init(context.get()) == 1, "do this curve");
    EVP_PKEY* made = nullptr;
    const int status = EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters.data());
    Key key(made);
    demand(status == 1, "take a secret key");
    return key;
}

std::string sign_once(EVP_PKEY* key, const PublicKey& public_key, std::string_view message) {
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr; // belongs to `context`
    demand(context && EVP_DigestSignInit_ex(context.get(), &options, curve_of(public_key.type()).digest,
                                            nullptr, nullptr, key, nullptr) == 1,
           "sign");
    const std::string& id = public_key.sm2_id();
    // Without this call libcrypto hashes Z over an empty id and says nothing.
    if (public_key.type() == KeyType::sm2)
        demand(EVP_PKEY_CTX_set1_id(options, id.data(), static_cast<int>(id.size())) == 1, "sign");
    std::size_t size_bytes = 128; // the longest has 72
    std::string signature(size_bytes, '\0');
    demand(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size_bytes,
                          reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1,
           "sign");
    signature.resize(size_bytes);
    return signature;
}

} // namespace

EcSecretKey::EcSecretKey(const SecretText& scalar, const PublicKey& public_key)
    : scalar_(scalar), public_key_(public_key) {}

EcSecretKey EcSecretKey::generate(KeyType type) {
    SecretText scalar(secret_bytes);
    manifests::start_sodium();
    for (;;) { // the first try fits but for one in 2^32
        randombytes_buf(scalar.buffer(), secret_bytes);
        scalar.set_size(secret_bytes);
        if (const auto public_key = public_key_of(type, scalar.view())) return {scalar, *public_key};
    }
}

EcSecretKey EcSecretKey::from_scalar(KeyType type, std::string_view scalar) {
    if (scalar.size() != secret_bytes)
        throw Error(Fault::damaged, "a secret key of " + std::to_string(scalar.size()) + " bytes, wanted 32");
    const auto public_key = public_key_of(type, scalar);
    if (!public_key)
        throw Error(Fault::damaged, "the secret key is not a number below the order of its curve");
    return {SecretText::copy_of(scalar), *public_key};
}

std::string EcSecretKey::sign(std::string_view message) const {
    constexpr int most_tries = 128; // every other one fits
    const Key key = [&] {
        const GuardedSecret::Open open(scalar_);
        return libcrypto_key(public_key_.type(), open.view(), public_key_.raw());
    }();
    for (int i = 0; i < most_tries; ++i) {
        std::string signature = sign_once(key.get(), public_key_, message);
        if (signature.size() != der_signature_bytes) continue;
        // A computer that makes mistakes would give its key away with them.
        if (!public_key_.verifies(message, signature))
            throw Error(Fault::internal, "the signature that was just made does not verify");
        return signature;
    }
    throw Error(Fault::internal, "libcrypto makes no signature of the usual length");
}

SecretText EcSecretKey::secret() const {
    const GuardedSecret::Open open(scalar_);
    return SecretText::copy_of(open.view());
}

} // namespace packager
