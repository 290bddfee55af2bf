#pragma once
// Sigstore bundles (v0.3): one DSSE envelope with exactly one signature, and a hint for finding the key. So
// what two have signed becomes two of them, and a verifier of one says nothing about the other: thresholds
// stay with the bundle itself.

#include <string>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/dsse.hpp"
#include "manifests/public_key.hpp"

namespace packager {

/// The JSON of one, with a line feed at its end.
/// @param hint  of the key; also the key id of the signature, for a verifier that is given both wants them to
///              be equal
std::string sigstore_bundle_text(const manifests::Envelope& envelope,
                                 const manifests::EnvelopeSignature& signature, const std::string& hint);

struct SigstoreBundle {
    std::string key_id; ///< of the signer
    std::string text;
};

struct SigstoreBundles {
    std::vector<SigstoreBundle> bundles;
    std::vector<std::string> notes; ///< what was left out, or not checked, and why
};

/// One for each signature on a release statement about `bundle`, in the order of the envelopes. The hint is
/// that of sigstore: base64 of the SHA-256 of the SubjectPublicKeyInfo.
///
/// An envelope holds no keys. A signature by one of `keys` was verified. One by another key is put in
/// unchecked if it has the 64 bytes of Ed25519, and left out if it is a DER pair: that may be SM2, for which
/// sigstore has no name.
/// @throws Error  Fault::damaged, Code::trust_signature if one names a key of `keys` and is not by it
SigstoreBundles sigstore_bundles(const std::vector<std::string>& envelopes, const manifests::Digest& bundle,
                                 const std::vector<manifests::PublicKey>& keys);

/// @throws Error  Fault::refused for an SM2 key
void refuse_sigstore_key(const manifests::PublicKey& key);

} // namespace packager
