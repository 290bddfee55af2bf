#pragma once
// The bytes of a bundle's files against the trees that its document names: many files at once, and many
// pieces of one file at once, so that one file of 400 GB keeps every core busy. Work starts in the order in
// which the files lie in the bundle, and with one thread it stays so: that is what a disk with a head wants.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "manifests/finding.hpp"
#include "runtime/bundle.hpp"
#include "runtime/proven_file.hpp"

namespace runtime {

/// Called from any thread with the number of bytes just done.
using OnBytes = std::function<void(std::uint64_t)>;

/// Unit of reading where no chunks are needed.
inline constexpr std::size_t read_unit_bytes = 1 << 20;

/// Reads a blob in order, unproven, and hands over each piece with its offset.
/// @throws Error  Fault::damaged, Code::format_truncated if it ends early; Fault::io
void read_pieces(const BlobAt& blob,
                 const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece);

/// One file to read. Small, for there may be 100,000.
struct ContentJob {
    const manifests::BundleFile* file;
    const BlobAt* held = nullptr; ///< this very descriptor is read, not a fresh one; it outlives the job
};

/// What happens with proven bytes. Called from many threads; of one file the pieces come in any order, all of
/// them between begin() and end().
class ContentTaker {
public:
    virtual ~ContentTaker() = default;
    /// @return where to read the bytes instead, if they are somewhere else already and only wait to be proven
    virtual std::optional<BlobAt> begin(std::size_t job, const BlobAt& source) = 0;
    virtual void take(std::size_t job, const char* data, std::size_t length_bytes, std::uint64_t offset) = 0;
    /// Not called for a file in which anything is damaged.
    virtual void end(std::size_t job) = 0;
};

enum class Proof {
    tree,          ///< every chunk against the tree: enough, and as fast as the machine
    tree_and_flat, ///< and the SHA-256 that OCI registries check: one thread for each file
};

struct ReadOptions {
    unsigned jobs = 0; ///< 0: one for each processor, and more where threads wait for a disk
    Proof proof = Proof::tree;
    Cache cache =
        Cache::keep; ///< `pass` has no effect with one job or with flat digests: they need read-ahead
    OnBytes on_bytes = {};
    ContentTaker* taker = nullptr;
    /// Asked before a unit is read, told after it was found good: a record of what is proven already.
    std::function<bool(std::size_t unit, std::uint64_t bytes)> is_done = {};
    std::function<void(std::size_t unit)> on_good = {};
};

struct BadContent {
    const manifests::BundleFile* file;
    BadRange range;
};

struct ContentResult {
    manifests::Report report;
    std::vector<BadContent> bad; ///< every damaged run of chunks, by file and offset
};

/// Sorts and joins `bad`, and adds a finding for each run.
void add_damage(ContentResult& result);

/// Reads every job and files a finding for each that is not what the document says. With a taker it stops at
/// the first.
ContentResult read_content(const Bundle& bundle, const std::vector<ContentJob>& jobs,
                           const ReadOptions& options);

/// Units that read_content cuts the jobs into, for a record.
std::size_t unit_count(const std::vector<ContentJob>& jobs, Proof proof);

/// Reads a blob in order, hashing on the way: what `on_piece` got counts only once this has returned.
/// @throws Error  Fault::damaged, Code::content_digest if the bytes are not `wanted`; as read_pieces
void read_proven(const BlobAt& blob, const manifests::Digest& wanted,
                 const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece);

/// Files that the caller has open and will use: these very descriptors are read, not fresh ones.
using Held = std::map<manifests::BundlePath, BlobAt>;

/// read_content() for who goes on only if nothing is wrong.
/// @throws Error  Fault::damaged with the code of the first finding
void prove_content(const Bundle& bundle, const std::vector<ContentJob>& jobs, const ReadOptions& options);

/// The files whose bytes are those of a document among `items`: they have no place of their own, so whoever
/// goes by the items does not meet them; and trees of their own, which somebody has to compare.
std::vector<ContentJob> document_twins(const manifests::BundleDocument& document,
                                       const std::vector<manifests::LayoutItem>& items);

/// Every file, each content once (in a generation each file has bytes of its own), in the order of the
/// bundle.
/// @param held  outlives the jobs
std::vector<ContentJob> jobs_of(const Bundle& bundle, const Held& held = {});

/// read_content for all of a bundle.
manifests::Report check_content(const Bundle& bundle, unsigned jobs, const OnBytes& on_bytes,
                                const Held& held = {});

/// Bytes that jobs_of() covers.
std::uint64_t content_bytes(const Bundle& bundle);

/// A finding from the error that a bundle's own bytes caused.
/// @throws the error again if it is not one of those
manifests::Finding finding_of(const manifests::Error& error, const std::string& where);

} // namespace runtime
