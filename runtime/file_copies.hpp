#pragma once
// Proven bytes become files: one for each job, made with O_EXCL in a folder that nobody else writes to,
// synced when it is whole. On a file system with shared blocks a file is cloned first and then proven where
// it lies.

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/content.hpp"

namespace runtime {

class FileCopies final : public ContentTaker {
public:
    /// @param folder  the copy of a file has its path below it; its folders are there already
    FileCopies(std::string folder, const std::vector<ContentJob>& jobs) : folder_(std::move(folder)), jobs_(jobs) {}

    std::optional<BlobAt> begin(std::size_t job, const BlobAt& source) override;
    void take(std::size_t job, const char* data, std::size_t length_bytes, std::uint64_t offset) override;
    void end(std::size_t job) override;

private:
    struct Copy {
        std::shared_ptr<const FileDescriptor> file;
        bool cloned = false;
    };
    std::string path_of(std::size_t job) const;
    Copy copy_of(std::size_t job);

    std::string folder_;
    const std::vector<ContentJob>& jobs_;
    std::mutex mutex_;
    std::map<std::size_t, Copy> copies_;
};

/// A job for every file of the document, in the order of the bundle: for copies, where equal files are two.
std::vector<ContentJob> every_file(const Bundle& bundle);

/// Creates a file that was not there. @throws Error  Fault::io
FileDescriptor create_file(const std::string& path, manifests::FileMode mode);

} // namespace runtime
