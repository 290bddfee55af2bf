#include "packager/emit_sigstore.hpp"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "manifests/base64.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/media_types.hpp"
#include "manifests/predicates.hpp"
#include "manifests/statement.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Envelope;
using manifests::EnvelopeSignature;
using manifests::Error;
using manifests::Fault;
using manifests::KeyType;
using manifests::OrderedJson;
using manifests::PublicKey;

constexpr const char* media_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::size_t ed25519_signature_bytes = 64;

// Envelopes of others travel in a bundle too, whatever they say and however broken they are.
std::optional<Envelope> release_envelope(const std::string& text, const manifests::Digest& bundle) {
    try {
        Envelope envelope = Envelope::parse(text);
        if (envelope.payload_type != manifests::media::in_toto_payload) return std::nullopt;
        const auto statement = manifests::Statement::parse(envelope.payload);
        if (statement.predicate_type != manifests::predicate::release || statement.find(bundle) == nullptr)
            return std::nullopt;
        return envelope;
    } catch (const Error& problem) {
        if (problem.fault() != Fault::damaged) throw;
        return std::nullopt;
    }
}

const PublicKey* key_behind(const EnvelopeSignature& signature, const std::string& message,
                            const std::vector<PublicKey>& keys) {
    for (const PublicKey& key : keys) {
        if (key.verifies(message, signature.signature)) return &key;
        if (key.key_id() == signature.key_id)
            throw Error(Fault::damaged, manifests::Code::trust_signature,
                        "a signature on the release names key " + key.key_id() + " and is not by it");
    }
    return nullptr;
}

bool is_key_id(const std::string& text) {
    const auto is_digit = [](char one) { return (one >= '0' && one <= '9') || (one >= 'a' && one <= 'f'); };
    return text.size() == 2 * manifests::Digest::size_bytes &&
           std::all_of(text.begin(), text.end(), is_digit);
}

std::string shown(const EnvelopeSignature& signature) {
    return signature.key_id.empty() ? "without a key id"
                                    : "by key " + manifests::escaped(signature.key_id, 64);
}

// The key id of the signer, or why there is no bundle for this signature.
struct Choice {
    std::string key_id;
    std::string note;
};

Choice choose(const EnvelopeSignature& signature, const PublicKey* key) {
    if (key != nullptr && key->type() == KeyType::sm2)
        return {"", "left out: sigstore has no SM2 keys, and so none for the signature " + shown(signature)};
    if (key != nullptr) return {key->key_id(), ""};
    if (!is_key_id(signature.key_id) || signature.signature.size() != ed25519_signature_bytes)
        return {"", "left out: what kind of key has made the signature " + shown(signature) +
                        " is not in the bundle; --key FILE tells"};
    return {signature.key_id, "not checked: the signature " + shown(signature) + "; --key FILE checks it"};
}

} // namespace

std::string sigstore_bundle_text(const Envelope& envelope, const EnvelopeSignature& signature,
                                 const std::string& hint) {
    const OrderedJson bundle{
        {"mediaType", media_type},
        {"verificationMaterial", {{"publicKey", {{"hint", hint}}}, {"tlogEntries", OrderedJson::array()}}},
        {"dsseEnvelope",
         {{"payload", manifests::to_base64(envelope.payload)},
          {"payloadType", envelope.payload_type},
          {"signatures",
           OrderedJson::array({{{"sig", manifests::to_base64(signature.signature)}, {"keyid", hint}}})}}}};
    return manifests::write_json(bundle) + "\n";
}

SigstoreBundles sigstore_bundles(const std::vector<std::string>& envelopes, const manifests::Digest& bundle,
                                 const std::vector<PublicKey>& keys) {
    SigstoreBundles result;
    for (const std::string& text : envelopes) {
        const std::optional<Envelope> envelope = release_envelope(text, bundle);
        if (!envelope) continue;
        const std::string message =
            manifests::pre_authentication_encoding(envelope->payload_type, envelope->payload);
        for (const EnvelopeSignature& signature : envelope->signatures) {
            const Choice choice = choose(signature, key_behind(signature, message, keys));
            if (!choice.note.empty()) result.notes.push_back(choice.note);
            if (choice.key_id.empty()) continue;
            const std::string hint = manifests::to_base64(manifests::from_hex(choice.key_id));
            result.bundles.push_back({choice.key_id, sigstore_bundle_text(*envelope, signature, hint)});
        }
    }
    return result;
}

void refuse_sigstore_key(const PublicKey& key) {
    if (key.type() != KeyType::sm2) return;
    throw Error(Fault::refused, "sigstore has no SM2 keys")
        .hint("sign with an Ed25519 or a P-256 key for sigstore; sealift's own signatures may be SM2");
}

} // namespace packager
