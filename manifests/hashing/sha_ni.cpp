// SHA-256 by the SHA extensions of x86 (Goldmont 2016, Zen 2017, Ice Lake 2019 and later).
//
// sha256rnds2 does two rounds, takes four cycles, and a new one can start every two: one state alone leaves
// half of the unit idle. A second state fills the gaps, be it the next block (two messages) or the block
// inside the stream (one message for both). Three are no better within the noise, and four lose:
// there are sixteen registers.
#if defined(__x86_64__)

#include "manifests/hashing/kernels.hpp"

#include <immintrin.h>

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))
#define SHA_NI_INLINE inline __attribute__((target("sha,sse4.1,ssse3"), always_inline))

namespace hashing::sha_ni {
namespace {

/// The eight words in the order that the instructions want, the first letter in the highest lane.
struct State {
    __m128i abef;
    __m128i cdgh;
};

SHA_NI_INLINE __m128i load(const void* from) {
    return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

SHA_NI_INLINE void store(void* to, __m128i value) {
    _mm_storeu_si128(static_cast<__m128i*>(to), value);
}

/// Little-endian lanes to big-endian words, or back.
SHA_NI_INLINE __m128i swap_bytes(__m128i words) {
    return _mm_shuffle_epi8(words, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

SHA_NI_INLINE __m128i reversed(__m128i words) {
    return _mm_shuffle_epi32(words, 0x1b);
}

SHA_NI_INLINE State state_of(const Words& words) {
    const __m128i abcd = load(words.data());
    const __m128i efgh = load(words.data() + 4);
    return {reversed(_mm_unpacklo_epi64(abcd, efgh)), reversed(_mm_unpackhi_epi64(abcd, efgh))};
}

SHA_NI_INLINE __m128i abcd_of(const State& state) {
    return _mm_unpacklo_epi64(reversed(state.abef), reversed(state.cdgh));
}

SHA_NI_INLINE __m128i efgh_of(const State& state) {
    return _mm_unpackhi_epi64(reversed(state.abef), reversed(state.cdgh));
}

SHA_NI_INLINE void store_words(const State& state, Words& words) {
    store(words.data(), abcd_of(state));
    store(words.data() + 4, efgh_of(state));
}

SHA_NI_INLINE void store_hash(const State& state, Hash& hash) {
    store(hash.data(), swap_bytes(abcd_of(state)));
    store(hash.data() + 16, swap_bytes(efgh_of(state)));
}

SHA_NI_INLINE void add(State& state, const State& before) {
    state.abef = _mm_add_epi32(state.abef, before.abef);
    state.cdgh = _mm_add_epi32(state.cdgh, before.cdgh);
}

/// The next four words of the schedule, from the sixteen words before them, oldest first. Replaces the
/// oldest.
SHA_NI_INLINE void schedule(__m128i& w0, __m128i w1, __m128i w2, __m128i w3) {
    const __m128i partly = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    w0 = _mm_sha256msg2_epu32(partly, w3);
}

/// Feeds one part of each message into the states: each its own, or all of them the only one.
template<int states, int messages>
SHA_NI_INLINE void compress_part(State (&state)[states], const unsigned char* const (&part)[messages]) {
    static_assert(messages == 1 || messages == states);
    State before[states];
#pragma GCC unroll 4
    for (int s = 0; s < states; ++s)
        before[s] = state[s];
    __m128i w[messages][4];
#pragma GCC unroll 4
    for (int m = 0; m < messages; ++m)
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i)
            w[m][i] = swap_bytes(load(part[m] + 16 * i));
#pragma GCC unroll 16
    for (int group = 0; group < 16; ++group) {
        __m128i rounds[messages];
#pragma GCC unroll 4
        for (int m = 0; m < messages; ++m) {
            if (group >= 4)
                schedule(w[m][group % 4], w[m][(group + 1) % 4], w[m][(group + 2) % 4],
                         w[m][(group + 3) % 4]);
            rounds[m] = _mm_add_epi32(w[m][group % 4], load(&round_constants[4 * std::size_t(group)]));
        }
#pragma GCC unroll 4
        for (int s = 0; s < states; ++s)
            state[s].cdgh = _mm_sha256rnds2_epu32(state[s].cdgh, state[s].abef, rounds[s % messages]);
#pragma GCC unroll 4
        for (int m = 0; m < messages; ++m)
            rounds[m] = _mm_shuffle_epi32(rounds[m], 0x0e);
#pragma GCC unroll 4
        for (int s = 0; s < states; ++s)
            state[s].abef = _mm_sha256rnds2_epu32(state[s].abef, state[s].cdgh, rounds[s % messages]);
    }
#pragma GCC unroll 4
    for (int s = 0; s < states; ++s)
        add(state[s], before[s]);
}

/// Feeds the part that ends a block of 4096 bytes.
template<int states>
SHA_NI_INLINE void compress_padding(State* state) {
    State before[states];
#pragma GCC unroll 4
    for (int s = 0; s < states; ++s)
        before[s] = state[s];
    for (std::size_t group = 0; group < 16; ++group) {
        const __m128i low = load(&padding_rounds[4 * group]);
        const __m128i high = _mm_shuffle_epi32(low, 0x0e);
#pragma GCC unroll 4
        for (int s = 0; s < states; ++s)
            state[s].cdgh = _mm_sha256rnds2_epu32(state[s].cdgh, state[s].abef, low);
#pragma GCC unroll 4
        for (int s = 0; s < states; ++s)
            state[s].abef = _mm_sha256rnds2_epu32(state[s].abef, state[s].cdgh, high);
    }
#pragma GCC unroll 4
    for (int s = 0; s < states; ++s)
        add(state[s], before[s]);
}

/// Hashes `lanes` blocks that follow each other.
/// @param next  a place as long that will be hashed next: it comes into the cache meanwhile. The prefetcher
/// of the processor stops at every page, which is every block: without this it is 2.9 instead of 3.2 GB/s.
template<int lanes>
SHA_NI void hash_lanes(const unsigned char* data, const unsigned char* next, Hash* out) {
    State state[lanes];
    const unsigned char* part[lanes];
#pragma GCC unroll 4
    for (int lane = 0; lane < lanes; ++lane) {
        state[lane] = state_of(initial_words);
        part[lane] = data + std::size_t(lane) * block_bytes;
    }
    for (std::size_t i = 0; i < parts_per_block; ++i) {
#pragma GCC unroll 4
        for (int lane = 0; lane < lanes; ++lane)
            _mm_prefetch(next + std::size_t(lane) * block_bytes + i * part_bytes, _MM_HINT_T0);
        compress_part<lanes, lanes>(state, part);
#pragma GCC unroll 4
        for (int lane = 0; lane < lanes; ++lane)
            part[lane] += part_bytes;
    }
    compress_padding<lanes>(state);
#pragma GCC unroll 4
    for (int lane = 0; lane < lanes; ++lane)
        store_hash(state[lane], out[lane]);
}

} // namespace

void hash_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    constexpr std::size_t lanes = 2;
    std::size_t done = 0;
    for (; done + lanes <= count; done += lanes) {
        const unsigned char* const here = data + done * block_bytes;
        const bool more = done + 2 * lanes <= count;
        hash_lanes<lanes>(here, more ? here + lanes * block_bytes : here, out + done);
    }
    if (done < count) {
        const unsigned char* const last = data + done * block_bytes;
        hash_lanes<1>(last, last, out + done);
    }
}

SHA_NI void compress(Words& words, const unsigned char* data, std::size_t count) {
    State state[1] = {state_of(words)};
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned char* const part[1] = {data + i * part_bytes};
        compress_part<1, 1>(state, part);
    }
    store_words(state[0], words);
}

SHA_NI void compress_blocks(Words& words, const unsigned char* data, std::size_t count, Hash* out) {
    State state[2] = {state_of(words), {}};
    for (std::size_t block = 0; block < count; ++block) {
        state[1] = state_of(initial_words);
        for (std::size_t i = 0; i < parts_per_block; ++i) {
            const unsigned char* const part[1] = {data + block * block_bytes + i * part_bytes};
            compress_part<2, 1>(state, part);
        }
        compress_padding<1>(state + 1);
        store_hash(state[1], out[block]);
    }
    store_words(state[0], words);
}

} // namespace hashing::sha_ni

#endif
