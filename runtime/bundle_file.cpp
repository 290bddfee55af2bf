// The file form: a GNU tar with one spelling. Everything that a bundle file may contain follows from its own
// documents, so reading it is comparing: every header, filler and closing block with the one it must be. Only
// the front is listed, to find the documents, and the whole once more when something is wrong, to say what.

#include <algorithm>
#include <map>
#include <set>

#include "manifests/error.hpp"
#include "manifests/oci.hpp"
#include "manifests/text.hpp"
#include "runtime/blob_source.hpp"
#include "runtime/entry_name.hpp"
#include "runtime/pipe_spool.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Contents;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::ItemKind;
using manifests::LayoutItem;
using manifests::tar_block_bytes;
using manifests::TarEntry;
using manifests::TarLayout;

constexpr std::size_t most_entries = 1'000'000; // ten times the largest bundle we plan for
constexpr std::uint64_t most_document_bytes = 64ULL << 20;
constexpr std::uint64_t unknown_size = ~std::uint64_t{0}; // of a pipe

[[noreturn]] void refuse(Code code, const std::string& text) {
    throw Error(Fault::damaged, code, text);
}

std::uint64_t block_end(std::uint64_t offset) {
    return (offset + tar_block_bytes - 1) / tar_block_bytes * tar_block_bytes;
}

// The bytes of the file, read in windows: headers of small files lie close together.
class Window {
public:
    Window(std::shared_ptr<const FileDescriptor> file, std::shared_ptr<PipeSpool> spool, std::string path)
        : file_(std::move(file)), spool_(std::move(spool)), path_(std::move(path)) {}

    /// Shorter than asked only where the file ends.
    std::string_view view(std::uint64_t offset, std::size_t length_bytes) {
        if (offset < start_ || offset + length_bytes > start_ + buffer_.size()) fill(offset, length_bytes);
        return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - start_), length_bytes);
    }

private:
    void fill(std::uint64_t offset, std::size_t length_bytes) {
        constexpr std::size_t window_bytes = 64 * 1024;
        if (spool_) spool_->need(offset + length_bytes);
        buffer_.resize(spool_ ? length_bytes : std::max(length_bytes, window_bytes));
        start_ = offset;
        buffer_.resize(read_at(*file_, buffer_.data(), buffer_.size(), offset, path_));
    }

    std::shared_ptr<const FileDescriptor> file_;
    std::shared_ptr<PipeSpool> spool_;
    std::string path_;
    std::uint64_t start_ = 0;
    std::string buffer_;
};

struct ListedEntry {
    std::string name;
    std::uint64_t size_bytes;
    std::uint64_t header_offset;
};

// Where a blob's bytes are, by digest: what remains once everything was compared. Of a file the document
// knows digest and size; that and the source belong to one Bundle.
struct Place {
    Digest digest;
    std::uint64_t offset;
    std::uint64_t size_bytes;
};
struct Extent {
    std::uint64_t offset;
    std::uint64_t size_bytes;
};
struct FilePlace {
    const manifests::BundleFile* file;
    std::uint64_t offset;
};

// The place with `digest` in a list that is sorted by it.
template<typename Places, typename DigestOf>
auto find_in(const Places& places, const Digest& digest, const DigestOf& digest_of) {
    const auto place =
        std::lower_bound(places.begin(), places.end(), digest,
                         [&](const auto& a, const Digest& wanted) { return digest_of(a) < wanted; });
    return place != places.end() && digest_of(*place) == digest ? &*place : nullptr;
}

const Digest& digest_of_place(const Place& place) {
    return place.digest;
}
const Digest& digest_of_file(const FilePlace& place) {
    return place.file->digest;
}

class BundleFileSource final : public BlobSource {
public:
    BundleFileSource(std::shared_ptr<const FileDescriptor> file, std::shared_ptr<PipeSpool> spool,
                     std::uint64_t size_bytes, const std::string& path)
        : file_(std::move(file)),
          spool_(std::move(spool)),
          size_bytes_(size_bytes),
          window_(file_, spool_, path) {
        refuse_other_start();
    }

    std::string read_named(const std::string& name) const override {
        const auto blob = walk_to(name);
        if (!blob) refuse(Code::format_entry, "there is no entry " + in_quotes(name));
        if (blob->size_bytes <= most_document_bytes) fetch(*blob);
        return read_blob(*blob, most_document_bytes);
    }

    void fetch(const BlobAt& blob) const override {
        if (spool_) spool_->need(blob.offset + blob.size_bytes);
    }

    std::optional<BlobAt> find(const Digest& digest) const override {
        if (settled_) return find_place(digest);
        return walk_to(manifests::blob_name(digest));
    }

    void refuse_others(const Contents& contents, const std::vector<LayoutItem>& items) override {
        const std::uint64_t total_bytes = manifests::for_each_tar_entry(items, [](const TarEntry&) {});
        try {
            refuse_other_entries(total_bytes, contents, items);
        } catch (const Error&) {
            if (!spool_) say_what_is_wrong(manifests::plan_tar(items), items);
            throw;
        }
        settle(contents, items);
    }

private:
    void settle(const Contents& contents, const std::vector<LayoutItem>& items) {
        files_.reserve(contents.document.files.size());
        manifests::for_each_tar_entry(items, [&](const TarEntry& entry) {
            const LayoutItem& item = items[entry.item];
            if (entry.padding != 0 || !item.is_blob()) return;
            if (item.kind == ItemKind::file) {
                files_.push_back({&contents.document.files[item.number], entry.data_offset()});
            } else {
                places_.push_back({item.digest, entry.data_offset(), item.size_bytes});
            }
        });
        std::sort(places_.begin(), places_.end(),
                  [](const Place& a, const Place& b) { return a.digest < b.digest; });
        std::sort(files_.begin(), files_.end(),
                  [](const FilePlace& a, const FilePlace& b) { return a.file->digest < b.file->digest; });
        settled_ = true;
        listed_.clear();
    }

    void refuse_other_start() {
        const std::string_view block = window_.view(0, tar_block_bytes);
        if (block.empty()) refuse(Code::format_truncated, "the file is empty");
        const std::string_view name = block.substr(0, block.find('\0'));
        if (name == "oci-layout") return;
        if (block.size() == tar_block_bytes && manifests::has_tar_checksum(block)) {
            refuse(Code::format_not_a_bundle,
                   "the first entry is " + in_quotes(name) + ", wanted 'oci-layout'");
        }
        refuse(Code::format_not_a_bundle, "this is not a tar file");
    }

    // What the header at `offset` says; nothing where the closing blocks begin.
    std::optional<ListedEntry> entry_at(std::uint64_t offset) const {
        const std::string_view block = window_.view(offset, tar_block_bytes);
        if (block.size() < tar_block_bytes)
            refuse(Code::format_truncated, "the file ends at byte " + std::to_string(offset + block.size()) +
                                               ", where an entry or the closing blocks were wanted");
        if (block.find_first_not_of('\0') == std::string_view::npos) return std::nullopt;
        const auto claim = manifests::read_tar_header(block);
        if (!claim) {
            const bool other_kind = manifests::has_tar_checksum(block) && block[156] != '0';
            refuse(other_kind ? Code::format_entry : Code::format_header,
                   "the header at byte " + std::to_string(offset) +
                       (other_kind ? " is not that of a regular file"
                                   : " is not spelled as the format spells it"));
        }
        const std::uint64_t data = offset + tar_block_bytes;
        if (size_bytes_ != unknown_size && claim->size_bytes > size_bytes_ - data) {
            refuse(Code::format_truncated, "the file ends inside entry " + in_quotes(claim->name) + ": " +
                                               std::to_string(size_bytes_) + " bytes are there, " +
                                               std::to_string(data + claim->size_bytes) + " are needed");
        }
        return ListedEntry{claim->name, claim->size_bytes, offset};
    }

    // Lists on from where it stopped until the entry is found.
    std::optional<BlobAt> walk_to(const std::string& name) const {
        const EntryName wanted = shortened(name);
        for (;;) {
            const auto found = listed_.find(wanted);
            if (found != listed_.end())
                return BlobAt{file_, found->second.offset, found->second.size_bytes, name};
            if (at_end_) return std::nullopt;
            const auto entry = entry_at(next_offset_);
            at_end_ = !entry;
            if (!entry) continue;
            const std::uint64_t data = entry->header_offset + tar_block_bytes;
            next_offset_ = block_end(data + entry->size_bytes);
            const bool fresh =
                listed_.emplace(shortened(entry->name), Extent{data, entry->size_bytes}).second;
            if (!fresh) refuse(Code::format_duplicate, "entry " + in_quotes(entry->name) + " occurs twice");
            if (listed_.size() > most_entries) refuse(Code::format_limit, "there are over 1,000,000 entries");
        }
    }

    std::optional<BlobAt> find_place(const Digest& digest) const {
        const auto at = [&](std::uint64_t offset, std::uint64_t size_bytes) {
            return BlobAt{file_, offset, size_bytes, manifests::blob_name(digest)};
        };
        if (const Place* place = find_in(places_, digest, digest_of_place))
            return at(place->offset, place->size_bytes);
        if (const FilePlace* place = find_in(files_, digest, digest_of_file))
            return at(place->offset, place->file->size_bytes);
        return std::nullopt;
    }

    // Of a pipe only the front is here; the rest is compared as it comes.
    void refuse_other_entries(std::uint64_t total_bytes, const Contents& contents,
                              const std::vector<LayoutItem>& items) {
        bool is_here = true;
        manifests::for_each_tar_entry(items, [&](const TarEntry& entry) {
            is_here = is_here && !(spool_ && items[entry.item].kind == ItemKind::file);
            if (is_here) refuse_other_entry(entry, contents, items);
        });
        if (!is_here) return;
        if (size_bytes_ < total_bytes) refuse(Code::format_truncated, "the two closing blocks are not whole");
        if (size_bytes_ > total_bytes) {
            refuse(Code::format_trailing,
                   std::to_string(size_bytes_ - total_bytes) + " bytes follow the end");
        }
        refuse_unless_zero(total_bytes - manifests::tar_end_bytes, total_bytes, "the closing blocks");
    }

    void refuse_other_entry(const TarEntry& wanted, const Contents& contents,
                            const std::vector<LayoutItem>& items) {
        const std::string name = wanted.name(items);
        if (window_.view(wanted.header_offset, tar_block_bytes) !=
            manifests::tar_header(name, wanted.size_bytes)) {
            refuse_other_header(wanted, name, items);
        }
        const std::uint64_t end = wanted.data_offset() + wanted.size_bytes;
        refuse_unless_zero(wanted.padding != 0 ? wanted.data_offset() : end, wanted.end_offset(),
                           "the padding of " + in_quotes(name));
        const LayoutItem& item = items[wanted.item];
        if (wanted.padding != 0 || item.is_blob()) return;
        std::string bytes;
        write_item(item, contents, [&](std::string_view piece) { bytes += piece; });
        if (window_.view(wanted.data_offset(), bytes.size()) != bytes) refuse_other_text(name);
    }

    [[noreturn]] static void refuse_other_text(const std::string& name) {
        refuse(Code::layout_index, in_quotes(name) + " is not what follows from the bundle's manifests");
    }

    [[noreturn]] void refuse_other_header(const TarEntry& wanted, const std::string& name,
                                          const std::vector<LayoutItem>& items) const {
        const auto found = entry_at(wanted.header_offset);
        if (found && found->name == name) {
            // Nothing promises the size of these two, so another one is another text.
            if (wanted.padding == 0 && !items[wanted.item].is_blob()) refuse_other_text(name);
            refuse(Code::content_size, "entry " + in_quotes(name) + " has " +
                                           std::to_string(found->size_bytes) + " bytes, wanted " +
                                           std::to_string(wanted.size_bytes));
        }
        refuse(Code::format_entry, "at byte " + std::to_string(wanted.header_offset) + " is " +
                                       (found ? "entry " + in_quotes(found->name) : "the end") +
                                       ", wanted entry " + in_quotes(name));
    }

    void refuse_unless_zero(std::uint64_t from, std::uint64_t to, const std::string& what) {
        const auto length = static_cast<std::size_t>(to - from); // at most 64 KiB
        const std::string_view bytes = window_.view(from, length);
        if (bytes.size() < length) refuse(Code::format_truncated, "the file ends inside " + what);
        const std::size_t at = bytes.find_first_not_of('\0');
        if (at != std::string_view::npos) {
            refuse(Code::format_padding,
                   what + " has a byte that is not zero at " + std::to_string(from + at));
        }
    }

    // Names first: they tell a missing blob from a spare one, where positions would only say "different".
    void say_what_is_wrong(const TarLayout& plan, const std::vector<LayoutItem>& items) const {
        std::set<EntryName> found;
        for_each_entry([&](const ListedEntry& entry) {
            if (!found.insert(shortened(entry.name)).second)
                refuse(Code::format_duplicate, "entry " + in_quotes(entry.name) + " occurs twice");
            if (found.size() > most_entries) refuse(Code::format_limit, "there are over 1,000,000 entries");
        });
        for (const TarEntry& entry : plan.entries) {
            const std::string name = entry.name(items);
            if (entry.padding == 0 && !found.contains(shortened(name)))
                refuse(Code::layout_blob_missing, "entry " + in_quotes(name) + " is missing");
        }
        const PlannedNames wanted(plan, items);
        std::string spare; // the name that comes first
        for_each_entry([&](const ListedEntry& entry) {
            if ((spare.empty() || entry.name < spare) && !wanted.contains(entry.name)) spare = entry.name;
        });
        if (!spare.empty()) {
            refuse(spare.starts_with("blobs/") ? Code::layout_blob_spare : Code::format_entry,
                   "entry " + in_quotes(spare) + " belongs to nothing in this bundle");
        }
        if (found.size() != plan.entries.size())
            refuse(Code::format_entry, "the padding entries are not those of the format");
    }

    template<typename OnEntry>
    void for_each_entry(const OnEntry& on_entry) const {
        std::uint64_t offset = 0;
        while (const auto entry = entry_at(offset)) {
            on_entry(*entry);
            offset = block_end(offset + tar_block_bytes + entry->size_bytes);
        }
    }

    std::shared_ptr<const FileDescriptor> file_;
    std::shared_ptr<PipeSpool> spool_;
    std::uint64_t size_bytes_;
    mutable Window window_;
    mutable std::map<EntryName, Extent> listed_; // until everything was compared
    mutable std::uint64_t next_offset_ = 0;
    mutable bool at_end_ = false;
    std::vector<Place> places_; // of documents and chunk tables
    std::vector<FilePlace> files_;
    bool settled_ = false;
};

} // namespace

std::unique_ptr<BlobSource> open_bundle_file(const std::string& path) {
    auto file = std::make_shared<const FileDescriptor>(open_to_read(path));
    const std::uint64_t size_bytes = facts_of(*file, path).size_bytes;
    return std::make_unique<BundleFileSource>(std::move(file), nullptr, size_bytes, path);
}

std::unique_ptr<BlobSource> open_bundle_pipe(std::shared_ptr<PipeSpool> spool) {
    auto file = spool->file();
    return std::make_unique<BundleFileSource>(std::move(file), std::move(spool), unknown_size, "the pipe");
}

std::string read_blob(const BlobAt& blob, std::uint64_t most_bytes) {
    if (blob.size_bytes > most_bytes) {
        refuse(Code::format_limit, in_quotes(blob.where) + " has " + std::to_string(blob.size_bytes) +
                                       " bytes, at most " + std::to_string(most_bytes) + " are allowed here");
    }
    std::string bytes(static_cast<std::size_t>(blob.size_bytes), '\0');
    if (read_at(*blob.file, bytes.data(), bytes.size(), blob.offset, blob.where) != bytes.size()) {
        refuse(Code::format_truncated, in_quotes(blob.where) + " ends early");
    }
    return bytes;
}

manifests::NextPiece pieces_of(const BlobAt& blob) {
    static constexpr std::uint64_t piece_bytes = 64 * 1024;
    return [blob, done = std::uint64_t{0}, buffer = std::string()]() mutable -> std::string_view {
        buffer.resize(static_cast<std::size_t>(std::min(piece_bytes, blob.size_bytes - done)));
        const std::size_t got =
            read_at(*blob.file, buffer.data(), buffer.size(), blob.offset + done, blob.where);
        if (got != buffer.size()) refuse(Code::format_truncated, in_quotes(blob.where) + " ends early");
        done += got;
        return buffer;
    };
}

} // namespace runtime
