// Which kernel does the work. The order of the table is the order of the measurements, best first, for
// blocks; streams take the first that has a form for them. `hashing_bench` on one core of a Zen 4 (EPYC, 2.6
// GHz nominal), g++ 12.2: 1 MiB pieces out of 256 MiB, GB/s by CPU time of the thread, best of nine passes;
// from - to over a dozen runs, as the machine had other work:
//
//               blocks     stream     stream and blocks
//     sha-ni    2.5-3.2    1.7-1.8    1.7-1.8
//     avx512    2.6-3.1    (evp)      1.0-1.1
//     avx2      1.4-1.6    (evp)      0.8-0.9
//     evp       1.5-1.7    1.7-1.8    0.8-0.9
//
// sha-ni and avx512 are close in blocks. With the machine to itself sha-ni leads (3.2 to 3.1), beside a
// neighbour that hashes too avx512 does (2.6 to 2.9); sha-ni comes first as it wastes nothing on a few blocks
// and alone has both in one. evp is as fast as it is because libcrypto uses SHA extensions too; without them
// it does 0.4, and avx2 stays what it is. ARM was tried for correctness only.
//
// Set aside: choosing by a measurement at start, as the same machine would then not always run the same code.
#include "manifests/hashing/kernels.hpp"

#include <algorithm>
#include <array>

#include "manifests/error.hpp"
#include "manifests/hashing/evp.hpp"
#include "manifests/hashing/own_stream.hpp"

namespace hashing {
namespace {

using manifests::Error;
using manifests::Fault;

constexpr Kernel table[] = {
#if defined(__x86_64__)
    {"zen5", [](const Processor& has) { return has.zen5; }, zen5::hash_blocks, sha_ni::compress,
     sha_ni::compress_blocks},
    {"sha-ni", [](const Processor& has) { return has.sha_ni; }, sha_ni::hash_blocks, sha_ni::compress,
     sha_ni::compress_blocks},
    {"avx512", [](const Processor& has) { return has.avx512; }, avx512::hash_blocks, nullptr, nullptr},
    {"avx2", [](const Processor& has) { return has.avx2; }, avx2::hash_blocks, nullptr, nullptr},
#elif defined(__aarch64__)
    {"armv8-ce", [](const Processor& has) { return has.armv8_ce; }, armv8_ce::hash_blocks, armv8_ce::compress,
     armv8_ce::compress_blocks},
#endif
    {"evp", [](const Processor&) { return true; }, evp::hash_blocks, nullptr, nullptr},
};

// Enough blocks for full lanes, half-full lanes and one left over; at an odd address, and no two alike.
constexpr std::size_t pattern_blocks = 21;
constexpr std::size_t pattern_bytes = pattern_blocks * block_bytes + 75;

std::vector<unsigned char> pattern() {
    std::vector<unsigned char> bytes(1 + pattern_bytes);
    std::uint32_t state = 2463534242; // xorshift32: looks random, is the same everywhere
    for (unsigned char& byte : bytes) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        byte = static_cast<unsigned char>(state & 0xff);
    }
    return bytes;
}

bool blocks_agree(const Kernel& kernel, const unsigned char* data) {
    std::array<Hash, pattern_blocks> ours{};
    std::array<Hash, pattern_blocks> wanted{};
    kernel.hash_blocks(data, pattern_blocks, ours.data());
    evp::hash_blocks(data, pattern_blocks, wanted.data());
    return ours == wanted;
}

bool stream_agrees(const Kernel& kernel, const unsigned char* data) {
    constexpr std::size_t first = 3 * part_bytes;
    constexpr std::size_t shared = 2;
    constexpr std::size_t rest = first + shared * block_bytes;
    std::array<Hash, shared> ours{};
    std::array<Hash, shared> wanted{};
    OwnStream stream(kernel);
    stream.update(data, first);
    stream.update_blocks(data + first, shared, ours.data());
    stream.update(data + rest, 5 * block_bytes + 75);
    evp::hash_blocks(data + first, shared, wanted.data());
    return ours == wanted && stream.finish() == evp::hash(data, rest + 5 * block_bytes + 75);
}

const Kernel& first_for_blocks(std::span<const Kernel> kernels, const Processor& processor) {
    return *std::find_if(kernels.begin(), kernels.end(),
                         [&](const Kernel& kernel) { return kernel.runs_on(processor); });
}

const Kernel& first_for_streams(std::span<const Kernel> kernels, const Processor& processor) {
    const auto found = std::find_if(kernels.begin(), kernels.end(), [&](const Kernel& kernel) {
        return kernel.runs_on(processor) && kernel.compress != nullptr;
    });
    return found == kernels.end() ? kernels.back() : *found;
}

} // namespace

std::span<const Kernel> kernels() {
    return table;
}

bool agrees_with_libcrypto(const Kernel& kernel) {
    const std::vector<unsigned char> bytes = pattern();
    const unsigned char* const data = bytes.data() + 1;
    return blocks_agree(kernel, data) && (kernel.compress == nullptr || stream_agrees(kernel, data));
}

Selection select(std::span<const Kernel> kernels, const Processor& processor) {
    const Kernel& evp = kernels.back();
    const Kernel& blocks = first_for_blocks(kernels, processor);
    const Kernel& stream = first_for_streams(kernels, processor);
    const bool blocks_good = &blocks == &evp || agrees_with_libcrypto(blocks);
    const bool stream_good =
        &stream == &blocks ? blocks_good : &stream == &evp || agrees_with_libcrypto(stream);
    return {blocks_good ? &blocks : &evp, stream_good ? &stream : &evp};
}

std::vector<std::string_view> names(std::span<const Kernel> kernels, const Processor& processor) {
    std::vector<std::string_view> names;
    for (const Kernel& kernel : kernels)
        if (kernel.runs_on(processor)) names.push_back(kernel.name);
    return names;
}

const Kernel& find(std::span<const Kernel> kernels, const Processor& processor, std::string_view name) {
    for (const Kernel& kernel : kernels) {
        if (kernel.name != name || !kernel.runs_on(processor)) continue;
        if (&kernel == &kernels.back() || agrees_with_libcrypto(kernel)) return kernel;
        throw Error(Fault::internal,
                    "SHA-256 by " + std::string(name) + " is not what libcrypto computes on this processor");
    }
    std::string there_is;
    for (const std::string_view one : names(kernels, processor))
        there_is += (there_is.empty() ? "" : ", ") + std::string(one);
    throw Error(Fault::usage, "no such SHA-256 kernel on this processor; there are: " + there_is);
}

} // namespace hashing
