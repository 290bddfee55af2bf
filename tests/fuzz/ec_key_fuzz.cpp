// Signatures of P-256 and SM2 in DER. The first byte of an input says the type. What is_signature() accepts,
// libcrypto reads too, writes back as the same bytes, and finds in 1..n-1; nobody's key is fitted by it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/objects.h>

#include "manifests/ec_key.hpp"
#include "manifests/public_key.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using manifests::KeyType;
using manifests::PublicKey;
using Group = std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)>;
using Pair = std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)>;

bool is_in_range(const BIGNUM* number, const Group& group) {
    return BN_is_zero(number) == 0 && BN_is_negative(number) == 0 &&
           BN_cmp(number, EC_GROUP_get0_order(group.get())) < 0;
}

void check_accepted(KeyType type, std::string_view signature) {
    const auto* at = reinterpret_cast<const unsigned char*>(signature.data());
    const Pair pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())), ECDSA_SIG_free);
    demand(pair != nullptr, "libcrypto reads what is accepted");
    unsigned char* bytes = nullptr;
    const int length = i2d_ECDSA_SIG(pair.get(), &bytes);
    const std::string again(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
    OPENSSL_free(bytes);
    demand(again == signature, "a signature has one encoding");
    const Group group(EC_GROUP_new_by_curve_name(type == KeyType::sm2 ? NID_sm2 : NID_X9_62_prime256v1),
                      EC_GROUP_free);
    demand(is_in_range(ECDSA_SIG_get0_r(pair.get()), group), "r is in range");
    demand(is_in_range(ECDSA_SIG_get0_s(pair.get()), group), "s is in range");
}

// The published keys of RFC 6979, A.2.5 and GB/T 32918.5, annex A.2
const PublicKey& key_of(KeyType type) {
    static const PublicKey p256 = PublicKey::from_point(
        KeyType::ecdsa_p256,
        manifests::from_hex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));
    static const PublicKey sm2 = PublicKey::from_point(
        KeyType::sm2,
        manifests::from_hex("0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
                            "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"));
    return type == KeyType::sm2 ? sm2 : p256;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const KeyType type = (data[0] & 1U) != 0 ? KeyType::sm2 : KeyType::ecdsa_p256;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const bool accepted = manifests::ec::is_signature(type, bytes);
    if (accepted) check_accepted(type, bytes);
    demand(!key_of(type).verifies("nobody signed this", bytes), "nothing is a signature by chance");
    if (manifests::ec::is_point(type, bytes))
        demand(PublicKey::from_point(type, bytes).raw() == bytes, "a point has one form");
    return 0;
}
