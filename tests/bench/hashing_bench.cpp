// How fast each SHA-256 kernel is on one core: leaves, one stream, and both at once, beside libcrypto's EVP.
//
//     cmake --build build --target hashing_bench && build/bin/hashing_bench
//
// The column to read is "best": GB/s of input by CPU time of the thread, the best of the passes, so other
// work on the machine disturbs it little. A pass takes 1 MiB after the other out of 256 MiB, as verifying
// does: more than any cache near the core holds.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <new>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "manifests/hashing/sha256.hpp"

namespace {

constexpr std::size_t piece_bytes = std::size_t(1) << 20;
constexpr std::size_t piece_blocks = piece_bytes / hashing::block_bytes;
constexpr std::size_t all_bytes = std::size_t(256) << 20;
constexpr int passes = 9;

/// Starts at a page, as the buffers that files are read into do.
const unsigned char* noise() {
    static unsigned char* const bytes = [] {
        auto* const made = static_cast<unsigned char*>(std::aligned_alloc(piece_bytes, all_bytes));
        if (made == nullptr) throw std::bad_alloc();
        std::uint64_t state = 88172645463325252ULL; // xorshift64
        for (std::size_t i = 0; i < all_bytes; ++i) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            made[i] = static_cast<unsigned char>(state & 0xff);
        }
        return made; // for as long as the program runs
    }();
    return bytes;
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// `work` gets each piece in turn.
template<typename Work>
void measure(benchmark::State& state, const std::string& kernel, Work work) {
    hashing::force(kernel);
    const unsigned char* const bytes = noise();
    double best_s = 1e9;
    for (auto pass : state) {
        (void)pass;
        const double begin = cpu_seconds();
        for (std::size_t at = 0; at < all_bytes; at += piece_bytes)
            work(bytes + at);
        best_s = std::min(best_s, cpu_seconds() - begin);
    }
    state.counters["best"] = static_cast<double>(all_bytes) / best_s / 1e9;
}

void blocks(benchmark::State& state, const std::string& kernel) {
    std::vector<hashing::Hash> hashes(piece_blocks);
    measure(state, kernel, [&](const unsigned char* piece) {
        hashing::hash_blocks(piece, piece_blocks, hashes.data());
        benchmark::DoNotOptimize(hashes.data());
    });
}

void stream(benchmark::State& state, const std::string& kernel) {
    hashing::force(kernel);
    hashing::Stream one;
    measure(state, kernel, [&](const unsigned char* piece) { one.update(piece, piece_bytes); });
}

void stream_and_blocks(benchmark::State& state, const std::string& kernel) {
    hashing::force(kernel);
    hashing::Stream one;
    std::vector<hashing::Hash> hashes(piece_blocks);
    measure(state, kernel,
            [&](const unsigned char* piece) { one.update_blocks(piece, piece_blocks, hashes.data()); });
}

/// The price of being asked at all, for the many small files of a bundle.
void small(benchmark::State& state, const std::string& kernel) {
    hashing::force(kernel);
    const unsigned char* const data = noise();
    const auto length_bytes = static_cast<std::size_t>(state.range(0));
    for (auto pass : state) {
        (void)pass;
        benchmark::DoNotOptimize(hashing::hash(data, length_bytes));
    }
}

} // namespace

int main(int argc, char** argv) {
    for (const std::string_view name : hashing::available()) {
        const std::string kernel(name);
        benchmark::RegisterBenchmark(("blocks/" + kernel).c_str(), blocks, kernel)->Iterations(passes);
        benchmark::RegisterBenchmark(("stream/" + kernel).c_str(), stream, kernel)->Iterations(passes);
        benchmark::RegisterBenchmark(("stream_and_blocks/" + kernel).c_str(), stream_and_blocks, kernel)
            ->Iterations(passes);
        benchmark::RegisterBenchmark(("hash/" + kernel).c_str(), small, kernel)->Arg(64)->Arg(4096);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
