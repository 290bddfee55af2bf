#pragma once
#include <string>

namespace runtime {

/// What the machine's clock says, as in manifests/time_text.hpp. Nothing here makes it true: whoever asks
/// compares it with the site's time floor.
std::string clock_text();

} // namespace runtime
