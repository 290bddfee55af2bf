#include "utf8.hpp"

namespace engine {
namespace {

/// @return 1 for anything that does not start a longer character
std::size_t length_announced_by(unsigned char first) noexcept {
    if (first >= 0xF0 && first <= 0xF4) return 4;
    if (first >= 0xE0 && first < 0xF0) return 3;
    if (first >= 0xC2 && first < 0xE0) return 2;
    return 1;
}

} // namespace

std::size_t finished_length(std::string_view bytes) noexcept {
    for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
        const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
        const bool continues = (byte & 0xC0U) == 0x80U;
        if (continues) continue;
        return length_announced_by(byte) > back ? bytes.size() - back : bytes.size();
    }
    return bytes.size();
}

} // namespace engine
