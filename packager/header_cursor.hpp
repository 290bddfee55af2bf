#pragma once
// Goes through a binary header from front to back with one window of bytes, little-endian, and never beyond
// the file: every length is compared with what is left before anything is taken.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/error.hpp"
#include "packager/tensors.hpp"

namespace packager {

class HeaderCursor {
public:
    /// @param read  must live as long as the cursor
    /// @param most_bytes  where it ends at the latest, as if the file did
    HeaderCursor(std::uint64_t size_bytes, const ReadBytes& read,
                 std::uint64_t most_bytes = most_header_bytes)
        : size_bytes_(std::min(size_bytes, most_bytes)), read_(read) {}

    std::uint64_t at() const noexcept { return at_; }
    std::uint64_t left() const noexcept { return size_bytes_ - at_; }

    void skip(std::uint64_t length) {
        if (length > left()) refuse("the header ends inside of a value at byte " + std::to_string(at_));
        at_ += length;
    }
    /// Valid until the next call.
    std::string_view take(std::uint64_t length) {
        const std::uint64_t from = at_;
        skip(length);
        return view(from, length);
    }
    /// Up to `most` bytes from here on, fewer at the end; the cursor stays. Valid until the next call.
    std::string_view peek(std::uint64_t most) { return view(at_, std::min(most, left())); }
    std::uint64_t number(std::size_t length) {
        std::uint64_t value = 0;
        const std::string_view bytes = take(length);
        for (std::size_t i = 0; i < length; ++i)
            value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
        return value;
    }
    /// A text with its length of 8 bytes in front.
    std::string text(std::uint64_t most_bytes, const char* what) {
        const std::uint64_t length = number(8);
        if (length > most_bytes) refuse(std::string(what) + " of " + std::to_string(length) + " bytes");
        return std::string(take(length));
    }

    [[noreturn]] static void refuse(const std::string& text) {
        throw manifests::Error(manifests::Fault::damaged, text);
    }

private:
    std::string_view view(std::uint64_t from, std::uint64_t length) {
        if (from < window_at_ || from + length > window_at_ + window_.size()) fill(from, length);
        return std::string_view(window_).substr(static_cast<std::size_t>(from - window_at_),
                                                static_cast<std::size_t>(length));
    }
    void fill(std::uint64_t from, std::uint64_t length) {
        constexpr std::uint64_t window_bytes = 65536;
        const std::uint64_t wanted = std::min(std::max(length, window_bytes), size_bytes_ - from);
        window_ = read_(from, static_cast<std::size_t>(wanted));
        window_at_ = from;
        if (window_.size() < length) refuse("the file became shorter while it was read");
    }

    std::uint64_t size_bytes_;
    const ReadBytes& read_;
    std::uint64_t at_ = 0;
    std::uint64_t window_at_ = 0;
    std::string window_;
};

} // namespace packager
