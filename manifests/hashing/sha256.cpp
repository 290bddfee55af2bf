#include "manifests/hashing/sha256.hpp"

#include <openssl/evp.h>

namespace hashing {
struct Stream::State {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};
Stream::Stream() : state_(std::make_unique<State>()) {
    EVP_DigestInit_ex2(state_->context.get(), EVP_sha256(), nullptr);
}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
void Stream::update(const void* data, std::size_t length_bytes) {
    EVP_DigestUpdate(state_->context.get(), data, length_bytes);
}
void Stream::update_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    update(data, count * block_bytes);
    hash_blocks(data, count, out);
}
Hash Stream::finish() {
    Hash out{};
    EVP_DigestFinal_ex(state_->context.get(), out.data(), nullptr);
    return out;
}
Hash hash(const void* data, std::size_t length_bytes) {
    Stream stream;
    stream.update(data, length_bytes);
    return stream.finish();
}
void hash_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    for (std::size_t i = 0; i < count; ++i)
        out[i] = hash(data + i * block_bytes, block_bytes);
}
Choice choice() {
    return {"evp", "evp"};
}
std::vector<std::string_view> available() {
    return {"evp"};
}
void force(std::string_view) {}
} // namespace hashing
