// The folder form: a plain OCI image layout, as written by build and as other tools carry it. Walked with
// folder descriptors; a symbolic link anywhere is refused, for it could point out of the folder after the
// check.

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <set>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/oci.hpp"
#include "manifests/text.hpp"
#include "runtime/blob_source.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

[[noreturn]] void refuse(Code code, const std::string& text) {
    throw Error(Fault::damaged, code, text);
}

FileDescriptor open_inside(const FileDescriptor& folder, const std::string& name, int flags) {
    return FileDescriptor(::openat(folder.get(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
}

// Opens folder/a/b/c one part at a time, so that no part is a link.
FileDescriptor open_path(const FileDescriptor& folder, const std::vector<std::string>& parts,
                         const std::string& shown) {
    FileDescriptor at(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (std::size_t i = 0; i < parts.size() && at; ++i) {
        const bool last = i + 1 == parts.size();
        at = open_inside(at, parts[i], last ? O_RDONLY | O_NONBLOCK : O_RDONLY | O_DIRECTORY);
    }
    if (!at && (errno == ELOOP || errno == ENOTDIR))
        refuse(Code::layout_link, in_quotes(shown) + " is a link or not a file");
    if (!at && errno != ENOENT) throw_errno("cannot open", shown);
    return at;
}

std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', from)) {
        parts.push_back(path.substr(from, slash - from));
        from = slash + 1;
    }
    parts.push_back(path.substr(from));
    return parts;
}

// Names in a folder, sorted; the order of the file system must not show.
std::vector<std::string> names_in(const FileDescriptor& folder, const std::string& shown) {
    const int copy = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* stream = copy < 0 ? nullptr : ::fdopendir(copy);
    if (stream == nullptr) throw_errno("cannot list", shown);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(stream)) { // NOLINT(concurrency-mt-unsafe): one stream, one thread
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
    }
    ::closedir(stream);
    std::sort(names.begin(), names.end());
    return names;
}

class FolderSource : public BlobSource {
public:
    explicit FolderSource(const std::string& path)
        : path_(path), folder_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (!folder_ && errno == ENOENT)
            refuse(Code::format_not_a_bundle, "there is no folder " + in_quotes(path));
        if (!folder_) throw_errno("cannot open folder", path);
        if (!find_path("oci-layout")) {
            throw Error(Fault::damaged, Code::format_not_a_bundle,
                        "this folder has no 'oci-layout', so it is not a bundle")
                .hint("to pack a folder of model files: sealift init FOLDER --profile NAME, then sealift "
                      "build FOLDER");
        }
    }

    std::string read_named(const std::string& name) const override {
        const auto blob = find_path(name);
        if (!blob) refuse(Code::format_entry, "there is no file " + in_quotes(name));
        return read_blob(*blob, 64ULL << 20);
    }

    std::optional<BlobAt> find(const manifests::Digest& digest) const override {
        return find_path(manifests::blob_name(digest));
    }

    void refuse_others(const std::vector<manifests::LayoutItem>& items,
                       const std::vector<manifests::BundleFile>&) const override {
        refuse_other_index(items);
        std::set<std::string> wanted;
        for (const manifests::LayoutItem& item : items)
            if (is_stored(item)) wanted.insert(item.name);
        for (const std::string& name : names_in(folder_, path_)) {
            if (name != "blobs" && !wanted.contains(name))
                refuse(Code::format_entry, in_quotes(name) + " belongs to nothing in this bundle");
        }
        const FileDescriptor blobs = open_path(folder_, {"blobs"}, "blobs");
        if (names_in(blobs, "blobs") != std::vector<std::string>{"sha256"})
            refuse(Code::format_entry, "'blobs' holds more than 'sha256'");
        const FileDescriptor sha256 = open_path(folder_, {"blobs", "sha256"}, "blobs/sha256");
        for (const std::string& name : names_in(sha256, "blobs/sha256")) {
            if (!wanted.contains("blobs/sha256/" + name)) {
                refuse(Code::layout_blob_spare,
                       "blob " + in_quotes(name) + " belongs to nothing in this bundle");
            }
        }
        refuse_missing(items);
    }

protected:
    std::optional<BlobAt> find_path(const std::string& name) const {
        auto file = std::make_shared<FileDescriptor>(open_path(folder_, split(name), name));
        if (!*file) return std::nullopt;
        const FileFacts facts = facts_of(*file, name);
        if (facts.kind != FileKind::regular)
            refuse(Code::layout_link, in_quotes(name) + " is not a regular file");
        return BlobAt{file, 0, facts.size_bytes, name};
    }

    // Tools rewrite index.json: order, white space and members of their own are theirs, what it says of our
    // manifests is not.
    void refuse_other_index(const std::vector<manifests::LayoutItem>& items) const {
        auto wanted = manifests::ImageIndex::parse(items[1].bytes.value()).manifests;
        auto found = manifests::ImageIndex::parse(read_named("index.json")).manifests;
        const auto order = [](const manifests::Descriptor& a, const manifests::Descriptor& b) {
            return a.digest < b.digest;
        };
        std::sort(wanted.begin(), wanted.end(), order);
        std::sort(found.begin(), found.end(), order);
        for (manifests::Descriptor& one : found) {
            std::erase_if(one.annotations, [](const auto& annotation) {
                return annotation.first != manifests::media::annotation_ref_name;
            });
        }
        if (wanted == found) return;
        throw Error(
            Fault::damaged, Code::layout_index,
            "index.json does not list exactly the bundle's manifests with their tags, types and sizes")
            .hint("copy every tag that index.json of the original lists, under the same name");
    }

    // Whether the item is a file below this folder.
    virtual bool is_stored(const manifests::LayoutItem&) const { return true; }

    void refuse_missing(const std::vector<manifests::LayoutItem>& items) const {
        for (const manifests::LayoutItem& item : items) {
            if (!is_stored(item)) continue;
            const auto blob = find_path(item.name);
            if (!blob) refuse(Code::layout_blob_missing, in_quotes(item.name) + " is missing");
            if (item.digest && blob->size_bytes != item.size_bytes) {
                refuse(Code::content_size,
                       in_quotes(item.file != nullptr ? item.file->path.text() : item.name) + " has " +
                           std::to_string(blob->size_bytes) + " bytes, wanted " +
                           std::to_string(item.size_bytes));
            }
        }
    }

    std::string path_;
    FileDescriptor folder_;
};

// The layout of a generation: bundle/ is a folder form without the files' blobs, files/ has them by path.
class GenerationSource final : public FolderSource {
public:
    explicit GenerationSource(const std::string& path)
        : FolderSource(path + "/bundle"),
          files_(::open((path + "/files").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (!files_ && errno == ENOENT) refuse(Code::layout_blob_missing, "folder 'files' is missing");
        if (!files_) throw_errno("cannot open folder", path + "/files");
    }

    std::optional<BlobAt> find_file(const manifests::BundleFile& wanted) const override {
        auto file = std::make_shared<FileDescriptor>(
            open_path(files_, split(wanted.path.text()), wanted.path.text()));
        if (!*file) return std::nullopt;
        const FileFacts facts = facts_of(*file, wanted.path.text());
        if (facts.kind != FileKind::regular)
            refuse(Code::layout_link, in_quotes(wanted.path.text()) + " is not a regular file");
        return BlobAt{file, 0, facts.size_bytes, wanted.path.text()};
    }

    void refuse_others(const std::vector<manifests::LayoutItem>& items,
                       const std::vector<manifests::BundleFile>& files) const override {
        FolderSource::refuse_others(items, files);
        std::map<std::string, manifests::FileMode> wanted;
        std::set<std::string> folders;
        for (const manifests::BundleFile& file : files) {
            const std::string& path = file.path.text();
            wanted.emplace(path, file.mode);
            for (std::size_t slash = path.find('/'); slash != std::string::npos;
                 slash = path.find('/', slash + 1))
                folders.insert(path.substr(0, slash));
        }
        refuse_planted(files_, "", wanted, folders);
    }

protected:
    bool is_stored(const manifests::LayoutItem& item) const override { return item.file == nullptr; }

private:
    // An engine that is given a folder takes what it finds there, so nothing may be there that is not signed.
    void refuse_planted(const FileDescriptor& folder, const std::string& prefix,
                        const std::map<std::string, manifests::FileMode>& wanted,
                        const std::set<std::string>& folders) const {
        for (const std::string& name : names_in(folder, prefix.empty() ? "files" : prefix)) {
            const std::string path = prefix.empty() ? name : prefix + "/" + name;
            struct stat status {};
            if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
                throw_errno("cannot look at", path);
            const auto file = wanted.find(path);
            if (S_ISDIR(status.st_mode) && folders.contains(path)) {
                refuse_planted(open_path(folder, {name}, path), path, wanted, folders);
            } else if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
                refuse(Code::layout_link, in_quotes(path) + " is not a regular file");
            } else if (file == wanted.end() || S_ISDIR(status.st_mode)) {
                refuse(Code::layout_blob_spare, in_quotes(path) + " belongs to nothing in this bundle");
            } else {
                refuse_other_mode(path, status.st_mode & 07777, file->second);
            }
        }
    }

    static void refuse_other_mode(const std::string& path, mode_t found, manifests::FileMode wanted) {
        if (found == (wanted == manifests::FileMode::executable ? 0755 : 0644)) return;
        char octal[16];
        std::snprintf(octal, sizeof octal, "%04o", static_cast<unsigned>(found));
        refuse(Code::format_entry, in_quotes(path) + " has mode " + octal + ", wanted " +
                                       std::string(manifests::text_of(wanted)));
    }

    FileDescriptor files_;
};

} // namespace

std::unique_ptr<BlobSource> open_bundle_folder(const std::string& path) {
    return std::make_unique<FolderSource>(path);
}

std::unique_ptr<BlobSource> open_generation_folder(const std::string& path) {
    return std::make_unique<GenerationSource>(path);
}

} // namespace runtime
