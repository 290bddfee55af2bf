#include "packager/pkcs11_key.hpp"

#include <array>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using namespace std::string_view_literals;
using manifests::Error;
using manifests::Fault;

struct Curve {
    std::string_view params;
    TokenKeyType type;
};
constexpr std::array curves{
    Curve{"\x06\x03\x2b\x65\x70"sv, TokenKeyType::ed25519}, // 1.3.101.112, RFC 8410
    Curve{"\x13\x0c"
          "edwards25519"sv,
          TokenKeyType::ed25519},                                                   // PKCS#11 3.0, 2.3.5
    Curve{"\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"sv, TokenKeyType::ed25519}, // 1.3.6.1.4.1.11591.15.1
    Curve{"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, TokenKeyType::p256},        // 1.2.840.10045.3.1.7
};

struct Form {
    std::size_t point_bytes;
    std::string_view spki_prefix;
    std::string_view name;
};
const Form& form_of(TokenKeyType type) {
    static constexpr Form ed25519{32, "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv, "Ed25519"};
    static constexpr Form p256{65,
                               "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce"
                               "\x3d\x03\x01\x07\x03\x42\x00"sv,
                               "P-256"};
    return type == TokenKeyType::ed25519 ? ed25519 : p256;
}

constexpr char octet_string = '\x04';
constexpr char bit_string = '\x03';

// Lengths decide first: a bare P-256 point begins with 04 as well.
std::string_view bare_point(std::string_view point, std::size_t point_bytes) {
    if (point.size() == point_bytes) return point;
    if (point.size() == point_bytes + 2 && point[0] == octet_string &&
        static_cast<std::size_t>(point[1]) == point_bytes)
        return point.substr(2);
    if (point.size() == point_bytes + 3 && point[0] == bit_string &&
        static_cast<std::size_t>(point[1]) == point_bytes + 1 && point[2] == '\0')
        return point.substr(3);
    return {};
}

std::string der_integer(std::string_view bytes) {
    while (bytes.size() > 1 && bytes.front() == '\0')
        bytes.remove_prefix(1);
    std::string value(bytes);
    if ((static_cast<unsigned char>(value.front()) & 0x80U) != 0) value.insert(value.begin(), '\0');
    return std::string{'\x02', static_cast<char>(value.size())} + value;
}

} // namespace

TokenKeyType token_key_type(std::string_view ec_params) {
    for (const Curve& curve : curves) {
        if (curve.params == ec_params) return curve.type;
    }
    throw Error(Fault::missing, "the key is on a curve that is not used here (CKA_EC_PARAMS " +
                                    manifests::to_hex(ec_params.substr(0, 32)) + ")")
        .hint("make an Ed25519 key (EC:edwards25519) or a P-256 key (EC:prime256v1) in the token");
}

manifests::PublicKey public_key_of_token(TokenKeyType type, std::string_view ec_point) {
    const Form& form = form_of(type);
    const std::string_view point = bare_point(ec_point, form.point_bytes);
    if (point.empty()) {
        throw Error(Fault::missing, "the token's public key is no " + std::string(form.name) +
                                        " key: CKA_EC_POINT has " + std::to_string(ec_point.size()) +
                                        " bytes of a form that is not known");
    }
    try {
        return manifests::PublicKey::from_spki(std::string(form.spki_prefix) + std::string(point));
    } catch (const Error& problem) { // a key that is not the right one is a key that is not there
        throw Error(Fault::missing, std::string("the token's public key: ") + problem.what());
    }
}

std::string ecdsa_der(std::string_view r_and_s) {
    constexpr std::size_t half = 32;
    if (r_and_s.size() != 2 * half)
        throw Error(Fault::io, "the token gives an ECDSA signature of " + std::to_string(r_and_s.size()) +
                                   " bytes, wanted 64");
    const std::string body = der_integer(r_and_s.substr(0, half)) + der_integer(r_and_s.substr(half));
    return std::string{'\x30', static_cast<char>(body.size())} + body;
}

} // namespace packager
