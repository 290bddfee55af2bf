// The folder form: a plain OCI image layout, as written by build and as other tools carry it. Walked with
// folder descriptors; a symbolic link anywhere is refused, for it could point out of the folder after the
// check.

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

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

template<typename OnName>
void for_each_name(const FileDescriptor& folder, const std::string& shown, const OnName& on_name) {
    const int copy = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy), ::closedir);
    if (!stream) throw_errno("cannot list", shown);
    while (const dirent* entry = ::readdir(stream.get())) { // NOLINT(concurrency-mt-unsafe): one thread
        const std::string name = entry->d_name;
        if (name != "." && name != "..") on_name(name);
    }
}

// Names in a folder, sorted; the order of the file system must not show.
std::vector<std::string> names_in(const FileDescriptor& folder, const std::string& shown) {
    std::vector<std::string> names;
    for_each_name(folder, shown, [&](const std::string& name) { names.push_back(name); });
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

    void refuse_others(const manifests::Contents& contents,
                       const std::vector<manifests::LayoutItem>& items) override {
        refuse_other_index(contents);
        std::vector<manifests::Digest> wanted;
        for (const manifests::LayoutItem& item : items)
            if (item.is_blob() && is_stored(item)) wanted.push_back(item.digest);
        std::sort(wanted.begin(), wanted.end());
        for (const std::string& name : names_in(folder_, path_)) {
            if (name != "blobs" && name != "oci-layout" && name != "index.json")
                refuse(Code::format_entry, in_quotes(name) + " belongs to nothing in this bundle");
        }
        const FileDescriptor blobs = open_path(folder_, {"blobs"}, "blobs");
        if (!blobs) refuse(Code::layout_blob_missing, "folder 'blobs' is missing");
        if (names_in(blobs, "blobs") != std::vector<std::string>{"sha256"})
            refuse(Code::format_entry, "'blobs' holds something else than 'sha256'");
        const FileDescriptor sha256 = open_path(folder_, {"blobs", "sha256"}, "blobs/sha256");
        refuse_spare(sha256, wanted);
        refuse_missing(sha256, contents, items);
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
    void refuse_other_index(const manifests::Contents& contents) const {
        std::string ours;
        write_item({manifests::ItemKind::index, 0, 0, manifests::Digest::from_bytes({})}, contents,
                   [&](std::string_view piece) { ours += piece; });
        auto wanted = manifests::ImageIndex::parse(ours).manifests;
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

    // The name that comes first, so that the answer does not depend on the order of the file system.
    static void refuse_spare(const FileDescriptor& folder, const std::vector<manifests::Digest>& wanted) {
        std::string spare;
        for_each_name(folder, "blobs/sha256", [&](const std::string& name) {
            const auto digest = digest_named(name);
            const bool known = digest && std::binary_search(wanted.begin(), wanted.end(), *digest);
            if (!known && (spare.empty() || name < spare)) spare = name;
        });
        if (!spare.empty())
            refuse(Code::layout_blob_spare,
                   "blob " + in_quotes(spare) + " belongs to nothing in this bundle");
    }

    static std::optional<manifests::Digest> digest_named(const std::string& name) {
        try {
            return manifests::Digest::parse("sha256:" + name);
        } catch (const Error&) {
            return std::nullopt;
        }
    }

    void refuse_missing(const FileDescriptor& folder, const manifests::Contents& contents,
                        const std::vector<manifests::LayoutItem>& items) const {
        for (const manifests::LayoutItem& item : items) {
            if (!item.is_blob() || !is_stored(item)) continue;
            const std::string name = item.digest.hex();
            const std::string shown = item.kind == manifests::ItemKind::file
                                          ? contents.document.files[item.number].path.text()
                                          : item.name();
            struct stat status {};
            if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
                if (errno == ENOENT) refuse(Code::layout_blob_missing, in_quotes(shown) + " is missing");
                throw_errno("cannot look at", shown);
            }
            if (!S_ISREG(status.st_mode))
                refuse(Code::layout_link, in_quotes(shown) + " is not a regular file");
            if (static_cast<std::uint64_t>(status.st_size) != item.size_bytes) {
                refuse(Code::content_size, in_quotes(shown) + " has " + std::to_string(status.st_size) +
                                               " bytes, wanted " + std::to_string(item.size_bytes));
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

    void refuse_others(const manifests::Contents& contents,
                       const std::vector<manifests::LayoutItem>& items) override {
        FolderSource::refuse_others(contents, items);
        refuse_planted(files_, "", contents.document.files);
    }

protected:
    bool is_stored(const manifests::LayoutItem& item) const override {
        return item.kind != manifests::ItemKind::file;
    }

private:
    // `files` is sorted by path, so whatever lies in a folder stands together.
    static const manifests::BundleFile* first_at_or_after(const std::vector<manifests::BundleFile>& files,
                                                          const std::string& path) {
        const auto found = std::lower_bound(files.begin(), files.end(), path,
                                            [](const manifests::BundleFile& file, const std::string& wanted) {
                                                return file.path.text() < wanted;
                                            });
        return found == files.end() ? nullptr : &*found;
    }

    // An engine that is given a folder takes what it finds there, so nothing may be there that is not signed.
    void refuse_planted(const FileDescriptor& folder, const std::string& prefix,
                        const std::vector<manifests::BundleFile>& files) const {
        for (const std::string& name : names_in(folder, prefix.empty() ? "files" : prefix)) {
            const std::string path = prefix.empty() ? name : prefix + "/" + name;
            struct stat status {};
            if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
                throw_errno("cannot look at", path);
            const manifests::BundleFile* file = first_at_or_after(files, path);
            const manifests::BundleFile* inside = first_at_or_after(files, path + "/");
            if (S_ISDIR(status.st_mode) && inside != nullptr && inside->path.is_inside(path)) {
                refuse_planted(open_path(folder, {name}, path), path, files);
            } else if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
                refuse(Code::layout_link, in_quotes(path) + " is not a regular file");
            } else if (file == nullptr || file->path.text() != path || S_ISDIR(status.st_mode)) {
                refuse(Code::layout_blob_spare, in_quotes(path) + " belongs to nothing in this bundle");
            } else {
                refuse_other_mode(path, status.st_mode & 07777, file->mode);
            }
        }
    }

    static void refuse_other_mode(const std::string& path, mode_t found, manifests::FileMode wanted) {
        if (found == manifests::bits_of(wanted)) return;
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
