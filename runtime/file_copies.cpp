#include "runtime/file_copies.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/clone.hpp"

namespace runtime {

FileDescriptor create_file(const std::string& path, manifests::FileMode mode) {
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) throw_errno("cannot create", path);
    const mode_t bits = mode == manifests::FileMode::executable ? 0755 : 0644;
    if (::fchmod(file.get(), bits) != 0) throw_errno("cannot set the mode of", path);
    return file;
}

std::string FileCopies::path_of(std::size_t job) const {
    return folder_ + "/" + jobs_[job].file->path.text();
}

std::optional<BlobAt> FileCopies::begin(std::size_t job, const BlobAt& source) {
    const std::string path = path_of(job);
    Copy copy{std::make_shared<const FileDescriptor>(create_file(path, jobs_[job].file->mode))};
    copy.cloned = clone_range(*source.file, source.offset, *copy.file, 0, source.size_bytes, path);
    const std::lock_guard lock(mutex_);
    copies_[job] = copy;
    if (!copy.cloned) return std::nullopt;
    return BlobAt{copy.file, 0, source.size_bytes, source.where};
}

FileCopies::Copy FileCopies::copy_of(std::size_t job) {
    const std::lock_guard lock(mutex_);
    return copies_.at(job);
}

void FileCopies::take(std::size_t job, const char* data, std::size_t length_bytes, std::uint64_t offset) {
    const Copy copy = copy_of(job);
    if (!copy.cloned) write_at(*copy.file, data, length_bytes, offset, path_of(job));
}

void FileCopies::end(std::size_t job) {
    sync(*copy_of(job).file, path_of(job));
    const std::lock_guard lock(mutex_);
    copies_.erase(job);
}

std::vector<ContentJob> every_file(const Bundle& bundle) {
    std::vector<ContentJob> jobs;
    for (const std::uint32_t number : manifests::layer_order(bundle.document()))
        jobs.push_back({&bundle.document().files[number], std::nullopt});
    return jobs;
}

} // namespace runtime
