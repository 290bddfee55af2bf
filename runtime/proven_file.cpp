#include "runtime/proven_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/disk_space.hpp"

namespace runtime {

using manifests::BundleFile;
using manifests::chunk_bytes;
using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::Hash;
using manifests::hashes_per_block;

namespace {

const char* const other_copy_hint = "take this file, or the whole bundle, from another copy: sealift repair";

[[noreturn]] void refuse_table(const BlobAt& table, const std::string& why) {
    throw Error(Fault::damaged, Code::content_chunk_table, manifests::escaped(table.where) + " " + why)
        .hint(other_copy_hint);
}

std::size_t read_hashes(const BlobAt& table, std::uint64_t first, std::vector<Hash>& hashes) {
    const std::size_t wanted = hashes.size() * sizeof(Hash);
    return read_at(*table.file, hashes.data(), wanted, table.offset + first * sizeof(Hash), table.where) /
           sizeof(Hash);
}

// A file that ends early has no hole at its end, but nothing.
bool file_reaches(const BlobAt& blob, std::uint64_t end) {
    struct stat status {};
    return ::fstat(blob.file->get(), &status) == 0 &&
           static_cast<std::uint64_t>(status.st_size) >= blob.offset + end;
}

// In .bss: pages that nobody writes cost nothing.
const std::array<char, chunk_bytes>& zeros() {
    static const std::array<char, chunk_bytes> bytes{};
    return bytes;
}

const Hash& hash_of_zeros() {
    static const Hash hash =
        manifests::chunk_hash(reinterpret_cast<const unsigned char*>(zeros().data()), chunk_bytes);
    return hash;
}

} // namespace

ChunkTable::ChunkTable(BlobAt table, const BundleFile& file) : table_(std::move(table)) {
    const std::uint64_t count = manifests::chunk_count(file.size_bytes);
    constexpr std::uint64_t hashes_at_once = 8192; // 256 KiB
    hashing::Stream flat;
    manifests::TreeTop top;
    std::vector<Hash> hashes;
    for (std::uint64_t done = 0; done < count; done += hashes.size()) {
        hashes.resize(static_cast<std::size_t>(std::min(hashes_at_once, count - done)));
        if (read_hashes(table_, done, hashes) < hashes.size()) refuse_table(table_, "ends early");
        flat.update(hashes.data(), hashes.size() * sizeof(Hash));
        for (const Hash& hash : hashes)
            top.add(hash);
    }
    const Digest found = Digest::from_bytes(flat.finish());
    if (found != file.chunk_table)
        refuse_table(table_, "has digest " + found.text() + ", wanted " + file.chunk_table->text());
    const Digest verity = manifests::verity_digest(file.size_bytes, top.root());
    if (verity != file.fs_verity) {
        refuse_table(table_,
                     "makes the fs-verity digest " + verity.text() + ", wanted " + file.fs_verity.text());
    }
    groups_ = top.groups();
}

std::vector<Hash> ChunkTable::read(std::uint64_t first, std::uint64_t count) const {
    const std::uint64_t first_group = first / hashes_per_block;
    const std::uint64_t end_group = (first + count + hashes_per_block - 1) / hashes_per_block;
    const std::uint64_t start = first_group * hashes_per_block;
    const std::uint64_t all = table_.size_bytes / sizeof(Hash);
    std::vector<Hash> hashes(
        static_cast<std::size_t>(std::min<std::uint64_t>(end_group * hashes_per_block, all) - start));
    if (read_hashes(table_, start, hashes) < hashes.size()) refuse_table(table_, "ends early");
    for (std::uint64_t group = first_group; group < end_group; ++group) {
        const auto at = static_cast<std::size_t>((group - first_group) * hashes_per_block);
        const std::size_t length = std::min(hashes_per_block, hashes.size() - at);
        if (manifests::block_of_hashes(&hashes[at], length) != groups_.at(static_cast<std::size_t>(group)))
            refuse_table(table_, "has changed while it was used");
    }
    hashes.erase(hashes.begin(), hashes.begin() + static_cast<std::ptrdiff_t>(first - start));
    hashes.resize(static_cast<std::size_t>(count));
    return hashes;
}

ProvenFile::ProvenFile(const Bundle& bundle, const BundleFile& file)
    : ProvenFile(bundle, file, bundle.locate(file)) {}

ProvenFile::ProvenFile(const Bundle& bundle, const BundleFile& file, BlobAt blob)
    : file_(file), blob_(std::move(blob)), sparse_(hole_bytes(blob_) > 0), form_(bundle.form()) {
    if (!file.chunk_table) return;
    const std::string what = "the chunk table of '" + file.path.text() + "'";
    table_.emplace(bundle.locate(file.chunk_table_reference(), what), file);
}

// The system says where the next byte is that it keeps; what lies before it reads as zeros.
bool ProvenFile::is_hole(std::uint64_t offset, std::size_t length_bytes) const {
    if (!sparse_ || length_bytes < chunk_bytes) return false;
    const auto from = static_cast<off_t>(blob_.offset + offset);
    const off_t data = ::lseek(blob_.file->get(), from, SEEK_DATA);
    if (data < 0) return errno == ENXIO && file_reaches(blob_, offset + length_bytes);
    return data >= from + static_cast<off_t>(length_bytes);
}

void ProvenFile::read_past_cache(std::size_t at_a_time_bytes) {
    if (!table_) return;
    direct_ = std::make_unique<DirectFile>(blob_);
    at_a_time_bytes_ = at_a_time_bytes;
}

// Reads ahead in one buffer of its thread; the bytes of one read() follow each other.
class ProvenFile::Reader {
public:
    /// @param end  of what will be asked for
    Reader(const ProvenFile& file, std::uint64_t begin, std::uint64_t end)
        : file_(file),
          end_(end),
          direct_(file.direct_ && file.direct_->wants(begin, static_cast<std::size_t>(end - begin))),
          from_(begin),
          to_(begin) {}

    // Several threads read one file in turns, which the kernel's own read-ahead takes for disorder.
    void read_ahead() const {
        const auto length = static_cast<std::size_t>(end_ - from_);
        if (direct_ || length <= chunk_bytes) return; // one read takes all of it
        // Asked for a hole, the kernel fills memory with zeros that nobody reads.
        if (file_.is_hole(from_, length)) return;
        ::posix_fadvise(file_.blob_.file->get(), static_cast<off_t>(file_.blob_.offset + from_),
                        static_cast<off_t>(length), POSIX_FADV_WILLNEED);
    }

    const unsigned char* bytes(std::uint64_t offset, std::size_t length_bytes) {
        if (offset < from_ || offset + length_bytes > to_) fill(offset, length_bytes);
        return buffer().data() + (offset - from_);
    }

private:
    static DirectBuffer& buffer() {
        thread_local DirectBuffer one(chunk_bytes);
        return one;
    }

    void fill(std::uint64_t offset, std::size_t length_bytes) {
        const BlobAt& blob = file_.blob_;
        // A disk is quicker with more at a time; from the cache, a chunk fits into the processor's own.
        const std::size_t length =
            direct_ ? static_cast<std::size_t>(std::min<std::uint64_t>(file_.at_a_time_bytes_, end_ - offset))
                    : length_bytes;
        if (length > buffer().size_bytes()) buffer() = DirectBuffer(length);
        const std::size_t got =
            direct_ ? file_.direct_->read(buffer().data(), length, offset)
                    : read_at(*blob.file, buffer().data(), length, blob.offset + offset, blob.where);
        if (got < length) {
            throw Error(Fault::damaged, Code::format_truncated,
                        manifests::in_quotes(blob.where) + " ends after " + std::to_string(offset + got) +
                            " bytes, wanted " + std::to_string(blob.size_bytes));
        }
        from_ = offset;
        to_ = offset + length;
    }

    const ProvenFile& file_;
    std::uint64_t end_;
    bool direct_;
    std::uint64_t from_; // in the buffer
    std::uint64_t to_;
};

bool ProvenFile::is_right(const unsigned char* data, std::size_t length_bytes, const Hash* wanted,
                          hashing::Stream* flat) const {
    if (wanted == nullptr) {
        if (flat != nullptr) flat->update(data, length_bytes);
        return manifests::small_verity_digest(data, length_bytes) == file_.fs_verity;
    }
    const Hash found = flat != nullptr ? manifests::chunk_hash(data, length_bytes, *flat)
                                       : manifests::chunk_hash(data, length_bytes);
    return found == *wanted;
}

void ProvenFile::read(std::uint64_t first, std::uint64_t count, hashing::Stream* flat,
                      const std::function<void(const Chunk&)>& on_chunk) const {
    if (blob_.size_bytes == 0)
        return on_chunk({nullptr, 0, 0, manifests::small_verity_digest(nullptr, 0) == file_.fs_verity});
    std::vector<Hash> wanted;
    if (table_) wanted = table_->read(first, count);
    Reader reader(*this, first * chunk_bytes, std::min(blob_.size_bytes, (first + count) * chunk_bytes));
    if (flat == nullptr) reader.read_ahead(); // a flat digest is made in order
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t offset = (first + i) * chunk_bytes;
        const auto length =
            static_cast<std::size_t>(std::min<std::uint64_t>(chunk_bytes, blob_.size_bytes - offset));
        const Hash* const hash = table_ ? &wanted[static_cast<std::size_t>(i)] : nullptr;
        if (hash != nullptr && flat == nullptr && is_hole(offset, length)) {
            on_chunk({zeros().data(), length, offset, hash_of_zeros() == *hash});
            continue;
        }
        const unsigned char* const data = reader.bytes(offset, length);
        const bool good = is_right(data, length, hash, flat);
        on_chunk({reinterpret_cast<const char*>(data), length, offset, good});
    }
}

void ProvenFile::read_all(
    const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece) const {
    constexpr std::uint64_t chunks_at_once = 16; // as much is read ahead
    const std::uint64_t all = std::max<std::uint64_t>(chunks(), 1);
    for (std::uint64_t first = 0; first < all; first += chunks_at_once) {
        read(first, std::min(chunks_at_once, all - first), nullptr, [&](const Chunk& chunk) {
            if (!chunk.good) {
                throw Error(Fault::damaged, Code::content_digest,
                            manifests::escaped(file_.path.text()) + ": " + describe(file_, bad_range(chunk)))
                    .hint(other_copy_hint);
            }
            on_piece(chunk.data, chunk.length_bytes, chunk.offset);
        });
    }
}

std::string ProvenFile::text(std::uint64_t most_bytes) const {
    if (blob_.size_bytes > most_bytes) {
        throw Error(Fault::damaged, Code::format_limit,
                    manifests::in_quotes(blob_.where) + " has " + std::to_string(blob_.size_bytes) +
                        " bytes, at most " + std::to_string(most_bytes) + " are allowed here");
    }
    std::string bytes;
    read_all(
        [&](const char* data, std::size_t length_bytes, std::uint64_t) { bytes.append(data, length_bytes); });
    return bytes;
}

BadRange ProvenFile::bad_range(const Chunk& chunk) const {
    BadRange bad{chunk.offset / chunk_bytes, 1, chunk.offset, chunk.length_bytes, std::nullopt};
    if (form_ == Bundle::Form::file) bad.bundle_offset = blob_.offset + chunk.offset;
    return bad;
}

std::string describe(const BundleFile& file, const BadRange& bad) {
    const auto number = [](std::uint64_t value) { return std::to_string(value); };
    if (file.size_bytes == 0)
        return "an empty file has another fs-verity digest than " + file.fs_verity.text();
    std::string text = bad.chunks == 1 ? "chunk " + number(bad.first_chunk)
                                       : "chunks " + number(bad.first_chunk) + " to " +
                                             number(bad.first_chunk + bad.chunks - 1);
    text += " of " + number(manifests::chunk_count(file.size_bytes)) + (bad.chunks == 1 ? " is" : " are") +
            " damaged: bytes " + number(bad.offset) + " to " + number(bad.offset + bad.length_bytes - 1) +
            " of the file";
    if (bad.bundle_offset) text += ", at byte " + number(*bad.bundle_offset) + " of the bundle file";
    return text;
}

} // namespace runtime
