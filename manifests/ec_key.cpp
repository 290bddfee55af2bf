#include "manifests/ec_key.hpp"

#include <array>
#include <memory>
#include <string>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "manifests/error.hpp"

namespace manifests::ec {
namespace {

using namespace std::string_view_literals;

struct Curve {
    const char* key_type; ///< as libcrypto calls it, and so on
    const char* group;
    const char* digest;
    int group_number;
    std::string_view order; ///< n, 32 bytes, the most significant one first
};

// SEC 2, 2.4.2
constexpr Curve p256{"EC", "prime256v1", "SHA256", NID_X9_62_prime256v1,
                     "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
                     "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"sv};
// GB/T 32918.5
constexpr Curve sm2{"SM2", "SM2", "SM3", NID_sm2,
                    "\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                    "\x72\x03\xdf\x6b\x21\xc6\x05\x2b\x53\xbb\xf4\x09\x39\xd5\x41\x23"sv};

const Curve& curve_of(KeyType type) {
    if (type == KeyType::ecdsa_p256) return p256;
    if (type == KeyType::sm2) return sm2;
    throw Error(Fault::internal, "a key without a curve");
}

template<auto free_function>
struct Freer {
    template<typename T>
    void operator()(T* object) const noexcept {
        free_function(object);
    }
};
using Group = std::unique_ptr<EC_GROUP, Freer<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freer<EC_POINT_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void demand(bool done, const Curve& curve) {
    if (done) return;
    ERR_clear_error();
    throw Error(Fault::internal, std::string("libcrypto cannot check ") + curve.key_type + " signatures");
}

// Takes INTEGER from the front of `rest`; its value without sign byte, or nothing that is in range.
std::string_view take_integer(std::string_view& rest) {
    constexpr std::size_t header_bytes = 2;
    if (rest.size() < header_bytes || rest[0] != '\x02') return {};
    const std::size_t length = static_cast<unsigned char>(rest[1]);
    if (length == 0 || length > rest.size() - header_bytes) return {};
    std::string_view value = rest.substr(header_bytes, length);
    rest.remove_prefix(header_bytes + length);
    const auto high_bit = [](char byte) { return (static_cast<unsigned char>(byte) & 0x80U) != 0; };
    if (high_bit(value[0])) return {}; // negative
    if (value[0] == '\0' && value.size() > 1) {
        value.remove_prefix(1);
        if (!high_bit(value[0])) return {}; // a zero byte that no sign asks for
    }
    return value;
}

bool is_in_range(std::string_view value, std::string_view order) {
    if (value.empty() || value == "\0"sv || value.size() > order.size()) return false;
    return value.size() < order.size() || value < order; // char_traits compare bytes as unsigned
}

Key key_of(const Verification& key, const Curve& curve) {
    std::string group(curve.group);
    std::string point(key.point);
    const std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, curve.key_type, nullptr));
    demand(context && EVP_PKEY_fromdata_init(context.get()) == 1, curve);
    EVP_PKEY* made = nullptr;
    const int status = EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY,
                                         const_cast<OSSL_PARAM*>(parameters.data())); // reads them
    Key result(made);
    demand(status == 1, curve);
    return result;
}

} // namespace

bool is_point(KeyType type, std::string_view point) {
    const Curve& curve = curve_of(type);
    if (point.size() != point_bytes || point[0] != '\x04') return false; // 06 and 07 are hybrid forms
    const Group group(EC_GROUP_new_by_curve_name(curve.group_number));
    demand(group != nullptr, curve);
    const Point place(EC_POINT_new(group.get()));
    demand(place != nullptr, curve);
    const int status = EC_POINT_oct2point(group.get(), place.get(), bytes_of(point), point.size(), nullptr);
    ERR_clear_error();
    return status == 1;
}

bool is_signature(KeyType type, std::string_view signature) {
    const std::string_view order = curve_of(type).order;
    constexpr std::size_t header_bytes = 2;
    constexpr std::size_t longest = header_bytes + 2 * (header_bytes + 33); // so one length byte is enough
    if (signature.size() < header_bytes || signature.size() > longest || signature[0] != '\x30') return false;
    if (static_cast<unsigned char>(signature[1]) != signature.size() - header_bytes) return false;
    std::string_view rest = signature.substr(header_bytes);
    return is_in_range(take_integer(rest), order) && is_in_range(take_integer(rest), order) && rest.empty();
}

bool verifies(const Verification& key, std::string_view message, std::string_view signature) {
    if (!is_signature(key.type, signature)) return false;
    const Curve& curve = curve_of(key.type);
    const Key libcrypto_key = key_of(key, curve);
    const DigestContext context(EVP_MD_CTX_new());
    demand(context != nullptr, curve);
    EVP_PKEY_CTX* options = nullptr; // belongs to `context`
    demand(EVP_DigestVerifyInit_ex(context.get(), &options, curve.digest, nullptr, nullptr,
                                   libcrypto_key.get(), nullptr) == 1,
           curve);
    // Without this call libcrypto hashes Z over an empty id and says nothing.
    if (key.type == KeyType::sm2)
        demand(EVP_PKEY_CTX_set1_id(options, key.sm2_id.data(), static_cast<int>(key.sm2_id.size())) == 1,
               curve);
    const int status = EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                        bytes_of(message), message.size());
    ERR_clear_error();
    return status == 1; // 0 and below: a hostile signature can make the sum the point at infinity
}

} // namespace manifests::ec
