#pragma once
// Inside the room: a stream over a kernel that takes whole parts of 64 bytes only.

#include <array>
#include <cstddef>
#include <cstdint>

#include "manifests/hashing/kernels.hpp"

namespace hashing {

class OwnStream {
public:
    /// @param kernel  has compress; outlives the stream
    explicit OwnStream(const Kernel& kernel) : kernel_(&kernel) {}

    void update(const unsigned char* data, std::size_t length_bytes);
    /// True if the bytes so far are whole parts, as update_blocks() needs: the parts of a block are only
    /// those of the stream if both begin at the same place.
    bool is_between_parts() const { return rest_bytes() == 0; }
    void update_blocks(const unsigned char* data, std::size_t count, Hash* out);
    Hash finish();

private:
    std::size_t rest_bytes() const { return length_bytes_ % part_bytes; }

    const Kernel* kernel_;
    Words words_ = initial_words;
    std::uint64_t length_bytes_ = 0;
    std::array<unsigned char, part_bytes> rest_{}; ///< the begun part
};

} // namespace hashing
