#include "packager/pkcs11_signer.hpp"

#include <cstdlib>
#include <optional>

#include <openssl/x509.h>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/pkcs11_key.hpp"
#include "packager/pkcs11_module.hpp"
#include "packager/pkcs11_uri.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::PublicKey;

constexpr const char* variable = "SEALIFT_PKCS11_MODULE";

std::string module_path(const Pkcs11Uri& uri) {
    if (uri.module_path) return *uri.module_path;
    // Nothing in this program changes the environment.
    const char* const path = std::getenv(variable); // NOLINT(concurrency-mt-unsafe)
    if (path != nullptr && *path != '\0') return path;
    throw Error(Fault::missing, "no PKCS#11 module is named")
        .hint("add ?module-path=/path/to/module.so to the URI, or set SEALIFT_PKCS11_MODULE to that path");
}

bool agrees(const std::optional<std::string>& wanted, const std::string& found) {
    return !wanted || *wanted == found;
}

bool fits(const TokenFacts& token, const Pkcs11Uri& uri) {
    return agrees(uri.token, token.label) && agrees(uri.manufacturer, token.manufacturer) &&
           agrees(uri.model, token.model) && agrees(uri.serial, token.serial) &&
           (!uri.slot_id || *uri.slot_id == token.slot);
}

std::string list_of(const std::vector<std::string>& entries) {
    constexpr std::size_t most_shown = 10;
    std::string text;
    for (std::size_t i = 0; i < entries.size() && i < most_shown; ++i)
        text += (i == 0 ? "" : ", ") + entries[i];
    if (entries.size() > most_shown) text += " and " + std::to_string(entries.size() - most_shown) + " more";
    return text;
}

std::string shown(const std::vector<TokenFacts>& tokens) {
    std::vector<std::string> entries;
    for (const TokenFacts& token : tokens)
        entries.push_back(in_quotes(token.label) + " (serial " + in_quotes(token.serial) + ")");
    return list_of(entries);
}

TokenFacts the_token(const Pkcs11Module& module, const Pkcs11Uri& uri) {
    const std::vector<TokenFacts> all = module.tokens();
    std::vector<TokenFacts> fitting;
    for (const TokenFacts& token : all) {
        if (fits(token, uri)) fitting.push_back(token);
    }
    if (fitting.size() == 1) return fitting.front();
    if (all.empty())
        throw Error(Fault::missing, "the module " + in_quotes(module.path()) + " sees no token")
            .hint("put the token in; for SoftHSM, look at SOFTHSM2_CONF");
    if (fitting.empty())
        throw Error(Fault::missing, "no token is the one that the URI names; there are: " + shown(all));
    throw Error(Fault::missing, std::to_string(fitting.size()) + " tokens fit the URI: " + shown(fitting))
        .hint("add token=LABEL or serial=NUMBER to the URI");
}

// The PIN, or nothing if the token needs none or has keys of its own to type it on.
std::optional<SecretText> pin_for(const TokenFacts& token, const Pkcs11Uri& uri,
                                  const PassphraseSource& source) {
    if ((token.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0) return std::nullopt;
    if ((token.flags & CKF_LOGIN_REQUIRED) == 0) return std::nullopt;
    if (uri.pin_file && source.file)
        throw Error(Fault::usage, "both pin-source and --passphrase-file are given").hint("give one of them");
    return passphrase_for("the token " + token.label + ", its PIN",
                          uri.pin_file ? PassphraseSource{uri.pin_file} : source, Ask::once);
}

CK_ATTRIBUTE bytes_attribute(CK_ATTRIBUTE_TYPE type, const std::string& value) {
    // The interface has no const; nobody writes through this.
    return {type, const_cast<char*>(value.data()), static_cast<CK_ULONG>(value.size())};
}

CK_ATTRIBUTE class_attribute(CK_OBJECT_CLASS& kind) {
    return {CKA_CLASS, &kind, sizeof kind};
}

std::string shown(const Pkcs11Session& session, CK_OBJECT_HANDLE object) {
    return in_quotes(session.attribute(object, CKA_LABEL)) + " (id " +
           manifests::to_hex(session.attribute(object, CKA_ID)) + ")";
}

std::string shown(const Pkcs11Session& session, const std::vector<CK_OBJECT_HANDLE>& objects) {
    std::vector<std::string> entries;
    for (const CK_OBJECT_HANDLE object : objects)
        entries.push_back(shown(session, object));
    return list_of(entries);
}

CK_OBJECT_HANDLE the_private_key(const Pkcs11Session& session, const Pkcs11Uri& uri) {
    CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
    std::vector<CK_ATTRIBUTE> wanted{class_attribute(kind)};
    if (uri.object) wanted.push_back(bytes_attribute(CKA_LABEL, *uri.object));
    if (uri.id) wanted.push_back(bytes_attribute(CKA_ID, *uri.id));
    const std::vector<CK_OBJECT_HANDLE> found = session.find(wanted);
    if (found.size() == 1) return found.front();
    if (!found.empty())
        throw Error(Fault::missing,
                    std::to_string(found.size()) + " private keys fit the URI: " + shown(session, found))
            .hint("name one with object=LABEL and id=%HEX");
    const std::vector<CK_OBJECT_HANDLE> all = session.find({class_attribute(kind)});
    if (all.empty()) throw Error(Fault::missing, "there is no private key in the token");
    throw Error(Fault::missing,
                "no private key is the one that the URI names; there are: " + shown(session, all));
}

struct X509Free {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

// The SubjectPublicKeyInfo as the certificate has it; nothing else in the certificate is looked at.
std::string spki_of_certificate(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<X509, X509Free> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!certificate) throw Error(Fault::missing, "it cannot be read");
    unsigned char* bytes = nullptr;
    const int length_bytes = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &bytes);
    if (length_bytes <= 0) throw Error(Fault::missing, "it holds no key");
    const std::string spki(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length_bytes));
    OPENSSL_free(bytes);
    return spki;
}

PublicKey public_key_of_certificate(const std::string& der) {
    try {
        return PublicKey::from_spki(spki_of_certificate(der));
    } catch (const Error& problem) {
        throw Error(Fault::missing, std::string("the certificate in the token: ") + problem.what());
    }
}

// What belongs to a private key has its id, or if it has none its label.
std::vector<CK_OBJECT_HANDLE> beside(const Pkcs11Session& session, CK_OBJECT_HANDLE key,
                                     CK_OBJECT_CLASS kind) {
    const std::string id = session.attribute(key, CKA_ID);
    const std::string label = session.attribute(key, CKA_LABEL);
    if (id.empty() && label.empty()) return {};
    return session.find({class_attribute(kind),
                         id.empty() ? bytes_attribute(CKA_LABEL, label) : bytes_attribute(CKA_ID, id)});
}

// If the wrong one is taken, no signature will fit it and none is given out.
PublicKey public_half(const Pkcs11Session& session, CK_OBJECT_HANDLE key, TokenKeyType type) {
    const std::vector<CK_OBJECT_HANDLE> keys = beside(session, key, CKO_PUBLIC_KEY);
    if (!keys.empty()) return public_key_of_token(type, session.attribute(keys.front(), CKA_EC_POINT));
    const std::vector<CK_OBJECT_HANDLE> certificates = beside(session, key, CKO_CERTIFICATE);
    if (!certificates.empty())
        return public_key_of_certificate(session.attribute(certificates.front(), CKA_VALUE));
    throw Error(Fault::missing,
                "the token has neither a public key nor a certificate beside the private key " +
                    shown(session, key))
        .hint("write the public key into the token under the same id, such as with: pkcs11-tool "
              "--write-object FILE --type pubkey --id ID");
}

std::string name_of_type(CK_KEY_TYPE type) {
    switch (type) {
    case CKK_RSA:
        return "an RSA key";
    case CKK_DSA:
        return "a DSA key";
    case CKK_EC:
        return "an elliptic-curve key";
    default:
        return "a key of type " + std::to_string(type);
    }
}

TokenKeyType type_of(const Pkcs11Session& session, CK_OBJECT_HANDLE key) {
    const CK_KEY_TYPE kind = session.number(key, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION);
    if (kind != CKK_EC && kind != CKK_EC_EDWARDS)
        throw Error(Fault::missing, "the token's key is " + name_of_type(kind) + ", wanted Ed25519 or P-256");
    const TokenKeyType type = token_key_type(session.attribute(key, CKA_EC_PARAMS));
    if ((type == TokenKeyType::ed25519) != (kind == CKK_EC_EDWARDS))
        throw Error(Fault::missing, "the token's key has a curve that does not belong to its type");
    return type;
}

CK_MECHANISM_TYPE mechanism_for(const Pkcs11Session& session, TokenKeyType type) {
    const auto offered = [&](CK_MECHANISM_TYPE mechanism) {
        return session.module().offers(session.slot(), mechanism);
    };
    if (type == TokenKeyType::ed25519) {
        if (offered(CKM_EDDSA)) return CKM_EDDSA;
    } else {
        if (offered(CKM_ECDSA)) return CKM_ECDSA; // of the digest, which is short; every token that has P-256
        if (offered(CKM_ECDSA_SHA256)) return CKM_ECDSA_SHA256;
    }
    throw Error(Fault::missing, "the token cannot sign with keys of this type");
}

std::string_view text_of(const manifests::Digest& digest) {
    return {reinterpret_cast<const char*>(digest.bytes().data()), digest.bytes().size()};
}

class TokenSigner final : public Signer {
public:
    TokenSigner(std::unique_ptr<Pkcs11Session> session, CK_OBJECT_HANDLE key, std::optional<SecretText> pin)
        : session_(std::move(session)),
          key_(key),
          type_(type_of(*session_, key)),
          mechanism_(mechanism_for(*session_, type_)),
          public_key_(public_half(*session_, key, type_)),
          pin_(std::move(pin)) {}

    PublicKey public_key() const override { return public_key_; }

    std::string sign(std::string_view message) const override {
        // Every other ECDSA signature has the one length: signer.hpp.
        const int most_tries = type_ == TokenKeyType::p256 ? 100 : 1;
        std::string signature;
        for (int i = 0; i < most_tries && signature.size() != signature_bytes(); ++i)
            signature = made_by_token(message);
        if (signature.size() != signature_bytes() || !public_key_.verifies(message, signature))
            throw Error(Fault::io, "what the token gave is no signature by the public key beside the private "
                                   "key " +
                                       shown(*session_, key_))
                .hint("the two may not belong together: look at their ids with pkcs11-tool --list-objects");
        return signature;
    }

private:
    std::string made_by_token(std::string_view message) const {
        const SecretText* const pin = pin_ ? &*pin_ : nullptr;
        if (type_ == TokenKeyType::ed25519) return session_->sign(key_, mechanism_, message, pin);
        if (mechanism_ == CKM_ECDSA) {
            const manifests::Digest digest = manifests::Digest::of(message);
            return ecdsa_der(session_->sign(key_, mechanism_, text_of(digest), pin));
        }
        return ecdsa_der(session_->sign(key_, mechanism_, message, pin));
    }

    std::unique_ptr<Pkcs11Session> session_;
    CK_OBJECT_HANDLE key_;
    TokenKeyType type_;
    CK_MECHANISM_TYPE mechanism_;
    PublicKey public_key_;
    std::optional<SecretText> pin_; // for keys that want it with every signature
};

} // namespace

std::unique_ptr<Signer> open_pkcs11_signer(const std::string& text, const PassphraseSource& source) {
    const Pkcs11Uri uri = Pkcs11Uri::parse(text);
    const auto module = Pkcs11Module::load(module_path(uri));
    const TokenFacts token = the_token(*module, uri);
    auto session = std::make_unique<Pkcs11Session>(module, token.slot);
    std::optional<SecretText> pin = pin_for(token, uri, source);
    if ((token.flags & CKF_LOGIN_REQUIRED) != 0) session->login(pin ? &*pin : nullptr);
    const CK_OBJECT_HANDLE key = the_private_key(*session, uri);
    if (!session->is_true(key, CKA_SIGN))
        throw Error(Fault::missing,
                    "the token's key " + shown(*session, key) + " may not sign (CKA_SIGN is off)");
    return std::make_unique<TokenSigner>(std::move(session), key, std::move(pin));
}

} // namespace packager
