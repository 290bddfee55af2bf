#include "packager/secret_key.hpp"

#include <sodium.h>

#include "manifests/error.hpp"
#include "manifests/sodium.hpp"

namespace packager {

using manifests::Error;
using manifests::Fault;
using manifests::PublicKey;

static_assert(SecretKey::seed_bytes == crypto_sign_SEEDBYTES);

// While it lives, the key can be read.
class SecretKey::Open {
public:
    explicit Open(const Memory& memory) : memory_(memory.get()) {
        if (memory_ == nullptr) throw Error(Fault::internal, "the secret key was moved away");
        if (sodium_mprotect_readonly(memory_) != 0)
            throw Error(Fault::internal, "the memory of the secret key cannot be opened");
    }
    ~Open() { sodium_mprotect_noaccess(memory_); }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;

    const unsigned char* bytes() const noexcept { return memory_; }

private:
    unsigned char* memory_;
};

void SecretKey::Free::operator()(unsigned char* memory) const noexcept {
    sodium_free(memory); // makes it accessible, wipes, frees
}

SecretKey::SecretKey(Memory expanded, const PublicKey& public_key)
    : expanded_(std::move(expanded)), public_key_(public_key) {
    sodium_mprotect_noaccess(expanded_.get());
}

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
    manifests::start_sodium();
    Memory expanded(static_cast<unsigned char*>(sodium_malloc(crypto_sign_SECRETKEYBYTES)));
    if (!expanded) throw Error(Fault::io, "there is no memory for a secret key");
    std::string raw(crypto_sign_PUBLICKEYBYTES, '\0');
    crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(raw.data()), expanded.get(),
                             reinterpret_cast<const unsigned char*>(seed.data()));
    return {std::move(expanded), PublicKey::from_raw(raw)};
}

std::string SecretKey::sign(std::string_view message) const {
    std::string signature(crypto_sign_BYTES, '\0');
    const Open open(expanded_);
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         open.bytes());
    return signature;
}

SecretText SecretKey::seed() const {
    const Open open(expanded_);
    return SecretText::copy_of({reinterpret_cast<const char*>(open.bytes()), seed_bytes});
}

} // namespace packager
