#include "runtime/partial_content.hpp"

#include <algorithm>
#include <mutex>
#include <random>
#include <set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/workers.hpp"

namespace runtime {
namespace {

using manifests::BundleFile;
using manifests::chunk_bytes;
using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

constexpr std::uint64_t chunks_at_once = 16;

// An empty file is one chunk of nothing: it has a digest to be compared too.
std::uint64_t chunks_of(const BundleFile& file) {
    return std::max<std::uint64_t>(manifests::chunk_count(file.size_bytes), 1);
}

const BundleFile& find_asked(const Bundle& bundle, const std::string& path) {
    for (const BundleFile& file : bundle.document().files)
        if (file.path.text() == path) return file;
    throw Error(Fault::usage, "there is no " + in_quotes(path) + " in this bundle")
        .hint("sealift ls shows what there is");
}

} // namespace

std::vector<ChunkRun> runs_of(const Bundle& bundle, const std::vector<AskedRange>& ranges) {
    std::vector<ChunkRun> runs;
    for (const AskedRange& range : ranges) {
        const BundleFile& file = find_asked(bundle, range.path);
        if (range.offset > file.size_bytes || range.length_bytes > file.size_bytes - range.offset) {
            throw Error(Fault::usage, in_quotes(range.path) + " has " + std::to_string(file.size_bytes) +
                                          " bytes, and bytes " + std::to_string(range.offset) + " to " +
                                          std::to_string(range.offset + range.length_bytes - 1) +
                                          " were asked for");
        }
        const std::uint64_t first = range.offset / chunk_bytes;
        const std::uint64_t last = (range.offset + range.length_bytes - 1) / chunk_bytes;
        for (std::uint64_t at = first; at <= last; at += chunks_at_once)
            runs.push_back({&file, at, std::min(chunks_at_once, last + 1 - at)});
    }
    return runs;
}

std::vector<ChunkRun> runs_of(const Bundle& bundle, const Sample& sample) {
    const auto& files = bundle.document().files;
    std::vector<std::uint64_t> ends;
    std::uint64_t all = 0;
    for (const BundleFile& file : files)
        ends.push_back(all += chunks_of(file));
    // Floyd's way: every set of chunks has the same chance, and memory grows with the sample only.
    std::set<std::uint64_t> chosen;
    std::mt19937_64 random(sample.seed);
    const std::uint64_t wanted = std::min(sample.chunks, all);
    for (std::uint64_t i = all - wanted; i < all; ++i) {
        const std::uint64_t at = random() % (i + 1); // the bias of % is below 2^-40 for any bundle
        if (!chosen.insert(at).second) chosen.insert(i);
    }
    std::vector<ChunkRun> runs;
    for (const std::uint64_t at : chosen) {
        const auto file =
            static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
        runs.push_back({&files[file], at - (file == 0 ? 0 : ends[file - 1]), 1});
    }
    return runs;
}

std::uint64_t bytes_of(const std::vector<ChunkRun>& runs) {
    std::uint64_t total = 0;
    for (const ChunkRun& run : runs) {
        const std::uint64_t offset = run.first * chunk_bytes;
        total += std::min<std::uint64_t>(run.count * chunk_bytes, run.file->size_bytes - offset);
    }
    return total;
}

ContentResult read_runs(const Bundle& bundle, const std::vector<ChunkRun>& runs, unsigned jobs,
                        const OnBytes& on_bytes) {
    std::mutex mutex;
    std::map<const BundleFile*, std::shared_ptr<const ProvenFile>> open;
    const auto proven = [&](const BundleFile& file) {
        const std::lock_guard lock(mutex);
        auto& place = open[&file];
        if (!place) place = std::make_shared<const ProvenFile>(bundle, file);
        return place;
    };
    ContentResult result;
    for_each_index(runs.size(), jobs, [&](std::size_t i) {
        const ChunkRun& run = runs[i];
        try {
            const auto file = proven(*run.file);
            file->read(run.first, run.count, nullptr, [&](const ProvenFile::Chunk& chunk) {
                if (on_bytes) on_bytes(chunk.length_bytes);
                if (chunk.good) return;
                const std::lock_guard lock(mutex);
                result.bad.push_back({run.file, file->bad_range(chunk)});
            });
        } catch (const Error& error) {
            const manifests::Finding finding = finding_of(error, run.file->path.text());
            const std::lock_guard lock(mutex);
            result.report.add(finding);
        }
    });
    add_damage(result);
    return result;
}

} // namespace runtime
