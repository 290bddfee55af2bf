#pragma once
// Whoever can put a signature under bytes: a secret key in memory, a token behind PKCS#11. What signs knows
// nothing of envelopes, and what makes envelopes knows nothing of keys.

#include <memory>
#include <string>
#include <string_view>

#include "manifests/public_key.hpp"
#include "packager/passphrase.hpp"

namespace packager {

/// A DER pair (r, s) of 256-bit numbers has up to 72 bytes: each number gets a zero byte in front when its
/// top bit is set, which of two is one every other time, so of all lengths this is the most frequent. Signers
/// of such keys sign again until it is met, two tries in the mean.
///
/// That gives nothing away: whoever can ask for ordinary signatures can throw away those of another length,
/// so whatever the kept ones teach about the secret, ordinary ones teach as well; and the count of tries is
/// only the count of thrown-away ones. Each try has a nonce of its own, and no nonce is ever looked at.
inline constexpr std::size_t der_signature_bytes = 71;

class Signer {
public:
    virtual ~Signer() = default;
    virtual manifests::PublicKey public_key() const = 0;
    /// Over the whole message, with the one algorithm that public_key().verifies() checks.
    /// @return signature_bytes() of them
    virtual std::string sign(std::string_view message) const = 0;
    /// How long sign()'s answer is: places in a bundle are planned before anything can be signed. 64 for
    /// Ed25519, else der_signature_bytes.
    std::size_t signature_bytes() const;

protected:
    Signer() = default;
    Signer(const Signer&) = default;
    Signer& operator=(const Signer&) = default;
};

/// @param name  a secret key file of any type, or the URI of a key in a token (packager/pkcs11_uri.hpp). A
/// file
///              that has such a name is given as "./pkcs11:..."
/// @throws Error  Fault::missing, Fault::io; Fault::usage for a URI
std::unique_ptr<Signer> open_signer(const std::string& name, const PassphraseSource& source);

} // namespace packager
