#include "runtime/cpu.hpp"

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "there is no way to ask this processor yet: add one beside cpu_x86.cpp and cpu_arm.cpp"
#endif

namespace runtime {

std::vector<std::string> known_x86_features(); // cpu_x86.cpp
std::vector<std::string> known_arm_features(); // cpu_arm.cpp

std::vector<std::string> known_cpu_features(const std::string& architecture) {
    if (architecture == "x86_64") return known_x86_features();
    if (architecture == "aarch64") return known_arm_features();
    return {};
}

} // namespace runtime
