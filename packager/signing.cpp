#include "packager/signing.hpp"

#include <algorithm>
#include <tuple>

#include "manifests/error.hpp"

namespace packager {

using manifests::Envelope;
using manifests::EnvelopeSignature;

Envelope sign_payload(std::string_view type, std::string_view payload, const Signer& key) {
    Envelope envelope{std::string(type), std::string(payload), {}};
    add_signature(envelope, key);
    return envelope;
}

void add_signature(Envelope& envelope, const Signer& key) {
    const std::string message =
        manifests::pre_authentication_encoding(envelope.payload_type, envelope.payload);
    add_signature(envelope, key.public_key(), key.sign(message));
}

void add_signature(Envelope& envelope, const manifests::PublicKey& key, const std::string& signature) {
    const std::string key_id = key.key_id();
    const std::string message =
        manifests::pre_authentication_encoding(envelope.payload_type, envelope.payload);
    if (!key.verifies(message, signature)) {
        throw manifests::Error(manifests::Fault::refused, manifests::Code::trust_signature,
                               "the signature is not by key " + key_id + " over this statement");
    }
    auto& signatures = envelope.signatures;
    signatures.erase(std::remove_if(signatures.begin(), signatures.end(),
                                    [&](const EnvelopeSignature& one) {
                                        return one.key_id == key_id || key.verifies(message, one.signature);
                                    }),
                     signatures.end());
    if (signatures.size() == Envelope::most_signatures)
        throw manifests::Error(manifests::Fault::refused, "the envelope has " +
                                                              std::to_string(signatures.size()) +
                                                              " signatures, no more are allowed");
    signatures.push_back({key_id, signature});
    std::sort(signatures.begin(), signatures.end(), [](const auto& a, const auto& b) {
        return std::tie(a.key_id, a.signature) < std::tie(b.key_id, b.signature);
    });
}

} // namespace packager
