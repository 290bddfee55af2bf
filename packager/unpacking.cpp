#include "packager/unpacking.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

constexpr std::size_t block_bytes = 65536;

int filter_of(Packing packing) {
    switch (packing) {
    case Packing::gzip:
        return ARCHIVE_FILTER_GZIP;
    case Packing::bzip2:
        return ARCHIVE_FILTER_BZIP2;
    case Packing::xz:
        return ARCHIVE_FILTER_XZ;
    case Packing::lzma:
        return ARCHIVE_FILTER_LZMA;
    case Packing::lzip:
        return ARCHIVE_FILTER_LZIP;
    case Packing::zstd:
        return ARCHIVE_FILTER_ZSTD;
    case Packing::lz4:
        return ARCHIVE_FILTER_LZ4;
    case Packing::zip_member:
    case Packing::seven_zip:
    case Packing::tar:
        break;
    }
    return ARCHIVE_FILTER_NONE;
}

// Exactly one filter: what is compressed twice is looked at in between, for it may be something else there.
void choose(archive* reader, Packing packing) {
    switch (packing) {
    case Packing::zip_member:
        archive_read_support_format_zip_streamable(reader);
        return;
    case Packing::seven_zip:
        archive_read_support_format_7zip(reader);
        return;
    case Packing::tar:
        archive_read_support_format_tar(reader);
        return;
    default:
        archive_read_set_format(reader, ARCHIVE_FORMAT_RAW); // asked for it would take an error for emptiness
        archive_read_append_filter(reader, filter_of(packing));
    }
}

} // namespace

// The file as libarchive asks for it. Its callbacks let nothing escape: what was thrown is kept.
struct Unpacker::Source {
    std::uint64_t size_bytes;
    const ReadBytes& read;
    std::uint64_t at = 0;
    std::string block = {};
    std::exception_ptr thrown = {};

    static la_ssize_t on_read(archive*, void* data, const void** bytes) {
        auto& source = *static_cast<Source*>(data);
        try {
            const std::uint64_t length = std::min<std::uint64_t>(block_bytes, source.size_bytes - source.at);
            source.block = source.read(source.at, static_cast<std::size_t>(length));
            source.at += source.block.size();
            *bytes = source.block.data();
            return static_cast<la_ssize_t>(source.block.size());
        } catch (...) {
            source.thrown = std::current_exception();
            return -1;
        }
    }
    static la_int64_t on_skip(archive*, void* data, la_int64_t request) {
        auto& source = *static_cast<Source*>(data);
        if (request <= 0) return 0;
        const std::uint64_t length =
            std::min(static_cast<std::uint64_t>(request), source.size_bytes - source.at);
        source.at += length;
        return static_cast<la_int64_t>(length);
    }
    static la_int64_t on_seek(archive*, void* data, la_int64_t offset, int whence) {
        auto& source = *static_cast<Source*>(data);
        const auto size = static_cast<la_int64_t>(source.size_bytes);
        const la_int64_t base = whence == SEEK_SET   ? 0
                                : whence == SEEK_CUR ? static_cast<la_int64_t>(source.at)
                                                     : size;
        if (offset > size - base || offset < -base) return ARCHIVE_FATAL;
        source.at = static_cast<std::uint64_t>(base + offset);
        return base + offset;
    }
};

void Unpacker::Closer::operator()(archive* reader) const {
    archive_read_free(reader);
}

Unpacker::Unpacker(Packing packing, std::uint64_t size_bytes, const ReadBytes& read)
    : is_compression_(filter_of(packing) != ARCHIVE_FILTER_NONE),
      source_(new Source{size_bytes, read}),
      reader_(archive_read_new()) {
    archive* const reader = reader_.get();
    if (reader == nullptr) throw manifests::Error(manifests::Fault::internal, "libarchive gives no reader");
    choose(reader, packing);
    archive_read_set_callback_data(reader, source_.get());
    archive_read_set_read_callback(reader, Source::on_read);
    archive_read_set_skip_callback(reader, Source::on_skip);
    archive_read_set_seek_callback(reader, Source::on_seek);
    if (archive_read_open1(reader) != ARCHIVE_OK) note_problem();
    rethrow();
}

Unpacker::~Unpacker() = default;

void Unpacker::note_problem() {
    const char* text = archive_error_string(reader_.get());
    problem_ = text == nullptr ? "it cannot be read" : manifests::escaped(text);
}

void Unpacker::rethrow() {
    if (source_->thrown) std::rethrow_exception(std::exchange(source_->thrown, nullptr));
}

bool Unpacker::next() {
    if (!problem_.empty()) return false;
    const int status = archive_read_next_header(reader_.get(), &entry_);
    rethrow();
    if (status == ARCHIVE_EOF) return false;
    if (status == ARCHIVE_OK || status == ARCHIVE_WARN) return true;
    note_problem();
    return false;
}

std::string Unpacker::name() const {
    const char* name = archive_entry_pathname(entry_);
    return name == nullptr ? "" : name;
}

std::uint64_t Unpacker::size_bytes() const {
    return static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_size(entry_)));
}

bool Unpacker::is_encrypted() const {
    return archive_entry_is_encrypted(entry_) != 0;
}

bool Unpacker::is_plain() const {
    return archive_entry_sparse_count(entry_) == 0;
}

std::uint64_t Unpacker::position() const {
    return static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_filter_bytes(reader_.get(), 0)));
}

// libarchive takes what is no further stream of the kind for the end, be it the first one; zeros fill up.
void Unpacker::note_rest() {
    const auto used =
        static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_filter_bytes(reader_.get(), -1)));
    const std::uint64_t rest = source_->size_bytes - std::min(used, source_->size_bytes);
    const std::uint64_t length = std::min<std::uint64_t>(rest, block_bytes);
    const std::string bytes = source_->read(source_->size_bytes - rest, static_cast<std::size_t>(length));
    if (rest > length || bytes.find_first_not_of('\0') != std::string::npos)
        problem_ = "what is compressed ends at byte " + std::to_string(used) + ", and something is behind it";
}

void Unpacker::unpack(LookSpool& spool, LookBudget& budget) {
    std::vector<char> block(block_bytes);
    for (;;) {
        const la_ssize_t count = archive_read_data(reader_.get(), block.data(), block.size());
        rethrow();
        if (count < 0) return note_problem();
        if (count == 0) return is_compression_ ? note_rest() : void();
        const auto length = static_cast<std::size_t>(count);
        if (!budget.take_unpacked(length)) {
            problem_ = "it is too long to be unpacked for a look";
            return;
        }
        spool.append({block.data(), length});
    }
}

} // namespace packager
