#include "packager/guarded_secret.hpp"

#include <cstring>

#include <sodium.h>

#include "manifests/error.hpp"
#include "manifests/sodium.hpp"

namespace packager {

using manifests::Error;
using manifests::Fault;

void GuardedSecret::Free::operator()(char* memory) const noexcept {
    sodium_free(memory); // makes it accessible, wipes, frees
}

GuardedSecret::GuardedSecret(const SecretText& bytes) : size_bytes_(bytes.view().size()) {
    manifests::start_sodium();
    memory_.reset(static_cast<char*>(sodium_malloc(size_bytes_)));
    if (!memory_) throw Error(Fault::io, "there is no memory for a secret key");
    std::memcpy(memory_.get(), bytes.view().data(), size_bytes_);
    sodium_mprotect_noaccess(memory_.get());
}

GuardedSecret::Open::Open(const GuardedSecret& secret) : view_(secret.memory_.get(), secret.size_bytes_) {
    if (!secret.memory_) throw Error(Fault::internal, "the secret key was moved away");
    if (sodium_mprotect_readonly(secret.memory_.get()) != 0)
        throw Error(Fault::internal, "the memory of the secret key cannot be opened");
}

GuardedSecret::Open::~Open() {
    sodium_mprotect_noaccess(const_cast<char*>(view_.data()));
}

} // namespace packager
