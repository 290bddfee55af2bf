#include "packager/signer.hpp"

#include "packager/key_file.hpp"
#include "packager/pkcs11_signer.hpp"
#include "packager/pkcs11_uri.hpp"

namespace packager {

std::size_t Signer::signature_bytes() const {
    constexpr std::size_t ed25519_bytes = 64;
    return public_key().type() == manifests::KeyType::ed25519 ? ed25519_bytes : der_signature_bytes;
}

std::unique_ptr<Signer> open_signer(const std::string& name, const PassphraseSource& source) {
    if (is_pkcs11_uri(name)) return open_pkcs11_signer(name, source);
    return load_key(name, source);
}

} // namespace packager
