// SHA-256 by the cryptography instructions of ARMv8, which most servers and phones of that line have. As with
// the SHA extensions of x86, the rounds of one state wait for each other, and a second state fills the gaps.
#if defined(__aarch64__)

#include "manifests/hashing/kernels.hpp"

#include <arm_neon.h>

#define ARMV8_CE __attribute__((target("+crypto")))
#define ARMV8_CE_INLINE inline __attribute__((target("+crypto"), always_inline))

namespace hashing::armv8_ce {
namespace {

struct State {
    uint32x4_t abcd;
    uint32x4_t efgh;
};

ARMV8_CE_INLINE State state_of(const Words& words) {
    return {vld1q_u32(words.data()), vld1q_u32(words.data() + 4)};
}

ARMV8_CE_INLINE void store_words(const State& state, Words& words) {
    vst1q_u32(words.data(), state.abcd);
    vst1q_u32(words.data() + 4, state.efgh);
}

/// Four big-endian words, at any address.
ARMV8_CE_INLINE uint32x4_t load_words(const unsigned char* from) {
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(from)));
}

ARMV8_CE_INLINE void store_hash(const State& state, Hash& hash) {
    vst1q_u8(hash.data(), vrev32q_u8(vreinterpretq_u8_u32(state.abcd)));
    vst1q_u8(hash.data() + 16, vrev32q_u8(vreinterpretq_u8_u32(state.efgh)));
}

ARMV8_CE_INLINE void add(State& state, const State& before) {
    state.abcd = vaddq_u32(state.abcd, before.abcd);
    state.efgh = vaddq_u32(state.efgh, before.efgh);
}

/// Four rounds.
ARMV8_CE_INLINE void rounds(State& state, uint32x4_t words_and_constants) {
    const uint32x4_t abcd = state.abcd;
    state.abcd = vsha256hq_u32(abcd, state.efgh, words_and_constants);
    state.efgh = vsha256h2q_u32(state.efgh, abcd, words_and_constants);
}

/// Feeds one part of each message into the states: each its own, or all of them the only one.
template<int states, int messages>
ARMV8_CE_INLINE void compress_part(State (&state)[states], const unsigned char* const (&part)[messages]) {
    static_assert(messages == 1 || messages == states);
    State before[states];
#pragma GCC unroll 4
    for (int s = 0; s < states; ++s)
        before[s] = state[s];
    uint32x4_t w[messages][4];
#pragma GCC unroll 4
    for (int m = 0; m < messages; ++m)
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i)
            w[m][i] = load_words(part[m] + 16 * i);
#pragma GCC unroll 16
    for (int group = 0; group < 16; ++group) {
        uint32x4_t words_and_constants[messages];
#pragma GCC unroll 4
        for (int m = 0; m < messages; ++m) {
            uint32x4_t& oldest = w[m][group % 4];
            if (group >= 4) {
                oldest = vsha256su1q_u32(vsha256su0q_u32(oldest, w[m][(group + 1) % 4]),
                                         w[m][(group + 2) % 4], w[m][(group + 3) % 4]);
            }
            words_and_constants[m] = vaddq_u32(oldest, vld1q_u32(&round_constants[4 * std::size_t(group)]));
        }
#pragma GCC unroll 4
        for (int s = 0; s < states; ++s)
            rounds(state[s], words_and_constants[s % messages]);
    }
#pragma GCC unroll 4
    for (int s = 0; s < states; ++s)
        add(state[s], before[s]);
}

/// Feeds the part that ends a block of 4096 bytes.
template<int states>
ARMV8_CE_INLINE void compress_padding(State* state) {
    State before[states];
#pragma GCC unroll 4
    for (int s = 0; s < states; ++s)
        before[s] = state[s];
    for (std::size_t group = 0; group < 16; ++group) {
        const uint32x4_t words_and_constants = vld1q_u32(&padding_rounds[4 * group]);
#pragma GCC unroll 4
        for (int s = 0; s < states; ++s)
            rounds(state[s], words_and_constants);
    }
#pragma GCC unroll 4
    for (int s = 0; s < states; ++s)
        add(state[s], before[s]);
}

/// Hashes `lanes` blocks that follow each other.
template<int lanes>
ARMV8_CE void hash_lanes(const unsigned char* data, Hash* out) {
    State state[lanes];
    const unsigned char* part[lanes];
#pragma GCC unroll 4
    for (int lane = 0; lane < lanes; ++lane) {
        state[lane] = state_of(initial_words);
        part[lane] = data + std::size_t(lane) * block_bytes;
    }
    for (std::size_t i = 0; i < parts_per_block; ++i) {
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
    for (; done + lanes <= count; done += lanes)
        hash_lanes<lanes>(data + done * block_bytes, out + done);
    if (done < count) hash_lanes<1>(data + done * block_bytes, out + done);
}

ARMV8_CE void compress(Words& words, const unsigned char* data, std::size_t count) {
    State state[1] = {state_of(words)};
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned char* const part[1] = {data + i * part_bytes};
        compress_part<1, 1>(state, part);
    }
    store_words(state[0], words);
}

ARMV8_CE void compress_blocks(Words& words, const unsigned char* data, std::size_t count, Hash* out) {
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

} // namespace hashing::armv8_ce

#endif
