#include "runtime/probes/sysroot.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace runtime {
namespace {

// /proc/meminfo has under 2 kB, one processor of /proc/cpuinfo as much, a version file a few lines.
constexpr std::size_t most_bytes = 64 * 1024;

bool is_absent(int problem) {
    return problem == ENOENT || problem == ENOTDIR;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

struct FolderCloser {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

} // namespace

Sysroot::Sysroot(const std::string& path) : copied_(!path.empty() && path != "/") {
    const std::string root = copied_ ? path : "/";
    root_ = FileDescriptor(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root_) throw_errno("cannot open folder", root);
}

FileDescriptor Sysroot::open(const std::string& path, int flags) const {
    const char* relative = path.c_str() + 1; // paths are spelled from "/"
    // O_NONBLOCK: a pipe in a copied tree must not hold the probe up. openat2 refuses it beside O_PATH.
    const int all_flags = flags | O_CLOEXEC | ((flags & O_PATH) != 0 ? 0 : O_NONBLOCK);
    if (!copied_) return FileDescriptor(::openat(root_.get(), relative, all_flags));
    struct open_how how {};
    how.flags = static_cast<std::uint64_t>(all_flags);
    how.resolve = RESOLVE_IN_ROOT;
    const long number = ::syscall(SYS_openat2, root_.get(), relative, &how, sizeof how);
    if (number < 0 && errno == ENOSYS) {
        throw manifests::Error(manifests::Fault::missing, "this kernel cannot read a copied tree safely")
            .hint("probe on the machine itself, or run this on Linux 5.6 or newer");
    }
    return FileDescriptor(static_cast<int>(number));
}

std::optional<std::string> Sysroot::read(const std::string& path, Length length, bool& problem) const {
    problem = false;
    const FileDescriptor file = open(path, O_RDONLY);
    if (!file) {
        problem = !is_absent(errno);
        return std::nullopt;
    }
    struct stat facts {};
    problem =
        ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode); // a pipe would be empty, not absent
    if (problem) return std::nullopt;
    std::string bytes(most_bytes + 1, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            // sysfs answers so for an attribute that this device does not have
            problem = errno != ENODATA && errno != ENXIO && errno != ENODEV;
            return std::nullopt;
        }
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    problem = done > most_bytes && length == Length::whole;
    if (problem) return std::nullopt;
    bytes.resize(std::min(done, most_bytes));
    return bytes;
}

bool Sysroot::is_this_machine() const {
    if (!copied_) return true;
    bool problem = false;
    const std::string path = "/proc/sys/kernel/random/boot_id";
    const auto theirs = read(path, Length::whole, problem);
    const auto ours = Sysroot("").read(path, Length::whole, problem);
    return theirs && ours && !ours->empty() && *theirs == *ours;
}

std::optional<std::string> Sysroot::text(const std::string& path) {
    bool problem = false;
    auto bytes = read(path, Length::whole, problem);
    if (problem) add_unreadable(path);
    return bytes;
}

std::optional<std::string> Sysroot::front(const std::string& path) {
    bool problem = false;
    auto bytes = read(path, Length::front, problem);
    if (problem) add_unreadable(path);
    return bytes;
}

std::optional<NodeFacts> Sysroot::node(const std::string& path) {
    const FileDescriptor file = open(path, O_PATH);
    if (!file) {
        if (!is_absent(errno)) add_unreadable(path);
        return std::nullopt;
    }
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) {
        add_unreadable(path);
        return std::nullopt;
    }
    NodeFacts node{.mode = facts.st_mode & 07777U,
                   .user = facts.st_uid,
                   .group = facts.st_gid,
                   .size_bytes = static_cast<std::uint64_t>(facts.st_size)};
    if (S_ISREG(facts.st_mode)) node.kind = NodeFacts::Kind::file;
    if (S_ISDIR(facts.st_mode)) node.kind = NodeFacts::Kind::folder;
    if (S_ISCHR(facts.st_mode)) node.kind = NodeFacts::Kind::character_device;
    return node;
}

FileDescriptor Sysroot::file(const std::string& path) {
    const auto what = node(path);
    if (!what) return {};
    if (what->kind != NodeFacts::Kind::file) {
        add_unreadable(path);
        return {};
    }
    FileDescriptor opened = open(path, O_RDONLY);
    if (!opened) add_unreadable(path);
    return opened;
}

std::optional<std::string> Sysroot::line(const std::string& path) {
    const auto bytes = text(path);
    if (!bytes) return std::nullopt;
    const std::string_view all = *bytes;
    const std::string_view first = trimmed(all.substr(0, all.find('\n')));
    if (first.empty()) return std::nullopt;
    return manifests::escaped(first);
}

std::vector<std::string> Sysroot::names(const std::string& path) {
    FileDescriptor file = open(path, O_RDONLY | O_DIRECTORY);
    if (!file) {
        if (!is_absent(errno)) add_unreadable(path);
        return {};
    }
    const std::unique_ptr<DIR, FolderCloser> folder(::fdopendir(file.get()));
    if (!folder) throw_errno("cannot list folder", path);
    file.release(); // closedir closes it
    std::vector<std::string> list;
    errno = 0;
    while (const dirent* entry = ::readdir(folder.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") list.push_back(name);
    }
    if (errno != 0) add_unreadable(path);
    std::sort(list.begin(), list.end());
    return list;
}

std::string Sysroot::link_name(const std::string& path) {
    const FileDescriptor link = open(path, O_PATH | O_NOFOLLOW);
    if (!link) return "";
    std::array<char, 4096> target{};
    const ssize_t length = ::readlinkat(link.get(), "", target.data(), target.size());
    if (length <= 0) return ""; // not a symbolic link
    const std::string_view whole(target.data(), static_cast<std::size_t>(length));
    return manifests::escaped(whole.substr(whole.rfind('/') + 1));
}

std::vector<std::string> Sysroot::unreadable() const {
    std::vector<std::string> list = unreadable_;
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    return list;
}

} // namespace runtime
