#include "packager/secret_text.hpp"

#include <cstring>

#include <sodium.h>

#include "manifests/error.hpp"
#include "manifests/sodium.hpp"

namespace packager {

using manifests::Error;
using manifests::Fault;

void SecretText::Free::operator()(char* memory) const noexcept {
    sodium_free(memory); // wipes first
}

SecretText::SecretText(std::size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {
    manifests::start_sodium();
    memory_.reset(static_cast<char*>(sodium_malloc(capacity_bytes)));
    if (!memory_) throw Error(Fault::io, "there is no memory for secrets");
}

SecretText SecretText::copy_of(std::string_view bytes) {
    SecretText text(bytes.size());
    text.append(bytes);
    return text;
}

void SecretText::append(std::string_view bytes) {
    if (bytes.size() > capacity_bytes_ - size_bytes_)
        throw Error(Fault::internal, "a secret does not fit its memory");
    if (!bytes.empty()) std::memcpy(memory_.get() + size_bytes_, bytes.data(), bytes.size());
    size_bytes_ += bytes.size();
}

void SecretText::set_size(std::size_t size_bytes) {
    if (size_bytes > capacity_bytes_) throw Error(Fault::internal, "a secret does not fit its memory");
    size_bytes_ = size_bytes;
}

void SecretText::clear() noexcept {
    sodium_memzero(memory_.get(), capacity_bytes_);
    size_bytes_ = 0;
}

bool operator==(const SecretText& a, const SecretText& b) noexcept {
    return a.size_bytes_ == b.size_bytes_ &&
           sodium_memcmp(a.memory_.get(), b.memory_.get(), a.size_bytes_) == 0;
}

} // namespace packager
