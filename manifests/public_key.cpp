#include "manifests/public_key.hpp"

#include <algorithm>

#include <sodium.h>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/sodium.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view label = "PUBLIC KEY";
// SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING, 0 unused bits }: RFC 8410, 4 and 10.1
constexpr std::string_view spki_prefix = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv;

struct OtherType {
    std::string_view oid; // DER, tag and length included
    std::string_view name;
};
// Curves stand in front of id-ecPublicKey, which all of them share.
constexpr std::array other_types{
    OtherType{"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, "a P-256 key"},
    OtherType{"\x06\x05\x2b\x81\x04\x00\x22"sv, "a P-384 key"},
    OtherType{"\x06\x05\x2b\x81\x04\x00\x23"sv, "a P-521 key"},
    OtherType{"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d"sv, "an SM2 key"},
    OtherType{"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"sv, "an elliptic-curve key"},
    OtherType{"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv, "an RSA key"},
    OtherType{"\x06\x03\x2b\x65\x71"sv, "an Ed448 key"},
    OtherType{"\x06\x03\x2b\x65\x6e"sv, "an X25519 key"},
    OtherType{"\x06\x03\x2b\x65\x6f"sv, "an X448 key"},
};

std::string type_of(std::string_view der) {
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
        throw Error(Fault::missing, std::string("not an Ed25519 public key: ") + problem.what())
            .hint(hint_for(found));
    }
}

PublicKey PublicKey::from_spki(std::string_view der) {
    if (!der.starts_with(spki_prefix))
        throw Error(Fault::damaged, Code::trust_key, "found " + type_of(der) + ", wanted an Ed25519 key");
    return from_raw(der.substr(spki_prefix.size()));
}

PublicKey PublicKey::from_raw(std::string_view raw) {
    if (raw.size() != raw_bytes)
        throw Error(Fault::damaged, Code::trust_key,
                    "an Ed25519 key of " + std::to_string(raw.size()) + " bytes, wanted 32");
    start_sodium();
    if (crypto_core_ed25519_is_valid_point(bytes_of(raw)) != 1)
        throw Error(Fault::damaged, Code::trust_key,
                    "the key is not a point that signatures can be made with");
    Raw bytes{};
    std::copy(raw.begin(), raw.end(), bytes.begin());
    return PublicKey(bytes);
}

std::string PublicKey::spki() const {
    std::string der(spki_prefix);
    der.append(reinterpret_cast<const char*>(raw_.data()), raw_.size());
    return der;
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
    if (signature.size() != signature_bytes) return false;
    return crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(), raw_.data()) ==
           0;
}

} // namespace manifests
