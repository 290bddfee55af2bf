#pragma once
// Proof of parts: ranges of files, and chunks taken at random. Each chunk is proven by itself.

#include "runtime/content.hpp"
#include "runtime/verify.hpp"

namespace runtime {

/// Chunks of one file to read.
struct ChunkRun {
    const manifests::BundleFile* file;
    std::uint64_t first = 0;
    std::uint64_t count = 0;
};

/// The chunks that cover the ranges. @throws Error  Fault::usage for a range outside of its file
std::vector<ChunkRun> runs_of(const Bundle& bundle, const std::vector<AskedRange>& ranges);
/// Chunks chosen by the seed, each once, all files' chunks with the same chance; all of them if there are no
/// more.
std::vector<ChunkRun> runs_of(const Bundle& bundle, const Sample& sample);

std::uint64_t bytes_of(const std::vector<ChunkRun>& runs);

/// Reads the runs and says what is damaged in them.
ContentResult read_runs(const Bundle& bundle, const std::vector<ChunkRun>& runs, unsigned jobs,
                        const OnBytes& on_bytes);

} // namespace runtime
