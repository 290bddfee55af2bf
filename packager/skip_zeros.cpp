#include "packager/skip_zeros.hpp"

#include <algorithm>

namespace packager {

std::uint64_t skip_zeros(const FileView& file, std::uint64_t at, std::uint64_t end) {
    std::uint64_t step = 64; // most gaps are short
    while (at < end) {
        const std::string piece = file.bytes(at, std::min(end - at, step), "padding");
        const std::size_t found = piece.find_first_not_of('\0');
        if (found != std::string::npos) return at + found;
        at += piece.size();
        step = 64 * 1024;
    }
    return end;
}

} // namespace packager
