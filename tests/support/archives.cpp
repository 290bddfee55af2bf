#include "tests/support/archives.hpp"

#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

namespace tests {
namespace {

void demand(bool good, archive* writer) {
    if (good) return;
    const char* text = archive_error_string(writer);
    throw std::runtime_error(std::string("libarchive: ") + (text == nullptr ? "no reason" : text));
}

void choose_form(archive* writer, ArchiveForm form) {
    switch (form) {
    case ArchiveForm::zip_stored:
    case ArchiveForm::zip_deflated:
        demand(archive_write_set_format_zip(writer) == ARCHIVE_OK, writer);
        demand((form == ArchiveForm::zip_stored
                    ? archive_write_zip_set_compression_store(writer)
                    : archive_write_zip_set_compression_deflate(writer)) == ARCHIVE_OK,
               writer);
        return;
    case ArchiveForm::tar:
        return demand(archive_write_set_format_pax_restricted(writer) == ARCHIVE_OK, writer);
    case ArchiveForm::old_tar:
        return demand(archive_write_set_format_v7tar(writer) == ARCHIVE_OK, writer);
    case ArchiveForm::seven_zip:
        return demand(archive_write_set_format_7zip(writer) == ARCHIVE_OK, writer);
    case ArchiveForm::raw:
        return demand(archive_write_set_format_raw(writer) == ARCHIVE_OK, writer);
    }
}

int filter_of(Compression compression) {
    switch (compression) {
    case Compression::gzip:
        return ARCHIVE_FILTER_GZIP;
    case Compression::bzip2:
        return ARCHIVE_FILTER_BZIP2;
    case Compression::xz:
        return ARCHIVE_FILTER_XZ;
    case Compression::lzma:
        return ARCHIVE_FILTER_LZMA;
    case Compression::lzip:
        return ARCHIVE_FILTER_LZIP;
    case Compression::zstd:
        return ARCHIVE_FILTER_ZSTD;
    case Compression::lz4:
        return ARCHIVE_FILTER_LZ4;
    case Compression::none:
        break;
    }
    return ARCHIVE_FILTER_NONE;
}

void write_file(archive* writer, const Inside& file) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, file.name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(file.bytes.size()));
    demand(archive_write_header(writer, entry) == ARCHIVE_OK, writer);
    const la_ssize_t written = archive_write_data(writer, file.bytes.data(), file.bytes.size());
    demand(written == static_cast<la_ssize_t>(file.bytes.size()), writer);
    archive_entry_free(entry);
}

la_ssize_t on_write(archive*, void* data, const void* bytes, size_t length) {
    static_cast<std::string*>(data)->append(static_cast<const char*>(bytes), length);
    return static_cast<la_ssize_t>(length);
}

std::string little(std::uint64_t value, std::size_t length) {
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i, value >>= 8)
        bytes += static_cast<char>(value & 0xff);
    return bytes;
}

constexpr std::uint64_t in_zip64 = 0xffffffff;

// What the local header and the entry of the directory have in common, from the flags on.
std::string shared_fields(const ZipPart& part, unsigned method, std::uint64_t packed, std::uint64_t size,
                          const std::string& name, std::size_t extra_bytes) {
    return little(part.flags, 2) + little(method, 2) + little(0, 4) + little(0, 4) + little(packed, 4) +
           little(size, 4) + little(name.size(), 2) + little(extra_bytes, 2);
}

std::string local_part(const ZipPart& part) {
    const std::string name = part.local_name.value_or(part.name);
    const std::uint64_t size = part.local_size.value_or(part.size.value_or(part.bytes.size()));
    const std::uint64_t packed = part.local_size.value_or(part.bytes.size());
    const std::string extra =
        part.is_zip64 ? little(1, 2) + little(16, 2) + little(size, 8) + little(packed, 8) : "";
    return "PK\3\4" + little(45, 2) +
           shared_fields(part, part.local_method.value_or(part.method), part.is_zip64 ? in_zip64 : packed,
                         part.is_zip64 ? in_zip64 : size, name, extra.size()) +
           name + extra + part.bytes;
}

std::string entry_of(const ZipPart& part, std::uint64_t place) {
    const std::uint64_t size = part.size.value_or(part.bytes.size());
    const std::string extra = part.is_zip64 ? little(1, 2) + little(24, 2) + little(size, 8) +
                                                  little(part.bytes.size(), 8) + little(place, 8)
                                            : "";
    return "PK\1\2" + little(45, 2) + little(45, 2) +
           shared_fields(part, part.method, part.is_zip64 ? in_zip64 : part.bytes.size(),
                         part.is_zip64 ? in_zip64 : size, part.name, extra.size()) +
           little(0, 10) + little(part.is_zip64 ? in_zip64 : place, 4) + part.name + extra;
}

} // namespace

std::string make_archive(const std::vector<Inside>& files, ArchiveForm form, Compression compression) {
    std::string out;
    archive* writer = archive_write_new();
    choose_form(writer, form);
    demand(archive_write_add_filter(writer, filter_of(compression)) == ARCHIVE_OK, writer);
    archive_write_set_bytes_in_last_block(writer, 1);
    demand(archive_write_open(writer, &out, nullptr, on_write, nullptr) == ARCHIVE_OK, writer);
    for (const Inside& file : files)
        write_file(writer, file);
    demand(archive_write_close(writer) == ARCHIVE_OK, writer);
    archive_write_free(writer);
    return out;
}

std::string compress(const std::string& bytes, Compression compression) {
    return make_archive({{"x", bytes}}, ArchiveForm::raw, compression);
}

std::string make_zip(const std::vector<ZipPart>& parts, const ZipEnd& end) {
    std::string files;
    std::string directory;
    std::uint64_t count = 0;
    for (const ZipPart& part : parts) {
        if (part.listed) directory += entry_of(part, files.size()), ++count;
        files += local_part(part);
    }
    const std::uint64_t entries = end.entries.value_or(count);
    std::string record;
    if (end.is_zip64)
        record = "PK\6\6" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) +
                 little(entries, 8) + little(entries, 8) + little(directory.size(), 8) +
                 little(files.size(), 8) + "PK\6\7" + little(0, 4) +
                 little(end.in_front.size() + files.size() + directory.size(), 8) + little(1, 4);
    const bool is_zip64 = end.is_zip64;
    record += "PK\5\6" + little(0, 4) + little(is_zip64 ? 0xffff : entries, 2) +
              little(is_zip64 ? 0xffff : entries, 2) + little(is_zip64 ? in_zip64 : directory.size(), 4) +
              little(is_zip64 ? in_zip64 : files.size(), 4) + little(end.comment.size(), 2);
    return end.in_front + files + directory + record + end.comment;
}

} // namespace tests
