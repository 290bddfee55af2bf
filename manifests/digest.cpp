#include "manifests/digest.hpp"

#include <algorithm>

#include <openssl/evp.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view prefix = "sha256:";

// Fetched once: an implicit fetch at every init costs more than hashing a small file.
const EVP_MD* fetched(const char* name) {
    const EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
    if (algorithm == nullptr) throw Error(Fault::internal, std::string("libcrypto has no ") + name);
    return algorithm;
}

const EVP_MD* algorithm_of(Hasher::Algorithm algorithm) {
    static const EVP_MD* const sha256 = fetched("SHA256");
    static const EVP_MD* const sha512 = fetched("SHA512");
    static const EVP_MD* const sm3 = fetched("SM3");
    if (algorithm == Hasher::Algorithm::sm3) return sm3;
    return algorithm == Hasher::Algorithm::sha256 ? sha256 : sha512;
}

} // namespace

Digest Digest::parse(std::string_view text) {
    if (!text.starts_with(prefix)) {
        throw Error(Fault::damaged, Code::format_document,
                    in_quotes(text) + " does not start with 'sha256:'");
    }
    const std::string_view hex = text.substr(prefix.size());
    if (hex.size() != 2 * size_bytes) {
        throw Error(Fault::damaged, Code::format_document,
                    in_quotes(text) + " has " + std::to_string(hex.size()) +
                        " digits after 'sha256:', wanted 64");
    }
    if (hex.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
        throw Error(Fault::damaged, Code::format_document, in_quotes(text) + " is not lower-case hex");
    }
    const std::string raw = from_hex(hex);
    Bytes bytes{};
    std::copy(raw.begin(), raw.end(), bytes.begin());
    return Digest(bytes);
}

Digest Digest::of(std::string_view bytes) {
    Hasher hasher;
    hasher.update(bytes.data(), bytes.size());
    return hasher.finish();
}

std::string Digest::hex() const {
    return to_hex({reinterpret_cast<const char*>(bytes_.data()), bytes_.size()});
}

std::string Digest::text() const {
    return std::string(prefix) + hex();
}

struct Hasher::State {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Hasher::Hasher(Algorithm algorithm) : state_(std::make_unique<State>()) {
    if (!state_->context ||
        EVP_DigestInit_ex2(state_->context.get(), algorithm_of(algorithm), nullptr) != 1) {
        throw Error(Fault::internal, "libcrypto cannot start a hash");
    }
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(const void* data, std::size_t length_bytes) {
    if (EVP_DigestUpdate(state_->context.get(), data, length_bytes) != 1) {
        throw Error(Fault::internal, "libcrypto cannot hash");
    }
}

std::string Hasher::finish_bytes() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned int length = 0;
    if (EVP_DigestFinal_ex(state_->context.get(), out.data(), &length) != 1) {
        throw Error(Fault::internal, "libcrypto cannot end a hash");
    }
    return {reinterpret_cast<const char*>(out.data()), length};
}

Digest Hasher::finish() {
    const std::string raw = finish_bytes();
    Digest::Bytes bytes{};
    if (raw.size() != bytes.size()) throw Error(Fault::internal, "not a SHA-256 hash");
    std::copy(raw.begin(), raw.end(), bytes.begin());
    return Digest::from_bytes(bytes);
}

} // namespace manifests
