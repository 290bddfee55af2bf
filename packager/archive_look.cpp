#include "packager/archive_look.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>

#include <archive.h>
#include <archive_entry.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

constexpr std::size_t front_bytes = 65536;
constexpr std::uint64_t most_unpacked_bytes = 256ULL << 20;
constexpr std::uint64_t most_entries = 1'000'000;

struct ArchiveCloser {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, ArchiveCloser>;

// The file as libarchive asks for it. Its callbacks let nothing escape: what was thrown is kept.
struct Source {
    std::uint64_t size_bytes;
    const ReadBytes& read;
    std::uint64_t at = 0;
    std::string block = {};
    std::exception_ptr thrown = {};
};

la_ssize_t on_read(archive*, void* data, const void** bytes) {
    auto& source = *static_cast<Source*>(data);
    try {
        const std::uint64_t length = std::min<std::uint64_t>(front_bytes, source.size_bytes - source.at);
        source.block = source.read(source.at, static_cast<std::size_t>(length));
        source.at += source.block.size();
        *bytes = source.block.data();
        return static_cast<la_ssize_t>(source.block.size());
    } catch (...) {
        source.thrown = std::current_exception();
        return -1;
    }
}

la_int64_t on_skip(archive*, void* data, la_int64_t request) {
    auto& source = *static_cast<Source*>(data);
    if (request <= 0) return 0;
    const std::uint64_t length = std::min(static_cast<std::uint64_t>(request), source.size_bytes - source.at);
    source.at += length;
    return static_cast<la_int64_t>(length);
}

la_int64_t on_seek(archive*, void* data, la_int64_t offset, int whence) {
    auto& source = *static_cast<Source*>(data);
    const auto size = static_cast<la_int64_t>(source.size_bytes);
    const la_int64_t base = whence == SEEK_SET   ? 0
                            : whence == SEEK_CUR ? static_cast<la_int64_t>(source.at)
                                                 : size;
    if (offset > size - base || offset < -base) return ARCHIVE_FATAL;
    source.at = static_cast<std::uint64_t>(base + offset);
    return base + offset;
}

std::string problem_of(archive* reader) {
    const char* text = archive_error_string(reader);
    return text == nullptr ? "it cannot be read" : manifests::escaped(text);
}

Reader open(Source& source, std::string& problem) {
    Reader reader(archive_read_new());
    archive* const raw = reader.get();
    if (raw == nullptr) throw manifests::Error(manifests::Fault::internal, "libarchive gives no reader");
    archive_read_support_format_zip_seekable(raw);
    archive_read_support_format_zip_streamable(raw);
    archive_read_support_format_7zip(raw);
    archive_read_support_format_tar(raw);
    archive_read_support_format_raw(raw); // what stands behind a compression and is no archive
    archive_read_support_filter_gzip(raw);
    archive_read_support_filter_bzip2(raw);
    archive_read_support_filter_xz(raw);
    archive_read_support_filter_zstd(raw);
    archive_read_support_filter_lz4(raw);
    archive_read_set_callback_data(raw, &source);
    archive_read_set_read_callback(raw, on_read);
    archive_read_set_skip_callback(raw, on_skip);
    archive_read_set_seek_callback(raw, on_seek);
    if (archive_read_open1(raw) != ARCHIVE_OK) problem = problem_of(raw);
    return reader;
}

std::string name_of(archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    return name == nullptr ? "" : name;
}

// @return why not
std::string read_front(archive* reader, archive_entry* entry, std::string& front) {
    if (archive_entry_is_encrypted(entry) != 0) return "a file in it is encrypted";
    front.resize(front_bytes);
    std::size_t filled = 0;
    while (filled < front.size()) {
        const la_ssize_t count = archive_read_data(reader, front.data() + filled, front.size() - filled);
        if (count < 0) return problem_of(reader);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
    }
    front.resize(filled);
    return "";
}

std::string go_through(archive* reader, const OnInside& on_inside) {
    archive_entry* entry = nullptr;
    std::string front;
    std::uint64_t total_bytes = 0; // of the files so far, with what the next step unpacks
    for (std::uint64_t i = 0; i < most_entries; ++i) {
        const int status = archive_read_next_header(reader, &entry);
        if (status == ARCHIVE_EOF) return "";
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return problem_of(reader);
        const std::string problem = read_front(reader, entry, front);
        if (!problem.empty()) return problem;
        if (!on_inside(name_of(entry), front)) return "";
        const auto unpacked =
            static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_filter_bytes(reader, 0)));
        const bool is_compressed = archive_filter_count(reader) > 1;
        total_bytes += static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_size(entry)));
        const bool is_packed = is_compressed || archive_format(reader) == ARCHIVE_FORMAT_7ZIP;
        if (is_packed && std::max(unpacked, total_bytes) > most_unpacked_bytes)
            return "it is too long to be unpacked for a look";
        if (archive_format(reader) != ARCHIVE_FORMAT_RAW) continue;
        // The front is all that counts; without a compression it is no archive of a kind that can be read.
        return is_compressed ? "" : "it does not go on as it begins or ends";
    }
    return "it has over " + std::to_string(most_entries) + " files";
}

} // namespace

std::string look_inside(std::uint64_t size_bytes, const ReadBytes& read, const OnInside& on_inside) {
    Source source{size_bytes, read};
    std::string problem;
    const Reader reader = open(source, problem);
    if (problem.empty()) problem = go_through(reader.get(), on_inside);
    if (source.thrown) std::rethrow_exception(source.thrown);
    return problem;
}

} // namespace packager
