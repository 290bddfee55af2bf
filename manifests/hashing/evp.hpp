#pragma once
// Inside the room: libcrypto's SHA-256, the reference that the kernels have to agree with.

#include <cstddef>
#include <memory>

#include <openssl/evp.h>

#include "manifests/hashing/sha256.hpp"

namespace hashing::evp {

struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// All of these throw manifests::Error, Fault::internal, if libcrypto fails.
class Stream {
public:
    Stream();
    void update(const void* data, std::size_t length_bytes);
    Hash finish();

private:
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Hash hash(const void* data, std::size_t length_bytes);
void hash_blocks(const unsigned char* data, std::size_t count, Hash* out);

} // namespace hashing::evp
