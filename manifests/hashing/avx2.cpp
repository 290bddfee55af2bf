// SHA-256 of eight blocks side by side, one in each 32-bit lane of the 256-bit registers: for the many
// servers without SHA extensions and without AVX-512 (Haswell 2013 to Broadwell, and desktops until 2021),
// where libcrypto does 0.4 GB/s.
#if defined(__x86_64__)

#include "manifests/hashing/kernels.hpp"

#include <algorithm>

#include <immintrin.h>

#include "manifests/hashing/evp.hpp"

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE inline __attribute__((target("avx2"), always_inline))

namespace hashing::avx2 {
namespace {

constexpr std::size_t lanes = 8;

AVX2_INLINE __m256i add(__m256i a, __m256i b) {
    return _mm256_add_epi32(a, b);
}

AVX2_INLINE __m256i exor(__m256i a, __m256i b) {
    return _mm256_xor_si256(a, b);
}

AVX2_INLINE __m256i all_lanes(std::uint32_t word) {
    return _mm256_set1_epi32(static_cast<int>(word));
}

template<int bits>
AVX2_INLINE __m256i rotated(__m256i x) {
    return _mm256_or_si256(_mm256_srli_epi32(x, bits), _mm256_slli_epi32(x, 32 - bits));
}

/// x rotated by each of the three. One inside the other needs two registers at a time instead of six: there
/// are sixteen.
template<int few, int more, int most>
AVX2_INLINE __m256i rotated_sum(__m256i x) {
    return rotated<few>(exor(x, rotated<more - few>(exor(x, rotated<most - more>(x)))));
}

/// Little-endian lanes to big-endian words, or back.
AVX2_INLINE __m256i swap_bytes(__m256i words) {
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm256_shuffle_epi8(words, _mm256_broadcastsi128_si256(order));
}

AVX2_INLINE __m256i load(const unsigned char* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

/// Rows become columns: word i of row j goes to word j of row i.
AVX2_INLINE void transpose(__m256i* row) {
    __m256i t[8];
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_epi32(row[i], row[i + 1]);
        t[i + 1] = _mm256_unpackhi_epi32(row[i], row[i + 1]);
    }
    __m256i u[8];
#pragma GCC unroll 2
    for (int i = 0; i < 8; i += 4) {
        u[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
        u[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
        u[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
        u[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    // Now the 4x4 squares are in place, and whole squares of 128 bits move.
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        row[i] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x20);
        row[i + 4] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x31);
    }
}

/// Round `i` modulo 8. Instead of moving a..h along, the letters move over the array.
AVX2_INLINE void round(__m256i (&s)[8], unsigned i, __m256i word_and_constant) {
    const __m256i a = s[(0 - i) % 8], b = s[(1 - i) % 8], c = s[(2 - i) % 8];
    const __m256i e = s[(4 - i) % 8], f = s[(5 - i) % 8], g = s[(6 - i) % 8];
    __m256i& d = s[(3 - i) % 8];
    __m256i& h = s[(7 - i) % 8];
    const __m256i sum1 = rotated_sum<6, 11, 25>(e);
    const __m256i sum0 = rotated_sum<2, 13, 22>(a);
    const __m256i choice = exor(g, _mm256_and_si256(e, exor(f, g)));
    const __m256i majority = exor(b, _mm256_and_si256(exor(a, b), exor(b, c)));
    const __m256i first = add(add(h, word_and_constant), add(sum1, choice));
    d = add(d, first);
    h = add(first, add(sum0, majority));
}

/// Replaces the oldest of the last sixteen words, the one of round `i`, by the one sixteen rounds on.
AVX2_INLINE void schedule(__m256i (&w)[16], unsigned i) {
    const __m256i x = w[(i + 1) % 16];
    const __m256i y = w[(i + 14) % 16];
    const __m256i sigma0 = exor(rotated<7>(exor(x, rotated<18 - 7>(x))), _mm256_srli_epi32(x, 3));
    const __m256i sigma1 = exor(rotated<17>(exor(y, rotated<19 - 17>(y))), _mm256_srli_epi32(y, 10));
    w[i] = add(add(w[i], w[(i + 9) % 16]), add(sigma0, sigma1));
}

AVX2_INLINE void compress_part(__m256i (&state)[8], __m256i (&w)[16]) {
    __m256i s[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i)
        s[i] = state[i];
#pragma GCC unroll 16
    for (unsigned i = 0; i < 16; ++i)
        round(s, i, add(w[i], all_lanes(round_constants[i])));
    for (unsigned turn = 16; turn < 64; turn += 16) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; ++i) {
            schedule(w, i);
            round(s, i, add(w[i], all_lanes(round_constants[turn + i])));
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i)
        state[i] = add(state[i], s[i]);
}

/// The part that ends a block.
AVX2_INLINE void compress_padding(__m256i (&state)[8]) {
    __m256i s[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i)
        s[i] = state[i];
    for (unsigned turn = 0; turn < 64; turn += 8) {
#pragma GCC unroll 8
        for (unsigned i = 0; i < 8; ++i)
            round(s, i, all_lanes(padding_rounds[turn + i]));
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i)
        state[i] = add(state[i], s[i]);
}

/// Hashes 1 to 8 blocks that follow each other. Spare lanes compute the last one again.
AVX2 void hash_lanes(const unsigned char* data, std::size_t count, Hash* out) {
    const unsigned char* block[lanes];
#pragma GCC unroll 8
    for (std::size_t lane = 0; lane < lanes; ++lane)
        block[lane] = data + std::min(lane, count - 1) * block_bytes;
    __m256i state[8];
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; ++i)
        state[i] = all_lanes(initial_words[i]);
    for (std::size_t at = 0; at < block_bytes; at += part_bytes) {
        __m256i w[16];
#pragma GCC unroll 8
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            w[lane] = swap_bytes(load(block[lane] + at));
            w[lane + 8] = swap_bytes(load(block[lane] + at + 32));
        }
        transpose(w);
        transpose(w + 8);
        compress_part(state, w);
    }
    compress_padding(state);
    __m256i hash[8]; // an array of its own, as one with a running index cannot live in registers
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i)
        hash[i] = swap_bytes(state[i]);
    transpose(hash);
    for (std::size_t lane = 0; lane < count; ++lane)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out[lane].data()), hash[lane]);
}

} // namespace

void hash_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    std::size_t done = 0;
    while (count - done > 1) {
        const std::size_t now = std::min(lanes, count - done);
        hash_lanes(data + done * block_bytes, now, out + done);
        done += now;
    }
    // Seven of eight lanes would be idle.
    evp::hash_blocks(data + done * block_bytes, count - done, out + done);
}

} // namespace hashing::avx2

#endif
