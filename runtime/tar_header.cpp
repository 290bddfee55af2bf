#include "runtime/tar_header.hpp"

#include <array>
#include <memory>

#include <archive.h>
#include <archive_entry.h>

#include "manifests/error.hpp"
#include "manifests/tar_layout.hpp"

namespace runtime {
namespace {

struct WriterCloser {
    void operator()(archive* writer) const {
        archive_write_fail(
            writer); // only the header is wanted: the data and the end of the tar are written by others
        archive_write_free(writer);
    }
};

struct EntryCloser {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

} // namespace

std::string tar_header(const std::string& name, std::uint64_t size_bytes) {
    constexpr std::size_t header_bytes = manifests::tar_block_bytes;
    std::array<char, 4 * header_bytes> buffer{};
    std::size_t used = 0;
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
        archive_write_open_memory(writer.get(), buffer.data(), buffer.size(), &used) == ARCHIVE_OK &&
        archive_write_header(writer.get(), entry.get()) == ARCHIVE_OK;
    if (!written || used != header_bytes) {
        throw manifests::Error(manifests::Fault::internal,
                               "libarchive did not write one header block for " + name);
    }
    return {buffer.data(), header_bytes};
}

} // namespace runtime
