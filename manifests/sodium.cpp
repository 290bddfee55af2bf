#include "manifests/sodium.hpp"

#include <sodium.h>

#include "manifests/error.hpp"

namespace manifests {

void start_sodium() {
    static const int status = sodium_init();
    if (status < 0) throw Error(Fault::internal, "libsodium does not start on this system");
}

} // namespace manifests
