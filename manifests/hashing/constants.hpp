#pragma once
// The numbers of SHA-256 that every kernel needs. Source: FIPS 180-4, 4.2.2, 5.3.3 and 6.2.2.
//
// One word for one thing: FIPS's "message block" of 64 bytes is a part here, for a block is 4096 bytes.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "manifests/hashing/sha256.hpp"

namespace hashing {

inline constexpr std::size_t part_bytes = 64;
inline constexpr std::size_t parts_per_block = block_bytes / part_bytes;

/// The eight words a..h.
using Words = std::array<std::uint32_t, 8>;

inline constexpr Words initial_words = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

alignas(64) inline constexpr std::array<std::uint32_t, 64> round_constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// The part that ends every block is the same everywhere: one bit, zeros, the length. So its schedule is
/// known beforehand, round constants added, and costs nothing at run time.
constexpr std::array<std::uint32_t, 64> block_padding_rounds() {
    std::array<std::uint32_t, 64> words{};
    words[0] = 0x80000000;
    words[15] = block_bytes * 8;
    for (std::size_t i = 16; i < 64; ++i) {
        const std::uint32_t x = words[i - 15];
        const std::uint32_t y = words[i - 2];
        words[i] = words[i - 16] + words[i - 7] + (std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3)) +
                   (std::rotr(y, 17) ^ std::rotr(y, 19) ^ (y >> 10));
    }
    for (std::size_t i = 0; i < 64; ++i)
        words[i] += round_constants[i];
    return words;
}
alignas(64) inline constexpr std::array<std::uint32_t, 64> padding_rounds = block_padding_rounds();

} // namespace hashing
