#include "runtime/tar_header.hpp"

#include <cerrno>
#include <memory>

#include <archive.h>
#include <archive_entry.h>

#include "manifests/error.hpp"
#include "manifests/tar_layout.hpp"

namespace runtime {
namespace {

constexpr std::size_t header_bytes = manifests::tar_block_bytes;

struct WriterCloser {
    void operator()(archive* writer) const { archive_write_free(writer); }
};

// Takes the header and nothing behind it: libarchive, when it is closed, would fill up the entry with zeros.
// (To give the writer up with archive_write_fail() instead leaks its buffers.)
la_ssize_t take_header(archive* writer, void* header, const void* bytes, std::size_t length_bytes) {
    auto& text = *static_cast<std::string*>(header);
    if (text.size() + length_bytes > header_bytes) {
        archive_set_error(writer, ENOSPC, "only the header is wanted");
        return -1;
    }
    text.append(static_cast<const char*>(bytes), length_bytes);
    return static_cast<la_ssize_t>(length_bytes);
}

struct EntryCloser {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

} // namespace

std::string tar_header(const std::string& name, std::uint64_t size_bytes) {
    constexpr std::size_t longest_name_bytes = 100; // what one header holds
    if (name.empty() || name.size() > longest_name_bytes) {
        throw manifests::Error(manifests::Fault::internal,
                               "name of an entry is empty or over 100 bytes: " + name);
    }
    std::string header; // outlives the writer, which ends by offering it more
    const std::unique_ptr<archive, WriterCloser> writer(archive_write_new());
    const std::unique_ptr<archive_entry, EntryCloser> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size_bytes));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    const bool written =
        archive_write_set_format_gnutar(writer.get()) == ARCHIVE_OK &&
        archive_write_set_bytes_per_block(writer.get(), header_bytes) == ARCHIVE_OK &&
        archive_write_open(writer.get(), &header, nullptr, take_header, nullptr) == ARCHIVE_OK &&
        archive_write_header(writer.get(), entry.get()) == ARCHIVE_OK;
    if (!written || header.size() != header_bytes) {
        throw manifests::Error(manifests::Fault::internal,
                               "libarchive did not write one header block for " + name);
    }
    return header;
}

} // namespace runtime
