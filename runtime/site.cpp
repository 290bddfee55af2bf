#include "runtime/site.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace runtime {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here sets variables
    return value != nullptr ? value : "";
}

// "000003-0123456789abcdef"
std::optional<std::uint64_t> number_of(const std::string& name) {
    const std::size_t dash = name.find('-');
    if (dash == std::string::npos || dash < 6 || dash > 18 || name.size() != dash + 17) return std::nullopt;
    if (name.find_first_not_of("0123456789") != dash) return std::nullopt;
    if (name.find_first_not_of("0123456789abcdef", dash + 1) != std::string::npos) return std::nullopt;
    return std::stoull(name.substr(0, dash));
}

struct flock whole_file_lock() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET; // from 0, for a length of 0: all of it
    return lock;
}

} // namespace

Site::Site(const std::string& path) : path_(std::filesystem::absolute(path).lexically_normal().string()) {
    while (path_.size() > 1 && path_.back() == '/')
        path_.pop_back();
}

std::string Site::default_path() {
    const std::string asked = environment("SEALIFT_SITE");
    if (!asked.empty()) return asked;
    if (::geteuid() == 0) return "/var/lib/sealift";
    const std::string state = environment("XDG_STATE_HOME");
    if (!state.empty()) return state + "/sealift";
    const std::string home = environment("HOME");
    if (!home.empty()) return home + "/.local/state/sealift";
    throw manifests::Error(manifests::Fault::usage, "there is no home folder to keep a site in")
        .hint("say where with --site DIR");
}

void make_folders(const std::string& path) {
    std::string made;
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        made = path.substr(0, slash);
        if (::mkdir(made.c_str(), 0755) == 0) {
            if (::chmod(made.c_str(), 0755) != 0) throw_errno("cannot set the mode of", made);
        } else if (errno != EEXIST) {
            throw_errno("cannot create folder", made);
        }
        if (slash == std::string::npos) return;
    }
}

void Site::prepare() const {
    for (const std::string& folder : {generations_path(), staging_path(), run_path()})
        make_folders(folder);
}

std::vector<Generation> Site::generations() const {
    std::vector<Generation> list;
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(generations_path(), problem)) {
        const std::string name = entry.path().filename().string();
        const auto number = number_of(name);
        if (number && entry.is_directory() && !entry.is_symlink())
            list.push_back({*number, name, entry.path().string()});
    }
    if (problem && problem != std::errc::no_such_file_or_directory) {
        throw manifests::Error(manifests::Fault::io, "cannot list " +
                                                         manifests::in_quotes(generations_path()) + ": " +
                                                         problem.message());
    }
    std::sort(list.begin(), list.end(),
              [](const Generation& a, const Generation& b) { return a.number < b.number; });
    return list;
}

std::optional<Generation> Site::newest() const {
    const std::vector<Generation> list = generations();
    if (list.empty()) return std::nullopt;
    return list.back();
}

std::optional<Generation> Site::good() const {
    std::error_code problem;
    const std::string name = std::filesystem::read_symlink(path_ + "/good", problem).filename().string();
    if (problem) return std::nullopt;
    for (const Generation& generation : generations()) {
        if (generation.name == name) return generation;
    }
    return std::nullopt;
}

void Site::mark_good(const Generation& generation) const {
    const std::string fresh = path_ + "/.good." + std::to_string(::getpid());
    ::unlink(fresh.c_str());
    if (::symlink(("generations/" + generation.name).c_str(), fresh.c_str()) != 0)
        throw_errno("cannot create", fresh);
    if (::rename(fresh.c_str(), (path_ + "/good").c_str()) != 0) throw_errno("cannot rename", fresh);
    sync_folder(path_);
}

Generation Site::next(const manifests::Digest& bundle) const {
    const auto last = newest();
    const std::uint64_t number = last ? last->number + 1 : 1;
    char name[64];
    std::snprintf(name, sizeof name, "%06llu-%s", static_cast<unsigned long long>(number),
                  bundle.hex().substr(0, 16).c_str());
    return {number, name, generations_path() + "/" + name};
}

std::optional<FileLock> FileLock::try_lock(const std::string& path) {
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file) throw_errno("cannot open", path);
    struct flock lock = whole_file_lock();
    if (::fcntl(file.get(), F_OFD_SETLK, &lock) == 0) return FileLock(std::move(file));
    if (errno != EAGAIN && errno != EACCES) throw_errno("cannot lock", path);
    return std::nullopt;
}

bool FileLock::is_held(const std::string& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno == ENOENT) return false;
    if (!file) throw_errno("cannot open", path);
    struct flock lock = whole_file_lock();
    if (::fcntl(file.get(), F_OFD_GETLK, &lock) != 0) throw_errno("cannot ask for the lock of", path);
    return lock.l_type != F_UNLCK;
}

} // namespace runtime
