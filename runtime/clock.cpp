#include "runtime/clock.hpp"

#include <algorithm>
#include <ctime>

#include "manifests/time_text.hpp"

namespace runtime {

std::string clock_text() {
    const auto seconds = static_cast<std::int64_t>(std::time(nullptr));
    return manifests::time_text(std::clamp<std::int64_t>(seconds, 0, manifests::last_time_s));
}

} // namespace runtime
