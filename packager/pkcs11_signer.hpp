#pragma once
// A key in a token behind PKCS#11: it signs there and never leaves. Ed25519, and P-256 with SHA-256.

#include <memory>
#include <string>

#include "packager/passphrase.hpp"
#include "packager/signer.hpp"

namespace packager {

/// Exactly one token and one private key in it must fit the URI. The PIN comes from its pin-source, or else
/// from the passphrase sources, or is typed on the token's own keys if it has some. Every signature is
/// checked with the token's public key before it is given out.
/// @param uri  RFC 7512; the module is its module-path or else SEALIFT_PKCS11_MODULE
/// @throws Error  Fault::usage for the URI; Fault::missing if module, token, key or PIN is not there or is
/// not
///                the one, listing what was found; Fault::io for what the token says
std::unique_ptr<Signer> open_pkcs11_signer(const std::string& uri, const PassphraseSource& source);

} // namespace packager
