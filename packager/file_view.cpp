#include "packager/file_view.hpp"

#include <algorithm>

#include "manifests/error.hpp"

namespace packager {

using manifests::Error;
using manifests::Fault;

std::string FileView::bytes(std::uint64_t offset, std::uint64_t length, const char* what) const {
    if (!contains(offset, length)) {
        throw Error(Fault::damaged, std::string(what) + " is " + std::to_string(length) + " bytes at " +
                                        std::to_string(offset) + ", outside of the " +
                                        std::to_string(size_bytes_) + " bytes of the file");
    }
    std::string read = (*read_at_)(offset, static_cast<std::size_t>(length));
    if (read.size() != length)
        throw Error(Fault::damaged, std::string(what) + " ends early: the file became shorter");
    return read;
}

std::string FileView::at_most(std::uint64_t offset, std::uint64_t length, const char* what) const {
    if (offset >= size_bytes_) return "";
    return bytes(offset, std::min(length, size_bytes_ - offset), what);
}

std::uint64_t little_number(std::string_view bytes, std::size_t at, std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = length; i > 0; --i)
        value = (value << 8) | static_cast<unsigned char>(bytes[at + i - 1]);
    return value;
}

} // namespace packager
