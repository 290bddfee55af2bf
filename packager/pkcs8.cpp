#include "packager/pkcs8.hpp"

#include <array>
#include <cstdint>
#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/text.hpp"
#include "packager/libcrypto_handles.hpp"

namespace packager {
namespace {

using namespace std::string_view_literals;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::KeyType;

constexpr std::string_view encrypted_label = "ENCRYPTED PRIVATE KEY";
constexpr std::string_view plain_label = "PRIVATE KEY";

// A key is written as prefix, secret, separator, point; what is read may differ from it only where EC keys
// may.
struct KeyDer {
    KeyType type;
    int number; // of the curve, or of Ed25519, in libcrypto
    std::string_view prefix;
    std::string_view separator;
};
constexpr std::array key_ders{
    // SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING of 32 } }: RFC 8410, 7
    KeyDer{KeyType::ed25519, NID_ED25519,
           "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"sv, ""sv},
    // SEQUENCE { INTEGER 0, SEQUENCE { OID id-ecPublicKey, OID of the curve }, OCTET STRING { SEQUENCE {
    // INTEGER 1,
    // OCTET STRING of 32, [1] BIT STRING of 65 } } }: RFC 5915, 3
    KeyDer{KeyType::ecdsa_p256, NID_X9_62_prime256v1,
           "\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d"
           "\x03\x01\x07"
           "\x04\x6d\x30\x6b\x02\x01\x01\x04\x20"sv,
           "\xa1\x44\x03\x42\x00"sv},
    KeyDer{KeyType::sm2, NID_sm2,
           "\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x81\x1c\xcf\x55"
           "\x01\x82\x2d"
           "\x04\x6d\x30\x6b\x02\x01\x01\x04\x20"sv,
           "\xa1\x44\x03\x42\x00"sv},
};
constexpr std::size_t curve_at = 17; // OID of the curve, in the prefix of an EC key
constexpr std::size_t curve_bytes = 10;
constexpr std::string_view ed25519_inner = "\x04\x20"sv; // in front of the seed

using KeyInfo = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<PKCS8_PRIV_KEY_INFO_free>>; // wipes when freed
using EncryptedKey = std::unique_ptr<X509_SIG, Freer<X509_SIG_free>>;
using Algorithm = std::unique_ptr<X509_ALGOR, Freer<X509_ALGOR_free>>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

[[noreturn]] void refuse(const std::string& text) {
    ERR_clear_error();
    throw Error(Fault::missing, text);
}

// Decodes straight into guarded memory: the file may hold the bare secret.
SecretText decode(std::string_view pem, std::string_view label) {
    std::string_view body;
    try {
        body = manifests::pem_body(pem, label);
    } catch (Error& problem) {
        problem.as(Fault::missing);
        throw;
    }
    SecretText der(body.size() / 4 * 3 + 3);
    std::size_t length_bytes = 0;
    const char* end = nullptr;
    const int status =
        sodium_base642bin(reinterpret_cast<unsigned char*>(der.buffer()), der.capacity_bytes(), body.data(),
                          body.size(), "\r\n", &length_bytes, &end, sodium_base64_VARIANT_ORIGINAL);
    if (status != 0 || end != body.data() + body.size()) refuse("the PEM block is not base64");
    der.set_size(length_bytes);
    return der;
}

std::string type_of(int number) {
    if (number == NID_rsaEncryption) return "an RSA key";
    if (number == NID_undef) return "a key of an unknown type";
    return "a key of type " + std::string(OBJ_nid2sn(number));
}

// The number of the curve for EC keys, of the algorithm for others.
int number_of(const ASN1_OBJECT* type, const X509_ALGOR* algorithm) {
    const int number = OBJ_obj2nid(type);
    if (number != NID_X9_62_id_ecPublicKey) return number;
    int parameter_type = V_ASN1_UNDEF;
    const void* parameter = nullptr;
    X509_ALGOR_get0(nullptr, &parameter_type, &parameter, algorithm);
    if (parameter_type != V_ASN1_OBJECT) refuse("the elliptic-curve key does not name its curve");
    return OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(parameter));
}

std::unique_ptr<StoredKey> key_with(KeyType type, std::string_view secret) {
    try {
        return stored_key_of(type, secret);
    } catch (Error& problem) {
        if (problem.fault() == Fault::damaged) problem.as(Fault::missing);
        throw;
    }
}

std::unique_ptr<StoredKey> ed25519_key(std::string_view octets) {
    if (octets.size() != ed25519_inner.size() + StoredKey::secret_bytes || !octets.starts_with(ed25519_inner))
        refuse("the Ed25519 key does not have 32 bytes");
    return key_with(KeyType::ed25519, octets.substr(ed25519_inner.size()));
}

// ECPrivateKey, RFC 5915: the name of the curve may stand in it again, the public key may be left out.
std::unique_ptr<StoredKey> ec_key(const KeyDer& form, std::string_view octets) {
    constexpr std::string_view opening = "\x02\x01\x01\x04\x20"sv;
    constexpr std::size_t header_bytes = 2;
    constexpr std::size_t longest_short_form = 127;
    const std::size_t fixed_bytes = header_bytes + opening.size() + StoredKey::secret_bytes;
    if (octets.size() < fixed_bytes || octets.size() > header_bytes + longest_short_form ||
        octets[0] != '\x30' || static_cast<unsigned char>(octets[1]) != octets.size() - header_bytes ||
        octets.substr(header_bytes, opening.size()) != opening) {
        refuse("the elliptic-curve key does not have 32 bytes");
    }
    const std::string_view secret = octets.substr(header_bytes + opening.size(), StoredKey::secret_bytes);
    std::unique_ptr<StoredKey> key = key_with(form.type, secret);
    const std::string curve = "\xa0\x0a" + std::string(form.prefix.substr(curve_at, curve_bytes));
    const std::string public_part = std::string(form.separator) + std::string(key->public_key().raw());
    const std::string_view rest = octets.substr(fixed_bytes);
    if (rest != public_part && !rest.empty() && rest != curve && rest != curve + public_part)
        refuse("the public part of the elliptic-curve key is not the one of its secret");
    return key;
}

std::unique_ptr<StoredKey> key_of(const PKCS8_PRIV_KEY_INFO& info) {
    const ASN1_OBJECT* type = nullptr;
    const unsigned char* inner = nullptr;
    int length_bytes = 0;
    const X509_ALGOR* algorithm = nullptr;
    if (PKCS8_pkey_get0(&type, &inner, &length_bytes, &algorithm, &info) != 1) refuse("the key is empty");
    const std::string_view octets(reinterpret_cast<const char*>(inner),
                                  static_cast<std::size_t>(length_bytes));
    const int number = number_of(type, algorithm);
    for (const KeyDer& form : key_ders) {
        if (form.number == number)
            return form.type == KeyType::ed25519 ? ed25519_key(octets) : ec_key(form, octets);
    }
    refuse("found " + type_of(number) + ", wanted an Ed25519, P-256 or SM2 key");
}

KeyInfo info_of(std::string_view der) {
    const unsigned char* at = bytes_of(der);
    KeyInfo info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
    if (!info || at != bytes_of(der) + der.size()) refuse("the PEM block holds no PKCS#8 key");
    return info;
}

SecretText der_of(const StoredKey& key) {
    const manifests::PublicKey public_key = key.public_key();
    for (const KeyDer& form : key_ders) {
        if (form.type != public_key.type()) continue;
        const std::string_view point = form.separator.empty() ? std::string_view() : public_key.raw();
        SecretText der(form.prefix.size() + StoredKey::secret_bytes + form.separator.size() + point.size());
        der.append(form.prefix);
        der.append(key.secret().view());
        der.append(form.separator);
        der.append(point);
        return der;
    }
    throw Error(Fault::internal, "a key type without a form");
}

// Why decryption failed: true when libcrypto does not do this kind of encryption at all.
bool encryption_is_unknown() {
    for (unsigned long problem = ERR_get_error(); problem != 0; problem = ERR_get_error()) {
        const int reason = ERR_GET_REASON(problem);
        if (reason == ERR_R_UNSUPPORTED) return true;
        if (ERR_GET_LIB(problem) != ERR_LIB_EVP) continue;
        switch (reason) {
        case EVP_R_UNKNOWN_PBE_ALGORITHM:
        case EVP_R_UNSUPPORTED_CIPHER:
        case EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION:
        case EVP_R_UNSUPPORTED_KEYLENGTH:
        case EVP_R_UNSUPPORTED_PRF:
        case EVP_R_MEMORY_LIMIT_EXCEEDED:
        case EVP_R_ILLEGAL_SCRYPT_PARAMETERS:
            return true;
        default:
            break;
        }
    }
    return false;
}

} // namespace

KeyForm form_of(std::string_view pem) {
    const std::string_view label = manifests::pem_label(pem);
    if (label == encrypted_label) return KeyForm::encrypted;
    if (label == plain_label) return KeyForm::plain;
    Error error(Fault::missing, (label.empty() ? std::string("no PEM block") : in_quotes(label)) +
                                    " is given where a secret key (PKCS#8 PEM) is wanted");
    if (label == "PUBLIC KEY") {
        error.hint("this is a public key; give the .key file that was made with it");
    } else if (label.ends_with(plain_label)) {
        error.hint("`openssl pkcs8 -topk8` turns other secret keys into PKCS#8; it must be an Ed25519, P-256 "
                   "or SM2 key");
    } else {
        error.hint("`sealift keygen` and `openssl genpkey -algorithm ed25519` make keys that fit");
    }
    throw error;
}

std::unique_ptr<StoredKey> read_plain_key(std::string_view pem) {
    const SecretText der = decode(pem, plain_label);
    return key_of(*info_of(der.view()));
}

std::unique_ptr<StoredKey> read_encrypted_key(std::string_view pem, const SecretText& passphrase) {
    const SecretText der = decode(pem, encrypted_label);
    const unsigned char* at = bytes_of(der.view());
    const EncryptedKey encrypted(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.view().size())));
    if (!encrypted || at != bytes_of(der.view()) + der.view().size())
        refuse("the PEM block holds no encrypted PKCS#8 key");
    ERR_clear_error();
    const std::string_view text = passphrase.view();
    const KeyInfo info(PKCS8_decrypt(encrypted.get(), text.data(), static_cast<int>(text.size())));
    if (info) return key_of(*info);
    if (encryption_is_unknown()) {
        throw Error(Fault::missing, "the key is encrypted in a way that this program does not know")
            .hint("write it anew with: openssl pkcs8 -topk8 -scrypt -in FILE -out NEW");
    }
    throw Error(Fault::missing, "wrong passphrase")
        .hint("type it again, or look into the file that --passphrase-file or SEALIFT_PASSPHRASE_FILE names");
}

SecretText write_plain_key(const StoredKey& key) {
    constexpr std::string_view opening = "-----BEGIN PRIVATE KEY-----\n";
    constexpr std::string_view closing = "-----END PRIVATE KEY-----\n";
    constexpr std::size_t bytes_a_line = 48; // 64 characters
    const SecretText der = der_of(key);
    SecretText line(sodium_base64_encoded_len(bytes_a_line, sodium_base64_VARIANT_ORIGINAL)); // with a NUL
    SecretText pem(opening.size() + 2 * der.view().size() + closing.size());
    pem.append(opening);
    for (std::size_t at = 0; at < der.view().size(); at += bytes_a_line) {
        const std::string_view piece = der.view().substr(at, bytes_a_line);
        sodium_bin2base64(line.buffer(), line.capacity_bytes(), bytes_of(piece), piece.size(),
                          sodium_base64_VARIANT_ORIGINAL);
        line.set_size(sodium_base64_encoded_len(piece.size(), sodium_base64_VARIANT_ORIGINAL) - 1);
        pem.append(line.view());
        pem.append("\n");
    }
    pem.append(closing);
    return pem;
}

std::string write_encrypted_key(const StoredKey& key, const SecretText& passphrase) {
    constexpr int salt_bytes = 16;
    constexpr std::uint64_t cost = 16384;
    constexpr std::uint64_t block_size = 8;
    constexpr std::uint64_t parallel = 1;
    const SecretText der = der_of(key);
    const KeyInfo info = info_of(der.view());
    Algorithm algorithm(PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, salt_bytes, nullptr, cost,
                                              block_size,
                                              parallel)); // draws salt and IV
    if (!algorithm) throw Error(Fault::internal, "libcrypto cannot prepare the encryption of a key");
    const std::string_view text = passphrase.view();
    const EncryptedKey encrypted(
        PKCS8_set0_pbe(text.data(), static_cast<int>(text.size()), info.get(), algorithm.get()));
    if (!encrypted) throw Error(Fault::internal, "libcrypto cannot encrypt a key");
    static_cast<void>(algorithm.release()); // belongs to `encrypted` now
    unsigned char* bytes = nullptr;
    const int length_bytes = i2d_X509_SIG(encrypted.get(), &bytes);
    if (length_bytes <= 0) throw Error(Fault::internal, "libcrypto cannot write an encrypted key");
    const std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length_bytes));
    OPENSSL_free(bytes);
    return manifests::write_pem(out, encrypted_label);
}

} // namespace packager
