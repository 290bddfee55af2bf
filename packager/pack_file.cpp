#include "packager/pack_file.hpp"

#include <algorithm>
#include <memory>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "manifests/verity.hpp"
#include "packager/piece_worker.hpp"
#include "runtime/clone.hpp"

namespace packager {
namespace {

using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::Hash;

// Chunk hashes on their way to the table's place. A table of 1 TiB has 64 MiB, so it is not kept.
class TableWriter {
public:
    explicit TableWriter(const Target& target) : target_(target) {}

    std::vector<Hash>& hashes() { return hashes_; }
    void pass_on(bool all) {
        constexpr std::size_t most_hashes = 2048;
        if (hashes_.empty() || (!all && hashes_.size() < most_hashes)) return;
        const std::size_t length_bytes = hashes_.size() * sizeof(Hash);
        flat_.update(hashes_.data(), length_bytes);
        if (target_.file != nullptr) {
            runtime::write_at(*target_.file, reinterpret_cast<const char*>(hashes_.data()), length_bytes,
                              target_.offset + done_bytes_, target_.where);
        }
        done_bytes_ += length_bytes;
        hashes_.clear();
    }
    Digest finish() {
        pass_on(true);
        return Digest::from_bytes(flat_.finish());
    }

private:
    const Target& target_;
    std::vector<Hash> hashes_;
    hashing::Stream flat_;
    std::uint64_t done_bytes_ = 0;
};

// One for the tree and for writing into the cache; more where each write waits for the disk.
unsigned worker_threads(bool past_cache) {
    return past_cache ? 4 : 1;
}

void refuse_other_size(const PackRequest& request) {
    if (request.source.size_bytes == request.size_bytes) return;
    throw Error(Fault::damaged, manifests::Code::content_size,
                manifests::in_quotes(request.source.where) + " has " +
                    std::to_string(request.source.size_bytes) + " bytes now, had " +
                    std::to_string(request.size_bytes));
}

// The source, front to back.
class SourceReader {
public:
    SourceReader(const runtime::BlobAt& from, runtime::Cache cache) : from_(from) {
        if (cache == runtime::Cache::pass && manifests::has_chunk_table(from.size_bytes))
            direct_ = std::make_unique<runtime::DirectFile>(from);
    }

    /// Fills the buffer, or as much of it as there is left.
    std::size_t read(const runtime::DirectBuffer& buffer) {
        const auto length =
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size_bytes(), from_.size_bytes - done_));
        decide();
        const std::size_t got = past_cache_ ? direct_->read(buffer.data(), length, done_)
                                            : runtime::read_at(*from_.file, buffer.data(), length,
                                                               from_.offset + done_, from_.where);
        if (got < length)
            throw Error(Fault::damaged, manifests::Code::format_truncated,
                        manifests::in_quotes(from_.where) + " ends after " + std::to_string(done_ + got) +
                            " bytes, wanted " + std::to_string(from_.size_bytes));
        done_ += length;
        return length;
    }

private:
    // For so much at a time that what the kernel reads ahead of a piece does not count as cached.
    void decide() {
        constexpr std::uint64_t stretch_bytes = 8 << 20;
        if (!direct_ || done_ % stretch_bytes != 0) return;
        const std::uint64_t left = from_.size_bytes - done_;
        past_cache_ = direct_->wants(done_, static_cast<std::size_t>(std::min(stretch_bytes, left)));
    }

    const runtime::BlobAt& from_;
    std::unique_ptr<runtime::DirectFile> direct_;
    bool past_cache_ = false;
    std::uint64_t done_ = 0;
};

} // namespace

Packed pack_file(const PackRequest& request) {
    refuse_other_size(request);
    const Target& to = request.content;
    const bool cloned =
        to.file != nullptr && runtime::clone_range(*request.source.file, request.source.offset, *to.file,
                                                   to.offset, request.size_bytes, to.where);
    runtime::BlobAt from = request.source;
    if (cloned) { // what will be in the bundle is what gets hashed
        from.file = {std::shared_ptr<void>(), to.file};
        from.offset = to.offset;
    }
    const bool is_written = to.file != nullptr && !cloned;
    hashing::Stream flat;
    manifests::TreeHasher tree(request.size_bytes);
    TableWriter table(request.table);
    std::optional<manifests::Hasher> sha512;
    if (request.with_sha512) sha512.emplace(manifests::Hasher::Algorithm::sha512);
    const bool shared = request.two_threads && request.size_bytes >= PieceWorker::threaded_from_bytes;
    PieceWorker worker(
        [&](const char* data, std::size_t length_bytes, std::uint64_t) {
            // With a thread to itself the flat digest is computed there, and otherwise with the leaves.
            tree.update(reinterpret_cast<const unsigned char*>(data), length_bytes, shared ? nullptr : &flat,
                        table.hashes());
            table.pass_on(false);
        },
        [&](const char* data, std::size_t length_bytes, std::uint64_t offset) {
            if (is_written) to.writer->write(data, length_bytes, to.offset + offset, to.where);
        },
        request.size_bytes, shared ? worker_threads(is_written && to.writer->passes_cache()) : 0);
    if (request.size_bytes == 0) tree.update(nullptr, 0, &flat, table.hashes());
    SourceReader reader(from, request.cache);
    for (std::uint64_t done = 0; done < request.size_bytes;) {
        const runtime::DirectBuffer& buffer = worker.buffer();
        const std::size_t length = reader.read(buffer);
        if (shared) flat.update(buffer.data(), length);
        if (sha512) sha512->update(buffer.data(), length);
        worker.hand_over(length, done);
        if (request.on_bytes) request.on_bytes(length);
        done += length;
    }
    worker.finish();
    Packed packed{Digest::from_bytes(flat.finish()), tree.finish(), std::nullopt, std::nullopt};
    if (manifests::has_chunk_table(request.size_bytes)) packed.chunk_table = table.finish();
    if (sha512) {
        const std::string bytes = sha512->finish_bytes();
        std::copy_n(bytes.begin(), packed.sha512.emplace().size(), packed.sha512->begin());
    }
    return packed;
}

} // namespace packager
