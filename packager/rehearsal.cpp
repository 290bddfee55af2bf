#include "packager/rehearsal.hpp"

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "packager/secret_key.hpp"
#include "runtime/atomic_file.hpp"

namespace packager {
namespace {

using manifests::PublicKey;

// The part of the machines that are elsewhere.
std::string sign_elsewhere(const PreparedMessage& message, const SecretKey& key) {
    const std::string bytes = runtime::read_small_file(message.path, manifests::Envelope::most_bytes);
    const std::string path = message.path.substr(0, message.path.size() - 4) + ".sig";
    runtime::write_file_whole(path, key.sign(bytes));
    return path;
}

void demand_signed(const std::vector<std::string>& envelopes, const std::vector<PublicKey>& keys) {
    for (const std::string& bytes : envelopes) {
        if (manifests::keys_that_signed(manifests::Envelope::parse(bytes), keys).size() == keys.size())
            return;
    }
    throw manifests::Error(manifests::Fault::internal, "the rehearsed signatures are not in the envelope");
}

} // namespace

std::vector<PreparedMessage> rehearse(const runtime::Bundle& bundle, const std::vector<Claim>& claims,
                                      std::size_t keys, const std::string& folder) {
    std::vector<SecretKey> secret;
    std::vector<PublicKey> known;
    for (std::size_t i = 0; i < keys; ++i) {
        secret.push_back(SecretKey::generate());
        known.push_back(secret.back().public_key());
    }
    const std::vector<PreparedMessage> messages = prepare_signing(claims, known, folder);
    std::vector<ReturnedSignature> returned;
    for (const PreparedMessage& message : messages) {
        for (const SecretKey& key : secret) {
            if (key.public_key().key_id() == message.key_id)
                returned.push_back(read_returned(sign_elsewhere(message, key), "", {}));
        }
    }
    demand_signed(attach(bundle, returned), known);
    return messages;
}

} // namespace packager
