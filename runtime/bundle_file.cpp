// The file form: a GNU tar, read through libarchive, then compared with the plan that follows from its own
// documents.

#include <algorithm>
#include <map>

#include <archive.h>
#include <archive_entry.h>

#include "manifests/error.hpp"
#include "manifests/oci.hpp"
#include "manifests/text.hpp"
#include "runtime/blob_source.hpp"
#include "runtime/tar_header.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

constexpr std::size_t most_entries = 1'000'000; // ten times the largest bundle we plan for

struct ListedEntry {
    std::string name;
    std::uint64_t size_bytes;
    std::uint64_t header_offset;
};

[[noreturn]] void refuse(Code code, const std::string& text) {
    throw Error(Fault::damaged, code, text);
}

// libarchive reads through these. Nothing may be thrown through C, so a problem is kept and thrown
// afterwards.
struct TarInput {
    const FileDescriptor* file;
    const std::string* path;
    std::uint64_t size_bytes;
    std::uint64_t position = 0;
    std::string buffer = std::string(64 * 1024, '\0');
    std::exception_ptr problem;
};

la_ssize_t on_read(archive* reader, void* data, const void** block) {
    auto& input = *static_cast<TarInput*>(data);
    try {
        const std::size_t got =
            read_at(*input.file, input.buffer.data(), input.buffer.size(), input.position, *input.path);
        input.position += got;
        *block = input.buffer.data();
        return static_cast<la_ssize_t>(got);
    } catch (...) {
        input.problem = std::current_exception();
        archive_set_error(reader, EIO, "read failed");
        return ARCHIVE_FATAL;
    }
}

la_int64_t on_skip(archive*, void* data, la_int64_t request) {
    auto& input = *static_cast<TarInput*>(data);
    const std::uint64_t left = input.size_bytes - std::min(input.position, input.size_bytes);
    const std::uint64_t step = std::min(left, static_cast<std::uint64_t>(request));
    input.position += step;
    return static_cast<la_int64_t>(step);
}

struct ReaderCloser {
    void operator()(archive* reader) const { archive_read_free(reader); }
};

[[noreturn]] void refuse_tar(archive* reader, const TarInput& input) {
    if (input.problem) std::rethrow_exception(input.problem);
    const char* text = archive_error_string(reader);
    const std::string reason = manifests::escaped(text != nullptr ? text : "no reason given");
    if (reason.find("runcated") != std::string::npos)
        refuse(Code::format_truncated, "the file ends inside an entry");
    if (reason.find("nrecognized") != std::string::npos)
        refuse(Code::format_not_a_bundle, "this is not a tar file");
    refuse(Code::format_header, "tar: " + reason);
}

std::vector<ListedEntry> list_tar(const FileDescriptor& file, const std::string& path,
                                  std::uint64_t size_bytes) {
    TarInput input{.file = &file, .path = &path, .size_bytes = size_bytes, .problem = nullptr};
    const std::unique_ptr<archive, ReaderCloser> reader(archive_read_new());
    archive_read_support_format_tar(reader.get());
    if (archive_read_open2(reader.get(), &input, nullptr, on_read, on_skip, nullptr) != ARCHIVE_OK) {
        refuse_tar(reader.get(), input);
    }
    std::vector<ListedEntry> entries;
    archive_entry* entry = nullptr;
    for (;;) {
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) return entries;
        if (status != ARCHIVE_OK) refuse_tar(reader.get(), input);
        const char* name = archive_entry_pathname(entry);
        const la_int64_t size = archive_entry_size(entry);
        if (name == nullptr || size < 0) refuse(Code::format_entry, "an entry has no readable name or size");
        if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr) {
            refuse(Code::format_entry, "entry " + in_quotes(name) + " is not a regular file");
        }
        entries.push_back({name, static_cast<std::uint64_t>(size),
                           static_cast<std::uint64_t>(archive_read_header_position(reader.get()))});
        if (entries.size() == 1 && entries[0].name != "oci-layout") {
            refuse(Code::format_not_a_bundle,
                   "the first entry is " + in_quotes(name) + ", wanted 'oci-layout'");
        }
        if (entries.size() > most_entries) refuse(Code::format_limit, "there are over 1,000,000 entries");
    }
}

class BundleFileSource final : public BlobSource {
public:
    explicit BundleFileSource(const std::string& path)
        : path_(path),
          file_(std::make_shared<const FileDescriptor>(open_to_read(path))),
          size_bytes_(facts_of(*file_, path).size_bytes) {
        if (size_bytes_ == 0) refuse(Code::format_truncated, "the file is empty");
        entries_ = list_tar(*file_, path_, size_bytes_);
        if (entries_.empty()) refuse(Code::format_not_a_bundle, "this tar file has no entries");
        for (const ListedEntry& entry : entries_)
            index(entry);
    }

    std::string read_named(const std::string& name) const override {
        const auto found = by_name_.find(name);
        if (found == by_name_.end()) refuse(Code::format_entry, "there is no entry " + in_quotes(name));
        return read_blob(found->second, 64ULL << 20);
    }

    std::optional<BlobAt> find(const manifests::Digest& digest) const override {
        const auto found = by_name_.find(manifests::blob_name(digest));
        if (found == by_name_.end()) return std::nullopt;
        return found->second;
    }

    void refuse_others(const std::vector<manifests::LayoutItem>& items,
                       const std::vector<manifests::BundleFile>&) const override {
        const manifests::TarLayout plan = manifests::plan_tar(items);
        refuse_other_names(plan);
        for (std::size_t i = 0; i < plan.entries.size(); ++i)
            refuse_other_entry(plan.entries[i], entries_[i], items);
        if (size_bytes_ < plan.total_bytes)
            refuse(Code::format_truncated, "the two closing blocks are not whole");
        if (size_bytes_ > plan.total_bytes) {
            refuse(Code::format_trailing,
                   std::to_string(size_bytes_ - plan.total_bytes) + " bytes follow the end");
        }
        refuse_unless_zero(plan.total_bytes - manifests::tar_end_bytes, plan.total_bytes,
                           "the closing blocks");
    }

private:
    void index(const ListedEntry& entry) {
        const std::uint64_t data = entry.header_offset + manifests::tar_block_bytes;
        if (data > size_bytes_ || entry.size_bytes > size_bytes_ - data) {
            refuse(Code::format_truncated, "the file ends inside entry " + in_quotes(entry.name) + ": " +
                                               std::to_string(size_bytes_) + " bytes are there, " +
                                               std::to_string(data + entry.size_bytes) + " are needed");
        }
        const bool fresh =
            by_name_.emplace(entry.name, BlobAt{file_, data, entry.size_bytes, entry.name}).second;
        if (!fresh) refuse(Code::format_duplicate, "entry " + in_quotes(entry.name) + " occurs twice");
    }

    // Names first: they tell a missing blob from a spare one, where positions would only say "different".
    void refuse_other_names(const manifests::TarLayout& plan) const {
        std::map<std::string, std::uint64_t> wanted;
        for (const manifests::TarEntry& entry : plan.entries) {
            wanted[entry.name] = entry.size_bytes;
            if (!entry.padding && !by_name_.contains(entry.name)) {
                refuse(Code::layout_blob_missing, "entry " + in_quotes(entry.name) + " is missing");
            }
        }
        for (const ListedEntry& entry : entries_) {
            if (!wanted.contains(entry.name)) {
                refuse(entry.name.starts_with("blobs/") ? Code::layout_blob_spare : Code::format_entry,
                       "entry " + in_quotes(entry.name) + " belongs to nothing in this bundle");
            }
        }
        if (entries_.size() != plan.entries.size())
            refuse(Code::format_entry, "the padding entries are not those of the format");
    }

    void refuse_other_entry(const manifests::TarEntry& wanted, const ListedEntry& found,
                            const std::vector<manifests::LayoutItem>& items) const {
        if (found.name != wanted.name || found.header_offset != wanted.header_offset) {
            refuse(Code::format_entry, "entry " + in_quotes(found.name) + " at byte " +
                                           std::to_string(found.header_offset) + ", wanted " +
                                           in_quotes(wanted.name) + " at byte " +
                                           std::to_string(wanted.header_offset));
        }
        if (found.size_bytes != wanted.size_bytes) {
            refuse(Code::content_size, "entry " + in_quotes(found.name) + " has " +
                                           std::to_string(found.size_bytes) + " bytes, wanted " +
                                           std::to_string(wanted.size_bytes));
        }
        std::string header(manifests::tar_block_bytes, '\0');
        read_at(*file_, header.data(), header.size(), wanted.header_offset, path_);
        if (header != tar_header(wanted.name, wanted.size_bytes)) {
            refuse(Code::format_header,
                   "the header of " + in_quotes(found.name) + " is not spelled as the format spells it");
        }
        const std::uint64_t end = wanted.data_offset + wanted.size_bytes;
        const std::uint64_t next =
            (end + manifests::tar_block_bytes - 1) / manifests::tar_block_bytes * manifests::tar_block_bytes;
        refuse_unless_zero(wanted.padding ? wanted.data_offset : end, next,
                           "the padding of " + in_quotes(found.name));
        const auto& item = items[wanted.item];
        if (!wanted.padding && item.bytes && !item.digest &&
            read_blob(by_name_.at(wanted.name), 64ULL << 20) != *item.bytes) {
            refuse(Code::layout_index,
                   in_quotes(wanted.name) + " is not what follows from the bundle's manifests");
        }
    }

    void refuse_unless_zero(std::uint64_t from, std::uint64_t to, const std::string& what) const {
        std::string bytes(static_cast<std::size_t>(to - from), '\x01'); // at most 64 KiB
        const std::size_t got = read_at(*file_, bytes.data(), bytes.size(), from, path_);
        if (got < bytes.size()) refuse(Code::format_truncated, "the file ends inside " + what);
        const std::size_t at = bytes.find_first_not_of('\0');
        if (at != std::string::npos) {
            refuse(Code::format_padding,
                   what + " has a byte that is not zero at " + std::to_string(from + at));
        }
    }

    std::string path_;
    std::shared_ptr<const FileDescriptor> file_;
    std::uint64_t size_bytes_;
    std::vector<ListedEntry> entries_;
    std::map<std::string, BlobAt> by_name_;
};

} // namespace

std::unique_ptr<BlobSource> open_bundle_file(const std::string& path) {
    return std::make_unique<BundleFileSource>(path);
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

} // namespace runtime
