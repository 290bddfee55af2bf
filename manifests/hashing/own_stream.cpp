#include "manifests/hashing/own_stream.hpp"

#include <algorithm>
#include <cstring>

namespace hashing {
namespace {

template<typename Word>
void store_big_endian(Word word, unsigned char* to) {
    for (std::size_t i = sizeof(Word); i-- > 0; word >>= 8)
        to[i] = static_cast<unsigned char>(word & 0xff);
}

} // namespace

void OwnStream::update(const unsigned char* data, std::size_t length_bytes) {
    if (length_bytes == 0) return; // data may be null then, which memcpy may not be given
    const std::size_t begun = rest_bytes();
    length_bytes_ += length_bytes;
    if (begun != 0) {
        const std::size_t taken = std::min(part_bytes - begun, length_bytes);
        std::memcpy(rest_.data() + begun, data, taken);
        if (begun + taken < part_bytes) return;
        kernel_->compress(words_, rest_.data(), 1);
        data += taken;
        length_bytes -= taken;
    }
    kernel_->compress(words_, data, length_bytes / part_bytes);
    const std::size_t left = length_bytes % part_bytes;
    if (left != 0) std::memcpy(rest_.data(), data + length_bytes - left, left);
}

void OwnStream::update_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    kernel_->compress_blocks(words_, data, count, out);
    length_bytes_ += count * block_bytes;
}

// FIPS 180-4, 5.1.1: one bit, zeros up to the last eight bytes of a part, and there the length in bits.
Hash OwnStream::finish() {
    std::array<unsigned char, 2 * part_bytes> end{};
    const std::size_t begun = rest_bytes();
    std::copy_n(rest_.begin(), begun, end.begin());
    end[begun] = 0x80;
    const std::size_t parts = begun + 1 + sizeof(std::uint64_t) <= part_bytes ? 1 : 2;
    store_big_endian(length_bytes_ * 8, end.data() + parts * part_bytes - sizeof(std::uint64_t));
    kernel_->compress(words_, end.data(), parts);

    Hash hash{};
    for (std::size_t i = 0; i < words_.size(); ++i)
        store_big_endian(words_[i], hash.data() + 4 * i);
    return hash;
}

} // namespace hashing
