#include "packager/look_spool.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/clone.hpp"

namespace packager {
namespace {

constexpr std::size_t memory_bytes = 256 << 10;
constexpr std::size_t end_bytes = 128 << 10; // the directory of a small zip, behind it its longest comment

runtime::FileDescriptor nameless_file() {
    const std::string folder = std::filesystem::temp_directory_path().string();
    runtime::FileDescriptor file(::open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
    if (!file && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
        file = runtime::FileDescriptor(::memfd_create("sealift-look", MFD_CLOEXEC));
    if (!file) runtime::throw_errno("cannot create a temporary file in", folder);
    return file;
}

constexpr const char* file_name = "a temporary file";

// Copies what `piece`, which lies at `piece_at`, has of [offset, offset + out.size()).
void copy_shared(std::string_view piece, std::uint64_t piece_at, std::uint64_t offset, std::string& out) {
    const std::uint64_t from = std::max(piece_at, offset);
    const std::uint64_t to = std::min(piece_at + piece.size(), offset + out.size());
    if (from >= to) return;
    piece.copy(out.data() + (from - offset), static_cast<std::size_t>(to - from),
               static_cast<std::size_t>(from - piece_at));
}

} // namespace

void LookSpool::clear() {
    budget_.give_kept(kept_bytes_);
    if (kept_bytes_ > memory_.size()) file_ = {};
    size_bytes_ = kept_bytes_ = 0;
    memory_.clear();
    end_.clear();
    is_cut_ = has_missed_ = false;
}

void LookSpool::append(std::string_view bytes) {
    if (!is_cut_ && budget_.take_kept(bytes.size()))
        keep(bytes);
    else
        keep_end(bytes);
    size_bytes_ += bytes.size();
}

void LookSpool::keep(std::string_view bytes) {
    kept_bytes_ += bytes.size();
    const std::size_t fits = std::min(bytes.size(), memory_bytes - memory_.size());
    memory_ += bytes.substr(0, fits);
    if (fits == bytes.size()) return;
    if (!file_) file_ = nameless_file();
    const std::uint64_t place = kept_bytes_ - bytes.size() + fits - memory_bytes;
    runtime::write_at(file_, bytes.data() + fits, bytes.size() - fits, place, file_name);
}

void LookSpool::keep_end(std::string_view bytes) {
    is_cut_ = true;
    end_ += bytes;
    if (end_.size() > 2 * end_bytes) end_.erase(0, end_.size() - end_bytes);
}

std::string LookSpool::read(std::uint64_t offset, std::size_t length) {
    std::string out(length, '\0');
    copy_shared(memory_, 0, offset, out);
    const std::uint64_t from = std::max<std::uint64_t>(offset, memory_bytes);
    const std::uint64_t to = std::min(kept_bytes_, offset + length);
    if (from < to)
        runtime::read_at(file_, out.data() + (from - offset), static_cast<std::size_t>(to - from),
                         from - memory_bytes, file_name);
    const std::uint64_t end_at = size_bytes_ - end_.size();
    copy_shared(end_, end_at, offset, out);
    if (std::max(offset, kept_bytes_) < std::min(end_at, offset + length)) has_missed_ = true;
    return out;
}

} // namespace packager
