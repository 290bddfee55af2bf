// SHA-256 of sixteen blocks side by side, one in each 32-bit lane of the 512-bit registers: for processors
// with AVX-512 (Skylake-SP 2017 and later), with or without SHA extensions.
#if defined(__x86_64__)

#include "manifests/hashing/kernels.hpp"

#include <algorithm>

#if defined(__GNUC__) && !defined(__clang__)
// GCC bug 105593: its own header begins results with "__m512i __Y = __Y" and then warns of that.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))
#define AVX512_INLINE inline __attribute__((target("avx512f,avx512bw,avx512vl"), always_inline))

namespace hashing::avx512 {
namespace {

constexpr std::size_t lanes = 16;

// Truth tables of vpternlogd: bit (4x + 2y + z) is the answer.
constexpr int parity = 0x96;
constexpr int choose = 0xca;
constexpr int majority = 0xe8;

AVX512_INLINE __m512i add(__m512i a, __m512i b) {
    return _mm512_add_epi32(a, b);
}

AVX512_INLINE __m512i all_lanes(std::uint32_t word) {
    return _mm512_set1_epi32(static_cast<int>(word));
}

/// Rows become columns: word i of row j goes to word j of row i.
AVX512_INLINE void transpose(__m512i (&row)[16]) {
    __m512i t[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {
        row[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        row[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        row[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        row[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    // Now the 4x4 squares are in place, and whole squares of 128 bits move.
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        t[i] = _mm512_shuffle_i32x4(row[i], row[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(row[i], row[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(row[i + 8], row[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(row[i + 8], row[i + 12], 0xdd);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        row[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        row[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
        row[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
        row[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
    }
}

/// Little-endian lanes to big-endian words, or back.
AVX512_INLINE __m512i swap_bytes(__m512i words) {
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(order));
}

/// Round `i` modulo 8. Instead of moving a..h along, the letters move over the array.
AVX512_INLINE void round(__m512i (&s)[8], unsigned i, __m512i word_and_constant) {
    const __m512i a = s[(0 - i) % 8], b = s[(1 - i) % 8], c = s[(2 - i) % 8];
    const __m512i e = s[(4 - i) % 8], f = s[(5 - i) % 8], g = s[(6 - i) % 8];
    __m512i& d = s[(3 - i) % 8];
    __m512i& h = s[(7 - i) % 8];
    const __m512i sum1 = _mm512_ternarylogic_epi32(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11),
                                                   _mm512_ror_epi32(e, 25), parity);
    const __m512i sum0 = _mm512_ternarylogic_epi32(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13),
                                                   _mm512_ror_epi32(a, 22), parity);
    const __m512i first =
        add(add(h, word_and_constant), add(sum1, _mm512_ternarylogic_epi32(e, f, g, choose)));
    const __m512i second = add(sum0, _mm512_ternarylogic_epi32(a, b, c, majority));
    d = add(d, first);
    h = add(first, second);
}

/// Replaces the oldest of the last sixteen words, the one of round `i`, by the one sixteen rounds on.
AVX512_INLINE void schedule(__m512i (&w)[16], unsigned i) {
    const __m512i x = w[(i + 1) % 16];
    const __m512i y = w[(i + 14) % 16];
    const __m512i sigma0 = _mm512_ternarylogic_epi32(_mm512_ror_epi32(x, 7), _mm512_ror_epi32(x, 18),
                                                     _mm512_srli_epi32(x, 3), parity);
    const __m512i sigma1 = _mm512_ternarylogic_epi32(_mm512_ror_epi32(y, 17), _mm512_ror_epi32(y, 19),
                                                     _mm512_srli_epi32(y, 10), parity);
    w[i] = add(add(w[i], w[(i + 9) % 16]), add(sigma0, sigma1));
}

AVX512_INLINE void compress_part(__m512i (&state)[8], __m512i (&w)[16]) {
    __m512i s[8];
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
AVX512_INLINE void compress_padding(__m512i (&state)[8]) {
    __m512i s[8];
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

/// Hashes 1 to 16 blocks that follow each other. Spare lanes compute the last one again.
AVX512 void hash_lanes(const unsigned char* data, std::size_t count, Hash* out) {
    const unsigned char* block[lanes];
#pragma GCC unroll 16
    for (std::size_t lane = 0; lane < lanes; ++lane)
        block[lane] = data + std::min(lane, count - 1) * block_bytes;
    __m512i state[8];
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; ++i)
        state[i] = all_lanes(initial_words[i]);
    for (std::size_t at = 0; at < block_bytes; at += part_bytes) {
        __m512i w[16];
#pragma GCC unroll 16
        for (std::size_t lane = 0; lane < lanes; ++lane)
            w[lane] = swap_bytes(_mm512_loadu_si512(block[lane] + at));
        transpose(w);
        compress_part(state, w);
    }
    compress_padding(state);
    __m512i hash[16];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
        hash[i] = swap_bytes(state[i]);
        hash[i + 8] = _mm512_setzero_si512();
    }
    transpose(hash);
    for (std::size_t lane = 0; lane < count; ++lane) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out[lane].data()), _mm512_castsi512_si256(hash[lane]));
    }
}

} // namespace

std::size_t hash_most(const unsigned char* data, std::size_t count, std::size_t least, Hash* out) {
    std::size_t done = 0;
    while (count - done >= least) {
        const std::size_t now = std::min(lanes, count - done);
        hash_lanes(data + done * block_bytes, now, out + done);
        done += now;
    }
    return done;
}

void hash_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    // With half of the lanes idle, eight are quicker.
    const std::size_t done = hash_most(data, count, lanes / 2 + 1, out);
    avx2::hash_blocks(data + done * block_bytes, count - done, out + done);
}

} // namespace hashing::avx512

#endif
