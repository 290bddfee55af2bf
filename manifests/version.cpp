#include "manifests/version.hpp"

namespace manifests {

std::string_view program_version() {
    return SEALIFT_VERSION;
}

} // namespace manifests
