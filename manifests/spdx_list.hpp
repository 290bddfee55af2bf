#pragma once
#include <string_view>

namespace manifests {

/// Whether `identifier` is on the SPDX licence list 3.28.0, in its exact spelling: "Apache-2.0".
bool is_spdx_licence(std::string_view identifier);
/// The same for what may follow WITH: "LLVM-exception".
bool is_spdx_exception(std::string_view identifier);

} // namespace manifests
