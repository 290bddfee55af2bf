#pragma once
#include <string_view>

namespace manifests {

/// "0.1.0"; part of what makes two builds the same, so it is in every SBOM.
std::string_view program_version();

} // namespace manifests
