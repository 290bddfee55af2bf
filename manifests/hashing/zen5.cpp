// SHA-256 of blocks on AMD servers of Zen 5: 512-bit lanes for many, the SHA extensions for a few.
#include "manifests/hashing/kernels.hpp"

#if defined(__x86_64__)

namespace hashing::zen5 {

void hash_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    constexpr std::size_t least = 11; // sixteen lanes take as long as the SHA extensions with ten blocks
    const std::size_t done = avx512::hash_most(data, count, least, out);
    sha_ni::hash_blocks(data + done * block_bytes, count - done, out + done);
}

} // namespace hashing::zen5

#endif
