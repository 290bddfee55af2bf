#include "packager/secret_key.hpp"

#include <sodium.h>

#include "manifests/error.hpp"
#include "manifests/sodium.hpp"

namespace packager {

using manifests::Error;
using manifests::Fault;
using manifests::PublicKey;

static_assert(SecretKey::seed_bytes == crypto_sign_SEEDBYTES);

SecretKey::SecretKey(const SecretText& expanded, const PublicKey& public_key)
    : expanded_(expanded), public_key_(public_key) {}

SecretKey SecretKey::generate() {
    SecretText seed(seed_bytes);
    randombytes_buf(seed.buffer(), seed_bytes);
    seed.set_size(seed_bytes);
    return from_seed(seed.view());
}

SecretKey SecretKey::from_seed(std::string_view seed) {
    if (seed.size() != seed_bytes)
        throw Error(Fault::damaged,
                    "an Ed25519 secret key of " + std::to_string(seed.size()) + " bytes, wanted 32");
    SecretText expanded(crypto_sign_SECRETKEYBYTES);
    std::string raw(crypto_sign_PUBLICKEYBYTES, '\0');
    crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(raw.data()),
                             reinterpret_cast<unsigned char*>(expanded.buffer()),
                             reinterpret_cast<const unsigned char*>(seed.data()));
    expanded.set_size(expanded.capacity_bytes());
    return {expanded, PublicKey::from_raw(raw)};
}

std::string SecretKey::sign(std::string_view message) const {
    std::string signature(crypto_sign_BYTES, '\0');
    const GuardedSecret::Open open(expanded_);
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         reinterpret_cast<const unsigned char*>(open.view().data()));
    return signature;
}

SecretText SecretKey::secret() const {
    const GuardedSecret::Open open(expanded_);
    return SecretText::copy_of(open.view().substr(0, seed_bytes));
}

} // namespace packager
