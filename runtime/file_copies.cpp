#include "runtime/file_copies.hpp"

#include <deque>
#include <map>
#include <mutex>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/clone.hpp"
#include "runtime/disk_space.hpp"
#include "runtime/disk_writer.hpp"
#include "runtime/piped_content.hpp"

namespace runtime {
namespace {

using manifests::BundleFile;

std::uint64_t bytes_of(const std::vector<ContentJob>& jobs) {
    std::uint64_t total = 0;
    for (const ContentJob& job : jobs)
        total += job.file->size_bytes;
    return total;
}

// A file that is filled: a small one grows by its one write.
class Filling {
public:
    Filling(std::shared_ptr<const FileDescriptor> file, std::uint64_t size_bytes, Space space, Cache cache,
            const std::string& path)
        : file_(std::move(file)) {
        if (size_bytes < large_file_bytes) return;
        set_size(*file_, size_bytes, space, path);
        writer_ = std::make_unique<DiskWriter>(*file_, cache);
    }
    void write(const char* data, std::size_t length_bytes, std::uint64_t offset, const std::string& path) {
        if (writer_) return writer_->write(data, length_bytes, offset, path);
        write_at(*file_, data, length_bytes, offset, path);
    }
    void finish(const std::string& path) {
        if (!writer_) return;
        writer_->finish(path);
        sync(*file_, path);
    }

private:
    std::shared_ptr<const FileDescriptor> file_;
    std::unique_ptr<DiskWriter> writer_; // gone before the file
};

class FileCopies final : public ContentTaker {
public:
    FileCopies(const std::string& folder, const std::vector<ContentJob>& jobs)
        : folder_(folder), jobs_(jobs), cache_(cache_for_writing(bytes_of(jobs))) {}

    std::optional<BlobAt> begin(std::size_t job, const BlobAt& source) override {
        const std::string path = path_of(job);
        Copy copy{std::make_shared<const FileDescriptor>(create_file(path, jobs_[job].file->mode))};
        copy.cloned = clone_range(*source.file, source.offset, *copy.file, 0, source.size_bytes, path);
        if (!copy.cloned)
            copy.filling = std::make_shared<Filling>(copy.file, source.size_bytes,
                                                     space_for(hole_bytes(source)), cache_, path);
        const std::lock_guard lock(mutex_);
        copies_[job] = copy;
        if (!copy.cloned) return std::nullopt;
        return BlobAt{copy.file, 0, source.size_bytes, source.where};
    }

    void take(std::size_t job, const char* data, std::size_t length_bytes, std::uint64_t offset) override {
        const Copy copy = copy_of(job);
        if (copy.cloned) return;
        copy.filling->write(data, length_bytes, offset, path_of(job));
    }

    void end(std::size_t job) override {
        const Copy copy = copy_of(job);
        if (copy.filling) copy.filling->finish(path_of(job));
        if (copy.cloned && jobs_[job].file->size_bytes >= large_file_bytes) sync(*copy.file, path_of(job));
        const std::lock_guard lock(mutex_);
        copies_.erase(job);
    }

private:
    struct Copy {
        std::shared_ptr<const FileDescriptor> file;
        std::shared_ptr<Filling> filling = nullptr;
        bool cloned = false;
    };
    std::string path_of(std::size_t job) const { return folder_ + "/" + jobs_[job].file->path.text(); }
    Copy copy_of(std::size_t job) {
        const std::lock_guard lock(mutex_);
        return copies_.at(job);
    }

    const std::string& folder_;
    const std::vector<ContentJob>& jobs_;
    const Cache cache_;
    std::mutex mutex_;
    std::map<std::size_t, Copy> copies_;
};

class PipedCopies final : public PipedTaker {
public:
    PipedCopies(const std::string& folder, Cache cache) : folder_(folder), cache_(cache) {}

    void begin(const BundleFile& file) override {
        path_ = folder_ + "/" + file.path.text();
        auto fresh = std::make_shared<const FileDescriptor>(create_file(path_, file.mode));
        filling_.emplace(std::move(fresh), file.size_bytes, Space::reserved, cache_, path_);
    }
    void take(const char* data, std::size_t length_bytes, std::uint64_t offset) override {
        filling_->write(data, length_bytes, offset, path_);
    }
    void end(const BundleFile&) override { filling_->finish(path_); }

private:
    const std::string& folder_;
    const Cache cache_;
    std::string path_;
    std::optional<Filling> filling_;
};

void sync_file_system(const std::string& folder) {
    const FileDescriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file) throw_errno("cannot open folder", folder);
    if (::syncfs(file.get()) != 0) throw_errno("cannot sync", folder);
}

// Files that did not come, for their bytes stood elsewhere: in a file that came, or in a document.
void copy_twins(const Bundle& bundle, const std::string& folder) {
    const auto& files = bundle.document().files;
    std::map<manifests::Digest, const BundleFile*> came;
    std::vector<bool> is_there(files.size());
    for (const manifests::LayoutItem& item : bundle.items()) {
        if (item.kind != manifests::ItemKind::file) continue;
        is_there[item.number] = true;
        came[item.digest] = &files[item.number];
    }
    std::vector<ContentJob> jobs;
    std::deque<BlobAt> held; // addresses stay
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (is_there[i]) continue;
        const auto twin = came.find(files[i].digest);
        BlobAt from;
        if (twin == came.end()) {
            from = bundle.locate(files[i]);
        } else {
            const std::string path = folder + "/" + twin->second->path.text();
            from = {std::make_shared<const FileDescriptor>(open_to_read(path)), 0, files[i].size_bytes, path};
        }
        held.push_back(std::move(from));
        jobs.push_back({&files[i], &held.back()});
    }
    copy_files(bundle, jobs, folder, 1, {});
}

} // namespace

FileDescriptor create_file(const std::string& path, manifests::FileMode mode) {
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) throw_errno("cannot create", path);
    if (::fchmod(file.get(), manifests::bits_of(mode)) != 0) throw_errno("cannot set the mode of", path);
    return file;
}

std::vector<ContentJob> every_file(const Bundle& bundle) {
    std::vector<ContentJob> jobs;
    for (const std::uint32_t number : manifests::layer_order(bundle.document()))
        jobs.push_back({&bundle.document().files[number]});
    return jobs;
}

std::uint64_t hole_bytes(const Bundle& bundle, const std::vector<ContentJob>& jobs) {
    std::uint64_t total = 0;
    for (const ContentJob& job : jobs)
        if (job.file->size_bytes >= large_file_bytes)
            total += hole_bytes(job.held != nullptr ? *job.held : bundle.locate(*job.file));
    return total;
}

void copy_files(const Bundle& bundle, const std::vector<ContentJob>& jobs, const std::string& folder,
                unsigned threads, const OnBytes& on_bytes) {
    FileCopies copies(folder, jobs);
    ReadOptions options;
    options.jobs = threads;
    options.cache = Cache::pass;
    options.on_bytes = on_bytes;
    options.taker = &copies;
    read_content(bundle, jobs, options);
    sync_file_system(folder);
}

void copy_piped_files(const Bundle& bundle, PipeSpool& spool, const std::string& folder, unsigned threads,
                      const OnBytes& on_bytes) {
    PipedCopies copies(folder, cache_for_writing(content_bytes(bundle)));
    PipedOptions options;
    options.jobs = threads;
    options.on_bytes = on_bytes;
    options.taker = &copies;
    read_piped_content(bundle, spool, options);
    copy_twins(bundle, folder);
    sync_file_system(folder);
}

} // namespace runtime
