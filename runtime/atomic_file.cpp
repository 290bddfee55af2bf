#include "runtime/atomic_file.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace runtime {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

namespace {

constexpr std::string_view marker = ".sealift-";
constexpr std::size_t random_bytes = 8;
constexpr std::size_t longest_name_bytes = 255; // NAME_MAX of every Linux file system in use

struct SplitPath {
    std::string folder; // with its slash; empty: the current one
    std::string name;
};

SplitPath split(const std::string& target) {
    const std::size_t slash = target.rfind('/');
    const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
    SplitPath parts{target.substr(0, begin), target.substr(begin)};
    if (parts.name.empty() || parts.name == "." || parts.name == "..") {
        throw Error(Fault::usage, in_quotes(target) + " names a folder, wanted the name of a file");
    }
    return parts;
}

/// Renaming over /dev/null or over the link /dev/stdout would replace it, for everybody. What a link points
/// to is not asked: that changes, and /dev/stdout points to a regular file whenever the output is redirected.
void refuse_special(const std::string& target) {
    struct stat status {};
    if (::lstat(target.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return;
    std::string what = " is no regular file";
    if (S_ISDIR(status.st_mode)) what = " is a folder";
    if (S_ISLNK(status.st_mode)) what = " is a symbolic link";
    Error error(Fault::usage, in_quotes(target) + what + ", wanted the name of a file to write");
    throw error.hint(S_ISDIR(status.st_mode) ? "add a file name to it" : "choose another name");
}

[[noreturn]] void throw_exists(const std::string& target) {
    Error error(Fault::usage, in_quotes(target) + " exists already");
    throw error.hint("remove it first, or choose another name");
}

/// vfat and some network mounts keep no modes, and say so with these.
bool has_no_modes(int problem) {
    return problem == EPERM || problem == ENOTSUP || problem == ENOSYS;
}

/// Some file systems in user space cannot sync a folder at all, which they say with EINVAL.
void sync_names(const FileDescriptor& folder, const std::string& target) {
    if (::fsync(folder.get()) != 0 && errno != EINVAL) throw_errno("cannot sync the folder of", target);
}

/// @return whether the name was free; other failures throw
bool rename_to_free_name(int folder, const std::string& from, const std::string& to,
                         const std::string& target) {
    if (::renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (errno == EEXIST) return false;
    if (errno != EINVAL && errno != ENOSYS) throw_errno("cannot write", target);
    // NFS and most file systems in user space know no such rename; a hard link never replaces either.
    if (::linkat(folder, from.c_str(), folder, to.c_str(), 0) != 0) {
        if (errno == EEXIST) return false;
        throw_errno("cannot write", target);
    }
    ::unlinkat(folder, from.c_str(), 0);
    return true;
}

/// Nothing where the file system has no such files, or where it could not be named again: that takes /proc.
FileDescriptor open_nameless(const std::string& folder) {
    if (::access("/proc/self/fd", X_OK) != 0) return {};
    return FileDescriptor(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

} // namespace

std::string temporary_name_for(const std::string& name) {
    std::string bytes(random_bytes, '\0');
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw_errno("cannot get random bytes for", name);
    }
    const std::size_t rest_bytes = 1 + marker.size() + 2 * random_bytes;
    return "." + name.substr(0, longest_name_bytes - rest_bytes) + std::string(marker) +
           manifests::to_hex(bytes);
}

std::optional<std::string> AtomicFile::temporary_path() const {
    if (temporary_name_.empty()) return std::nullopt;
    return split(target_).folder + temporary_name_;
}

AtomicFile::AtomicFile(std::string target, unsigned mode) : target_(std::move(target)), mode_(mode) {
    const SplitPath parts = split(target_);
    refuse_special(target_);
    name_ = parts.name;
    const std::string folder = parts.folder.empty() ? "." : parts.folder;
    folder_ = FileDescriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder_) throw_errno("cannot open folder", folder);
    file_ = open_nameless(folder);
    if (!file_) create_named(parts.folder);
}

void AtomicFile::create_named(const std::string& folder_with_slash) {
    temporary_name_ = temporary_name_for(name_);
    temporary_ = TemporaryPath(folder_with_slash + temporary_name_, TemporaryKind::file);
    file_ = FileDescriptor(::openat(folder_.get(), temporary_name_.c_str(),
                                    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file_) return;
    const int problem = errno;
    temporary_.keep(); // never ours
    errno = problem;
    throw_errno("cannot create a file in", folder_with_slash.empty() ? "." : folder_with_slash);
}

// A file that has no name cannot be renamed, so it gets one for as long as one call takes.
void AtomicFile::give_temporary_name() {
    if (!temporary_name_.empty()) return;
    const std::string name = temporary_name_for(name_);
    const std::string open_file = "/proc/self/fd/" + std::to_string(file_.get());
    const std::size_t slash = target_.rfind('/');
    temporary_ = TemporaryPath(target_.substr(0, slash == std::string::npos ? 0 : slash + 1) + name,
                               TemporaryKind::file);
    if (::linkat(AT_FDCWD, open_file.c_str(), folder_.get(), name.c_str(), AT_SYMLINK_FOLLOW) != 0)
        throw_errno("cannot name", target_);
    temporary_name_ = name;
}

void AtomicFile::commit(Replace replace) {
    if (::fchmod(file_.get(), mode_) != 0 && !has_no_modes(errno))
        throw_errno("cannot set the mode of", target_);
    sync(file_, target_);
    give_temporary_name();
    if (replace == Replace::refuse) {
        if (!rename_to_free_name(folder_.get(), temporary_name_, name_, target_)) throw_exists(target_);
    } else if (::renameat(folder_.get(), temporary_name_.c_str(), folder_.get(), name_.c_str()) != 0) {
        throw_errno("cannot write", target_);
    }
    temporary_.keep();
    sync_names(folder_, target_);
}

void refuse_existing(const std::string& target) {
    struct stat status {};
    if (::lstat(target.c_str(), &status) == 0) throw_exists(target);
}

void write_file_whole(const std::string& target, std::string_view bytes, unsigned mode, Replace replace) {
    AtomicFile file(target, mode);
    write_all(file.file(), bytes.data(), bytes.size(), target);
    file.commit(replace);
}

} // namespace runtime
