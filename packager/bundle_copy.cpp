#include "packager/bundle_copy.hpp"

#include <algorithm>
#include <cerrno>
#include <functional>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/clone.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using runtime::BlobAt;
using runtime::FileDescriptor;

bool is_same_file(const FileDescriptor& one, const FileDescriptor& other, const std::string& path) {
    struct stat a {};
    struct stat b {};
    if (::fstat(one.get(), &a) != 0 || ::fstat(other.get(), &b) != 0)
        runtime::throw_errno("cannot look at", path);
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void set_file_size(const FileDescriptor& file, std::uint64_t size_bytes, const std::string& path) {
    if (::ftruncate(file.get(), static_cast<off_t>(size_bytes)) != 0)
        runtime::throw_errno("cannot size", path);
}

[[noreturn]] void refuse_link(const std::string& name) {
    throw Error(Fault::damaged, Code::layout_link, in_quotes(name) + " is not a regular file");
}

FileDescriptor open_folder(const FileDescriptor& above, const std::string& name) {
    return FileDescriptor(
        ::openat(above.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

void for_each_name(const FileDescriptor& folder, const std::string& shown,
                   const std::function<void(const std::string&)>& on_name) {
    const int copy = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy), ::closedir);
    if (!stream) runtime::throw_errno("cannot list", shown);
    while (const dirent* entry = ::readdir(stream.get())) { // NOLINT(concurrency-mt-unsafe): one thread
        const std::string name = entry->d_name;
        if (name != "." && name != "..") on_name(name);
    }
}

} // namespace

FileCopy::FileCopy(const std::string& path, std::shared_ptr<const IndexedItems> items)
    : BundleCopy(path, std::move(items)),
      offsets_(this->items().size()),
      file_(std::make_shared<const FileDescriptor>(runtime::open_to_read(path))),
      size_bytes_(runtime::facts_of(*file_, path).size_bytes) {
    for (const manifests::TarEntry& entry : plan().entries)
        if (entry.padding == 0) offsets_[entry.item] = entry.data_offset();
}

BlobAt FileCopy::place(std::size_t item) const {
    return {file_, offsets_.at(item), items()[item].size_bytes, path_ + ": " + items()[item].name()};
}

std::uint64_t FileCopy::bytes_there(std::size_t item) const {
    const std::uint64_t offset = offsets_.at(item);
    return size_bytes_ <= offset ? 0 : std::min(size_bytes_ - offset, items()[item].size_bytes);
}

std::string FileCopy::read(std::uint64_t offset, std::size_t length_bytes) const {
    std::string bytes(length_bytes, '\0');
    bytes.resize(runtime::read_at(*file_, bytes.data(), bytes.size(), offset, path_));
    return bytes;
}

const FileDescriptor& FileCopy::for_writing() {
    if (written_) return written_;
    FileDescriptor file(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) runtime::throw_errno("cannot open for writing", path_);
    if (!is_same_file(file, *file_, path_))
        throw Error(Fault::io, in_quotes(path_) + " is another file now than the one that was read");
    return written_ = std::move(file);
}

void FileCopy::write_at(std::uint64_t offset, std::string_view bytes) {
    runtime::write_at(for_writing(), bytes.data(), bytes.size(), offset, path_);
}

void FileCopy::write(std::size_t item, std::uint64_t offset, std::string_view bytes) {
    write_at(offsets_.at(item) + offset, bytes);
}

void FileCopy::set_size(std::uint64_t size_bytes) {
    set_file_size(for_writing(), size_bytes, path_);
    size_bytes_ = size_bytes;
}

void FileCopy::sync() {
    if (written_) runtime::sync(written_, path_);
}

FolderCopy::FolderCopy(const std::string& path, std::shared_ptr<const IndexedItems> items)
    : BundleCopy(path, std::move(items)),
      folder_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      nothing_(std::make_shared<const FileDescriptor>(runtime::open_to_read("/dev/null"))) {
    if (!folder_) runtime::throw_errno("cannot open folder", path);
}

// The folder that a name lies in: this one, or blobs/sha256.
FileDescriptor FolderCopy::open_parent(const std::string& name) const {
    FileDescriptor at(::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (name.find('/') == std::string::npos) return at;
    for (const char* part : {"blobs", "sha256"}) {
        if (!at) return at;
        at = open_folder(at, part);
        if (!at && (errno == ELOOP || errno == ENOTDIR)) refuse_link(part);
    }
    if (!at && errno != ENOENT) runtime::throw_errno("cannot open folder", path_ + "/blobs/sha256");
    return at;
}

std::optional<std::uint64_t> FolderCopy::size_of(std::size_t item) const {
    const std::string name = items().at(item).name();
    const FileDescriptor parent = open_parent(name);
    if (!parent) return std::nullopt;
    struct stat status {};
    if (::fstatat(parent.get(), name.substr(name.rfind('/') + 1).c_str(), &status, AT_SYMLINK_NOFOLLOW) !=
        0) {
        if (errno == ENOENT) return std::nullopt;
        runtime::throw_errno("cannot look at", name);
    }
    if (!S_ISREG(status.st_mode)) refuse_link(name);
    return static_cast<std::uint64_t>(status.st_size);
}

BlobAt FolderCopy::place(std::size_t item) const {
    const std::string name = items().at(item).name();
    BlobAt blob{nothing_, 0, items()[item].size_bytes, path_ + "/" + name};
    if (!size_of(item)) return blob;
    const FileDescriptor parent = open_parent(name);
    auto file =
        std::make_shared<FileDescriptor>(::openat(parent.get(), name.substr(name.rfind('/') + 1).c_str(),
                                                  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!*file) runtime::throw_errno("cannot open", blob.where);
    blob.file = std::move(file);
    return blob;
}

std::uint64_t FolderCopy::bytes_there(std::size_t item) const {
    return std::min(size_of(item).value_or(0), items()[item].size_bytes);
}

// One file at a time stays open: there may be 100,000.
void FolderCopy::open_for_writing(std::size_t item) {
    if (written_item_ == item) return;
    sync();
    const std::string name = items().at(item).name();
    if (name.find('/') != std::string::npos && !open_parent(name)) {
        for (const char* folder : {"blobs", "blobs/sha256"})
            if (::mkdirat(folder_.get(), folder, 0755) != 0 && errno != EEXIST)
                runtime::throw_errno("cannot create folder", path_ + "/" + folder);
    }
    const std::string shown = path_ + "/" + name;
    const FileDescriptor parent = open_parent(name);
    const bool fresh = !size_of(item);
    FileDescriptor file(
        ::openat(parent.get(), name.substr(name.rfind('/') + 1).c_str(),
                 O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (fresh ? O_CREAT | O_EXCL : 0), 0644));
    if (!file) runtime::throw_errno("cannot open for writing", shown);
    if (runtime::facts_of(file, shown).kind != runtime::FileKind::regular) refuse_link(name);
    if (runtime::facts_of(file, shown).size_bytes != items()[item].size_bytes && items()[item].is_blob())
        set_file_size(file, items()[item].size_bytes, shown);
    written_ = std::move(file);
    written_item_ = item;
}

void FolderCopy::write(std::size_t item, std::uint64_t offset, std::string_view bytes) {
    open_for_writing(item);
    const std::string shown = path_ + "/" + items()[item].name();
    runtime::write_at(written_, bytes.data(), bytes.size(), offset, shown);
    // index.json and the marker may be spelled in many ways, so whatever follows ours is cut off.
    if (!items()[item].is_blob()) set_file_size(written_, offset + bytes.size(), shown);
}

void FolderCopy::sync() {
    if (!written_item_) return;
    const std::string name = items()[*written_item_].name();
    runtime::sync(written_, path_ + "/" + name);
    const FileDescriptor parent = open_parent(name);
    if (parent) runtime::sync(parent, path_);
    written_ = FileDescriptor();
    written_item_.reset();
}

std::vector<std::string> FolderCopy::spare_names() const {
    std::vector<std::string> spare;
    const auto look = [&](const std::string& prefix, const auto& is_known) {
        FileDescriptor folder(::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (prefix != "") folder = open_folder(folder_, "blobs");
        if (prefix == "blobs/sha256/") folder = open_folder(folder, "sha256");
        if (!folder) return;
        for_each_name(folder, path_, [&](const std::string& name) {
            if (!is_known(name)) spare.push_back(prefix + name);
        });
    };
    look("", [](const std::string& name) {
        return name == "blobs" || name == "oci-layout" || name == "index.json";
    });
    look("blobs/", [](const std::string& name) { return name == "sha256"; });
    look("blobs/sha256/", [&](const std::string& name) {
        try {
            return item_of(Digest::parse("sha256:" + name)).has_value();
        } catch (const Error&) {
            return false;
        }
    });
    std::sort(spare.begin(), spare.end());
    return spare;
}

} // namespace packager
