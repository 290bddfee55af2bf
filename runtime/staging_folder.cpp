#include "runtime/staging_folder.hpp"

#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "runtime/atomic_file.hpp"

namespace runtime {
namespace {

FileDescriptor open_folder(const std::string& path) {
    return FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
}

// A folder without a lock on it has nobody who works on it.
void remove_abandoned(const std::string& parent, const std::string& name) {
    const std::string start = "." + name.substr(0, 200) + ".sealift-";
    std::vector<std::string> found;
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(parent, problem)) {
        if (entry.path().filename().string().starts_with(start) && entry.is_directory(problem))
            found.push_back(entry.path().string());
    }
    for (const std::string& path : found) {
        const FileDescriptor folder = open_folder(path);
        if (folder && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) remove_tree(path.c_str());
    }
}

} // namespace

StagingFolder::StagingFolder(const std::string& target) {
    const std::filesystem::path final_path(target);
    const std::string name = final_path.filename().string();
    parent_ = final_path.has_parent_path() ? final_path.parent_path().string() : ".";
    path_ = parent_ + "/" + temporary_name_for(name);
    // While this lock is held nobody looks for abandoned folders, so a fresh one is never taken for one.
    const FileDescriptor making = open_folder(parent_);
    if (!making) throw_errno("cannot open folder", parent_);
    ::flock(making.get(), LOCK_EX);
    remove_abandoned(parent_, name);
    cleanup_ = TemporaryPath(path_, TemporaryKind::folder);
    if (::mkdir(path_.c_str(), 0755) != 0) throw_errno("cannot create folder", path_);
    if (::chmod(path_.c_str(), 0755) != 0) throw_errno("cannot set the mode of", path_);
    lock_ = open_folder(path_);
    if (lock_)
        ::flock(lock_.get(), LOCK_EX | LOCK_NB); // where there are no such locks, nothing is cleaned up
}

} // namespace runtime
