#include "runtime/piped_content.hpp"

#include <algorithm>
#include <future>
#include <vector>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/direct_file.hpp"
#include "runtime/workers.hpp"

namespace runtime {
namespace {

using manifests::BundleFile;
using manifests::chunk_bytes;
using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::Hash;
using manifests::in_quotes;
using manifests::ItemKind;
using manifests::LayoutItem;
using manifests::TarEntry;

constexpr std::size_t batch_bytes = 16 * chunk_bytes; // 8 MiB: one is hashed while the next one comes

// Pieces of a file between two positions; a disk can take it from memory as it is.
struct Batch {
    explicit Batch(std::size_t most_bytes) : bytes(most_bytes) {}
    DirectBuffer bytes;
    std::size_t length_bytes = 0;
};

// Of every file, and no more than the largest one fills.
std::size_t most_batch_bytes(const Bundle& bundle) {
    std::uint64_t largest = DirectBuffer::alignment_bytes;
    for (const BundleFile& file : bundle.document().files)
        largest = std::max(largest, file.size_bytes);
    return static_cast<std::size_t>(std::min<std::uint64_t>(batch_bytes, largest));
}

[[noreturn]] void refuse(Code code, const std::string& text) {
    throw Error(Fault::damaged, code, text);
}

bool is_zero(const std::vector<char>& bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

// Whoever gives up must not wait for a sender who never goes on: what is being fetched is fetched no further.
struct StopUnlessDone {
    PipeSpool& spool;
    bool done = false;
    ~StopUnlessDone() {
        if (!done) spool.stop();
    }
};

class PipedContent {
public:
    PipedContent(const Bundle& bundle, PipeSpool& spool, const PipedOptions& options)
        : bundle_(bundle),
          spool_(spool),
          options_(options),
          at_(spool.kept_bytes()),
          batch_(most_batch_bytes(bundle)),
          next_(most_batch_bytes(bundle)) {}

    void run() {
        const std::vector<LayoutItem> items = bundle_.items();
        prove_twins_of_documents(items);
        const manifests::TarLayout plan = manifests::plan_tar(items);
        for (const TarEntry& entry : plan.entries) {
            if (items[entry.item].kind != ItemKind::file) continue; // was read with the front
            read_header(entry, entry.name(items));
            const LayoutItem& item = items[entry.item];
            if (entry.padding != 0) {
                read_zeros(entry.size_bytes, "a padding entry");
            } else {
                read_file(bundle_.document().files[item.number]);
            }
            read_zeros(entry.end_offset() - entry.data_offset() - entry.size_bytes, "the fill of an entry");
        }
        read_zeros(manifests::tar_end_bytes, "the closing blocks");
        char more = 0;
        if (spool_.read_on(&more, 1) != 0)
            refuse(Code::format_trailing, "bytes follow the end of the bundle");
    }

private:
    // Files with the bytes of a document came with the front, and have a tree all the same.
    void prove_twins_of_documents(const std::vector<LayoutItem>& items) const {
        prove_content(bundle_, document_twins(bundle_.document(), items),
                      {.jobs = options_.jobs, .proof = options_.proof, .on_bytes = options_.on_bytes});
    }

    static char* text_of(const Batch& batch) { return reinterpret_cast<char*>(batch.bytes.data()); }

    void read_exactly(char* data, std::size_t length_bytes) {
        const std::size_t got = spool_.read_on(data, length_bytes);
        at_ += got;
        if (got == length_bytes) return;
        refuse(Code::format_truncated, "the pipe ends at byte " + std::to_string(at_) + " of the bundle");
    }

    void read_header(const TarEntry& wanted, const std::string& name) {
        std::vector<char> block(manifests::tar_block_bytes);
        read_exactly(block.data(), block.size());
        if (std::string_view(block.data(), block.size()) == manifests::tar_header(name, wanted.size_bytes))
            return;
        const auto found = manifests::read_tar_header({block.data(), block.size()});
        if (found && found->name == name)
            refuse(Code::content_size, "entry " + in_quotes(name) + " has " +
                                           std::to_string(found->size_bytes) + " bytes, wanted " +
                                           std::to_string(wanted.size_bytes));
        if (found)
            refuse(Code::format_entry, "at byte " + std::to_string(wanted.header_offset) + " is entry " +
                                           in_quotes(found->name) + ", wanted " + in_quotes(name));
        refuse(Code::format_header, "the header at byte " + std::to_string(wanted.header_offset) +
                                        " is not spelled as the format spells it");
    }

    void read_zeros(std::uint64_t length_bytes, const char* what) {
        std::vector<char> bytes(static_cast<std::size_t>(length_bytes)); // at most 64 KiB
        read_exactly(bytes.data(), bytes.size());
        if (!is_zero(bytes))
            refuse(Code::format_padding, std::string(what) + " before byte " + std::to_string(at_) +
                                             " has a byte that is not zero");
    }

    void read_file(const BundleFile& file) {
        file_at_ = at_;
        if (options_.taker != nullptr) options_.taker->begin(file);
        std::optional<ChunkTable> table;
        if (file.chunk_table)
            table.emplace(
                bundle_.locate(file.chunk_table_reference(), "the chunk table of '" + file.path.text() + "'"),
                file);
        hashing::Stream flat;
        const auto fetch = [&](std::uint64_t from) {
            next_.length_bytes =
                static_cast<std::size_t>(std::min<std::uint64_t>(batch_bytes, file.size_bytes - from));
            return spool_.read_on(text_of(next_), next_.length_bytes);
        };
        if (file.size_bytes == 0) prove(file, table, 0, 0);
        std::future<std::size_t> coming = std::async(std::launch::deferred, fetch, 0);
        StopUnlessDone stop{spool_};
        for (std::uint64_t done = 0; done < file.size_bytes;) {
            const std::size_t got = coming.get();
            std::swap(batch_, next_); // both keep their memory: fresh pages would cost more than the hashing
            const std::size_t length = batch_.length_bytes;
            at_ += got;
            if (got < length)
                refuse(Code::format_truncated, "the pipe ends at byte " + std::to_string(at_) +
                                                   " of the bundle, inside " + in_quotes(file.path.text()));
            const std::uint64_t from = std::exchange(done, done + got);
            if (done < file.size_bytes) coming = std::async(std::launch::async, fetch, done);
            prove(file, table, length, from);
            if (options_.proof == Proof::tree_and_flat) flat.update(batch_.bytes.data(), length);
            if (options_.taker != nullptr) options_.taker->take(text_of(batch_), length, from);
            if (options_.on_bytes) options_.on_bytes(length);
        }
        stop.done = true;
        if (options_.proof == Proof::tree_and_flat) prove_flat(file, Digest::from_bytes(flat.finish()));
        if (options_.taker != nullptr) options_.taker->end(file);
    }

    // Every chunk of the batch, on all threads.
    void prove(const BundleFile& file, const std::optional<ChunkTable>& table, std::size_t length_bytes,
               std::uint64_t from) const {
        const unsigned char* const bytes = batch_.bytes.data();
        if (!table) {
            if (manifests::small_verity_digest(bytes, length_bytes) == file.fs_verity) return;
            refuse_chunk(file, 0, length_bytes);
        }
        const std::size_t count = (length_bytes + chunk_bytes - 1) / chunk_bytes;
        const std::vector<Hash> wanted = table->read(from / chunk_bytes, count);
        for_each_index(count, options_.jobs, [&](std::size_t i) {
            const std::size_t length = std::min(chunk_bytes, length_bytes - i * chunk_bytes);
            if (manifests::chunk_hash(bytes + i * chunk_bytes, length) != wanted[i])
                refuse_chunk(file, from + i * chunk_bytes, length);
        });
    }

    [[noreturn]] void refuse_chunk(const BundleFile& file, std::uint64_t offset,
                                   std::size_t length_bytes) const {
        const BadRange bad{offset / chunk_bytes, 1, offset, length_bytes, file_at_ + offset};
        throw Error(Fault::damaged, Code::content_digest,
                    manifests::escaped(file.path.text()) + ": " + describe(file, bad))
            .hint("send the bundle again, from a copy that verifies");
    }

    static void prove_flat(const BundleFile& file, const Digest& found) {
        if (found == file.digest) return;
        refuse(Code::content_digest, manifests::escaped(file.path.text()) + ": found " + found.text() +
                                         ", wanted " + file.digest.text() + ", although the tree is right");
    }

    const Bundle& bundle_;
    PipeSpool& spool_;
    const PipedOptions& options_;
    std::uint64_t at_;          // in the bundle
    std::uint64_t file_at_ = 0; // where the file that is read begins
    Batch batch_;               // that is proven
    Batch next_;                // that is fetched meanwhile
};

} // namespace

void read_piped_content(const Bundle& bundle, PipeSpool& spool, const PipedOptions& options) {
    PipedContent(bundle, spool, options).run();
}

} // namespace runtime
