#pragma once
// The bytes of a file from outside, asked for piece by piece and never beyond its end: every reader of binary
// headers goes through here, so that a hostile offset or length is a refusal in one place.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace packager {

/// Gives `length` bytes at `offset`; fewer only if the file became shorter.
using ReadAt = std::function<std::string(std::uint64_t offset, std::size_t length)>;

class FileView {
public:
    /// `read_at` must outlive the view.
    FileView(std::uint64_t size_bytes, const ReadAt& read_at) : size_bytes_(size_bytes), read_at_(&read_at) {}

    std::uint64_t size_bytes() const { return size_bytes_; }
    bool contains(std::uint64_t offset, std::uint64_t length) const {
        return offset <= size_bytes_ && length <= size_bytes_ - offset;
    }
    /// @param what  named in the refusal: "program header table"
    /// @throws Error  Fault::damaged if the file has no such bytes, or no longer
    std::string bytes(std::uint64_t offset, std::uint64_t length, const char* what) const;
    /// The same with fewer bytes where the file ends.
    std::string at_most(std::uint64_t offset, std::uint64_t length, const char* what) const;

private:
    std::uint64_t size_bytes_;
    const ReadAt* read_at_;
};

/// Lowest byte first. `bytes` has at + length bytes.
std::uint64_t little_number(std::string_view bytes, std::size_t at, std::size_t length);

} // namespace packager
