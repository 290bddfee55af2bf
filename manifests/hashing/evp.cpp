#include "manifests/hashing/evp.hpp"

#include "manifests/error.hpp"

namespace hashing::evp {
namespace {

using manifests::Error;
using manifests::Fault;

// Fetched once: an implicit fetch at every start costs more than hashing a small file.
const EVP_MD* sha256() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (algorithm == nullptr) throw Error(Fault::internal, "libcrypto has no SHA-256");
    return algorithm;
}

void start(EVP_MD_CTX* context) {
    if (context == nullptr || EVP_DigestInit_ex2(context, sha256(), nullptr) != 1)
        throw Error(Fault::internal, "libcrypto cannot start a hash");
}

void add(EVP_MD_CTX* context, const void* data, std::size_t length_bytes) {
    if (EVP_DigestUpdate(context, data, length_bytes) != 1)
        throw Error(Fault::internal, "libcrypto cannot hash");
}

Hash end(EVP_MD_CTX* context) {
    Hash hash{};
    if (EVP_DigestFinal_ex(context, hash.data(), nullptr) != 1)
        throw Error(Fault::internal, "libcrypto cannot end a hash");
    return hash;
}

/// One for each thread, for what starts and ends in one call: nothing is allocated for a block.
EVP_MD_CTX* own_context() {
    thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    return context.get();
}

} // namespace

Stream::Stream() : context_(EVP_MD_CTX_new()) {
    start(context_.get());
}

void Stream::update(const void* data, std::size_t length_bytes) {
    add(context_.get(), data, length_bytes);
}

Hash Stream::finish() {
    return end(context_.get());
}

Hash hash(const void* data, std::size_t length_bytes) {
    EVP_MD_CTX* const context = own_context();
    start(context);
    add(context, data, length_bytes);
    return end(context);
}

void hash_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    for (std::size_t i = 0; i < count; ++i)
        out[i] = hash(data + i * block_bytes, block_bytes);
}

} // namespace hashing::evp
