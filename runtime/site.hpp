#pragma once
// A site: the folder of one installed machine. Each installed bundle is a generation, a folder of its own
// that never changes after it got its name; the one with the highest number is the candidate for the next
// boot.
//
//     SITE/generations/000003-0123456789abcdef/bundle/   manifests, bundle document, profile, BOMs,
//     signatures
//                                              files/    the files of the bundle under their own paths
//                                              keys/     the public keys that it was trusted by
//     SITE/staging/                                      what an install is still writing
//     SITE/good                                          link to the last generation that booted well
//     SITE/run/                                          what is running now

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/digest.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {

struct Generation {
    std::uint64_t number = 0;
    std::string name; ///< "000003-0123456789abcdef": number, and the first 16 digits of the bundle's digest
    std::string path;
};

class Site {
public:
    /// A relative path is taken from where we are now: the process that stays behind works in '/'.
    explicit Site(const std::string& path);
    /// SEALIFT_SITE, else /var/lib/sealift for root, else ~/.local/state/sealift.
    static std::string default_path();

    const std::string& path() const noexcept { return path_; }
    std::string generations_path() const { return path_ + "/generations"; }
    std::string staging_path() const { return path_ + "/staging"; }
    std::string run_path() const { return path_ + "/run"; }

    /// Makes the folders that are missing. @throws Error  Fault::io
    void prepare() const;
    /// Rising numbers. Folders with other names are not generations.
    std::vector<Generation> generations() const;
    std::optional<Generation> newest() const;
    /// The last one that booted well.
    std::optional<Generation> good() const;
    /// One rename. @throws Error  Fault::io
    void mark_good(const Generation& generation) const;
    /// The name that the next installed bundle gets.
    Generation next(const manifests::Digest& bundle) const;

private:
    std::string path_;
};

/// An exclusive lock on a file, held while the object lives; the system lets go of it when the process dies.
class FileLock {
public:
    /// @return nothing if another process holds it
    static std::optional<FileLock> try_lock(const std::string& path);

private:
    explicit FileLock(FileDescriptor file) : file_(std::move(file)) {}
    FileDescriptor file_;
};

/// Creates `path` and the folders above it, mode 0755 whatever the umask says.
void make_folders(const std::string& path);

} // namespace runtime
