#include "manifests/public_key.hpp"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "manifests/digest.hpp"
#include "manifests/ec_key.hpp"
#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/sodium.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view label = "PUBLIC KEY";

// What stands in front of raw() in a SubjectPublicKeyInfo: nothing in there may vary, so an equal prefix and
// an equal length are the whole DER check.
struct SpkiForm {
    KeyType type;
    std::string_view prefix;
};
constexpr std::array spki_forms{
    // SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING, 0 unused bits }: RFC 8410, 4 and 10.1
    SpkiForm{KeyType::ed25519, "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv},
    // SEQUENCE { SEQUENCE { OID id-ecPublicKey, OID of the curve } BIT STRING, 0 unused bits }: RFC 5480, 2
    SpkiForm{KeyType::ecdsa_p256, "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
                                  "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"sv},
    SpkiForm{KeyType::sm2, "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
                           "\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d\x03\x42\x00"sv},
};

struct OtherType {
    std::string_view oid; // DER, tag and length included
    std::string_view name;
};
// Curves stand in front of id-ecPublicKey, which all of them share.
constexpr std::array other_types{
    OtherType{"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, "a P-256 key in another form"},
    OtherType{"\x06\x05\x2b\x81\x04\x00\x22"sv, "a P-384 key"},
    OtherType{"\x06\x05\x2b\x81\x04\x00\x23"sv, "a P-521 key"},
    OtherType{"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d"sv, "an SM2 key in another form"},
    OtherType{"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"sv,
              "an elliptic-curve key of another curve, or one that does not name its curve"},
    OtherType{"\x06\x03\x2b\x65\x70"sv, "an Ed25519 key in another form"},
    OtherType{"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv, "an RSA key"},
    OtherType{"\x06\x03\x2b\x65\x71"sv, "an Ed448 key"},
    OtherType{"\x06\x03\x2b\x65\x6e"sv, "an X25519 key"},
    OtherType{"\x06\x03\x2b\x65\x6f"sv, "an X448 key"},
};

[[noreturn]] void refuse(const std::string& text) {
    throw Error(Fault::damaged, Code::trust_key, text);
}

std::string_view prefix_of(KeyType type) {
    for (const SpkiForm& form : spki_forms) {
        if (form.type == type) return form.prefix;
    }
    throw Error(Fault::internal, "a key type without a form");
}

std::string what_is(std::string_view der) {
    constexpr std::size_t algorithm_bytes = 40; // the AlgorithmIdentifier stands in front of the key's bits
    const std::string_view front = der.substr(0, algorithm_bytes);
    for (const OtherType& type : other_types) {
        if (front.find(type.oid) != std::string_view::npos) return std::string(type.name);
    }
    return std::to_string(der.size()) + " bytes that are no such key";
}

std::string hint_for(std::string_view found_label) {
    if (found_label.find("PRIVATE KEY") != std::string_view::npos)
        return "this is a secret key; give the .pub file that was made with it, and keep this one to "
               "yourself";
    if (found_label.find("CERTIFICATE") != std::string_view::npos)
        return "take the key out of the certificate with: openssl x509 -pubkey -noout -in FILE";
    return "`sealift keygen` and `openssl pkey -pubout` write files that fit";
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

PublicKey PublicKey::parse_pem(std::string_view text) {
    const std::string_view found = pem_label(text);
    if (!found.empty() && found != label) {
        throw Error(Fault::missing, in_quotes(found) + " is given where a public key is wanted")
            .hint(hint_for(found));
    }
    try {
        return from_spki(manifests::parse_pem(text, label));
    } catch (const Error& problem) {
        throw Error(Fault::missing, std::string("not a public key for signatures: ") + problem.what())
            .hint(hint_for(found));
    }
}

PublicKey::PublicKey(KeyType type, std::string_view raw) : type_(type), raw_(raw) {
    if (type == KeyType::sm2) sm2_id_ = default_sm2_id;
}

PublicKey PublicKey::from_spki(std::string_view der) {
    for (const SpkiForm& form : spki_forms) {
        if (!der.starts_with(form.prefix)) continue;
        const std::string_view raw = der.substr(form.prefix.size());
        return form.type == KeyType::ed25519 ? from_raw(raw) : from_point(form.type, raw);
    }
    refuse("found " + what_is(der) + ", wanted an Ed25519, P-256 or SM2 key");
}

PublicKey PublicKey::from_raw(std::string_view raw) {
    if (raw.size() != ed25519_bytes)
        refuse("an Ed25519 key of " + std::to_string(raw.size()) + " bytes, wanted 32");
    start_sodium();
    if (crypto_core_ed25519_is_valid_point(bytes_of(raw)) != 1)
        refuse("the key is not a point that signatures can be made with");
    return {KeyType::ed25519, raw};
}

PublicKey PublicKey::from_point(KeyType type, std::string_view point) {
    if (point.size() != ec::point_bytes)
        refuse("a point of " + std::to_string(point.size()) + " bytes, wanted 65, uncompressed");
    if (!ec::is_point(type, point)) refuse("the key is not a point of its curve, written uncompressed");
    return {type, point};
}

PublicKey PublicKey::with_sm2_id(std::string_view id) const {
    if (type_ != KeyType::sm2)
        refuse("a signer id is given for a key of type " + std::string(name_of(type_)) +
               ", only sm2-sm3 keys have one");
    const bool printable = std::all_of(id.begin(), id.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (id.empty() || id.size() > most_sm2_id_bytes || !printable)
        refuse("the SM2 signer id " + in_quotes(id) + " is not 1 to " + std::to_string(most_sm2_id_bytes) +
               " printable ASCII characters");
    PublicKey key = *this;
    key.sm2_id_ = id;
    return key;
}

std::string PublicKey::spki() const {
    return std::string(prefix_of(type_)) + raw_;
}

std::string PublicKey::pem() const {
    return write_pem(spki(), label);
}

std::string PublicKey::key_id() const {
    return Digest::of(spki()).hex();
}

std::string PublicKey::fingerprint() const {
    constexpr std::size_t group = 8;
    const std::string digits = key_id();
    std::string text = digits.substr(0, group);
    for (std::size_t at = group; at < digits.size(); at += group)
        text += " " + digits.substr(at, group);
    return text;
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
    if (type_ != KeyType::ed25519) return ec::verifies({type_, raw_, sm2_id_}, message, signature);
    if (signature.size() != crypto_sign_BYTES) return false;
    return crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(),
                                       bytes_of(raw_)) == 0;
}

} // namespace manifests
