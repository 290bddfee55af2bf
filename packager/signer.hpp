#pragma once
// Whoever can put a signature under bytes: a secret key in memory, a token behind PKCS#11. What signs knows
// nothing of envelopes, and what makes envelopes knows nothing of keys.

#include <memory>
#include <string>
#include <string_view>

#include "manifests/public_key.hpp"
#include "packager/passphrase.hpp"

namespace packager {

class Signer {
public:
    virtual ~Signer() = default;
    virtual manifests::PublicKey public_key() const = 0;
    /// Over the whole message, with the one algorithm that public_key().verifies() checks.
    virtual std::string sign(std::string_view message) const = 0;
    /// How long sign()'s answer is: places in a bundle are planned before anything can be signed.
    virtual std::size_t signature_bytes() const { return manifests::PublicKey::signature_bytes; }

protected:
    Signer() = default;
    Signer(const Signer&) = default;
    Signer& operator=(const Signer&) = default;
};

/// @param name  a secret key file
/// @throws Error  Fault::missing, Fault::io
std::unique_ptr<Signer> open_signer(const std::string& name, const PassphraseSource& source);

} // namespace packager
