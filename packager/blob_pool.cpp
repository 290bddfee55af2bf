#include "packager/blob_pool.hpp"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/oci.hpp"
#include "manifests/text.hpp"
#include "packager/gathered_source.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using runtime::BlobAt;
using runtime::FileDescriptor;

constexpr std::size_t most_entries = 1'000'000; // as in a bundle file
constexpr std::uint64_t most_index_bytes = 64ULL << 20;
constexpr std::string_view blob_folder = "blobs/sha256/";

[[noreturn]] void refuse(const std::string& path, const std::string& text, const std::string& hint) {
    throw Error(Fault::damaged, Code::format_not_a_bundle, in_quotes(path) + " " + text).hint(hint);
}

std::optional<Digest> digest_named(std::string_view hex) {
    try {
        return Digest::parse("sha256:" + std::string(hex));
    } catch (const Error&) {
        return std::nullopt;
    }
}

void refuse_too_many(std::size_t count) {
    if (count > most_entries)
        throw Error(Fault::damaged, Code::format_limit, "there are over 1,000,000 blobs");
}

FileDescriptor open_folder(const FileDescriptor& above, const char* name) {
    return FileDescriptor(::openat(above.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// A link could lead anywhere and a device could block, so only regular files count.
std::optional<BlobAt> open_regular(const FileDescriptor& folder, const std::string& name,
                                   const std::string& where) {
    auto file = std::make_shared<FileDescriptor>(
        ::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!*file && (errno == ENOENT || errno == ELOOP || errno == ENXIO)) return std::nullopt;
    if (!*file) runtime::throw_errno("cannot open", where);
    const runtime::FileFacts facts = runtime::facts_of(*file, where);
    if (facts.kind != runtime::FileKind::regular) return std::nullopt;
    return BlobAt{file, 0, facts.size_bytes, where};
}

// A layout that lost its other names is still told from the folders that tools write beside layouts.
[[noreturn]] void refuse_folder(const std::string& path, const FileDescriptor& folder) {
    const auto has = [&](const char* name) { return ::faccessat(folder.get(), name, F_OK, 0) == 0; };
    if (has("manifest.json") && has("version")) {
        refuse(path, "is a folder as skopeo writes it with 'dir:', which is no OCI image layout",
               "copy it to a layout first: skopeo copy dir:FOLDER oci:LAYOUT:TAG");
    }
    refuse(path, "has no folder 'blobs/sha256', so it is no OCI image layout",
           "give the folder that has 'oci-layout' in it");
}

struct ArchiveCloser {
    void operator()(archive* reader) const { archive_read_free(reader); }
};

// A tar, and nothing around it: what is compressed has no offsets.
std::unique_ptr<archive, ArchiveCloser> open_archive(const FileDescriptor& file, const std::string& path) {
    std::unique_ptr<archive, ArchiveCloser> reader(archive_read_new());
    constexpr std::size_t block_bytes = 64 * 1024;
    if (reader == nullptr || archive_read_support_format_tar(reader.get()) != ARCHIVE_OK)
        throw Error(Fault::internal, "libarchive cannot read tar files");
    if (archive_read_open_fd(reader.get(), file.get(), block_bytes) != ARCHIVE_OK)
        refuse(path, "cannot be read as a tar file",
               "give an OCI image layout or an uncompressed tar of one");
    return reader;
}

std::string entry_name(archive_entry* entry) {
    const char* const name = archive_entry_pathname(entry);
    std::string text = name != nullptr ? name : "";
    while (text.starts_with("./"))
        text.erase(0, 2);
    return text;
}

} // namespace

void BlobPool::add(const std::string& path) {
    try {
        add_layout(path);
    } catch (const Error&) { // what was found before counts all the same
        sort_places();
        throw;
    }
    sort_places();
}

void BlobPool::add_layout(const std::string& path) {
    const FileDescriptor there(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!there) runtime::throw_errno("cannot open", path);
    const runtime::FileKind kind = runtime::facts_of(there, path).kind;
    if (kind == runtime::FileKind::directory) return add_folder(path);
    if (kind == runtime::FileKind::regular) return add_tar(path);
    refuse(path, "is neither a file nor a folder", "give an OCI image layout or an uncompressed tar of one");
}

void BlobPool::sort_places() {
    std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
        return std::tie(a.digest, a.layout, a.offset) < std::tie(b.digest, b.layout, b.offset);
    });
}

void BlobPool::add_folder(const std::string& path) {
    const FileDescriptor top(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!top) runtime::throw_errno("cannot open folder", path);
    const FileDescriptor blobs = open_folder(top, "blobs");
    auto folder = std::make_shared<FileDescriptor>(blobs ? open_folder(blobs, "sha256") : FileDescriptor());
    if (!*folder) refuse_folder(path, top);
    const int copy = ::openat(folder->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy), ::closedir);
    if (!stream) runtime::throw_errno("cannot list", path);
    layouts_.push_back({path, folder, false});
    while (const dirent* entry = ::readdir(stream.get())) { // NOLINT(concurrency-mt-unsafe): one thread
        const auto digest = digest_named(entry->d_name);
        if (digest) places_.push_back({*digest, static_cast<std::uint32_t>(layouts_.size() - 1)});
        refuse_too_many(places_.size());
    }
    if (const auto index = open_regular(top, "index.json", path + "/index.json"))
        indexes_.push_back({path, runtime::read_blob(*index, most_index_bytes)});
}

void BlobPool::add_tar(const std::string& path) {
    const auto file = std::make_shared<const FileDescriptor>(runtime::open_to_read(path));
    const auto reader = open_archive(*file, path);
    const std::size_t before = places_.size();
    layouts_.push_back({path, file, true});
    archive_entry* entry = nullptr;
    std::size_t entries = 0;
    int status = ARCHIVE_OK;
    // What is listed before the tar breaks off is there; what comes after is missing, and will be named.
    while ((status = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK ||
           status == ARCHIVE_WARN) {
        refuse_too_many(++entries);
        const bool sparse = archive_entry_sparse_count(entry) > 0;
        if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr || sparse ||
            !archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
            continue;
        // The header is consumed and nothing of the data is.
        const auto data = static_cast<std::uint64_t>(archive_filter_bytes(reader.get(), -1));
        add_entry({file, data, static_cast<std::uint64_t>(archive_entry_size(entry)), entry_name(entry)});
    }
    if (places_.size() > before) return;
    refuse(path, "is no tar of an OCI image layout: nothing in it is named 'blobs/sha256/...'",
           "it must not be compressed; as skopeo writes it: oci-archive:FILE, not docker-archive:FILE");
}

void BlobPool::add_entry(const BlobAt& entry) {
    const std::string& name = entry.where;
    const std::string& layout = layouts_.back().path;
    if (name == "index.json" && entry.size_bytes <= most_index_bytes) {
        std::string text(static_cast<std::size_t>(entry.size_bytes), '\0');
        text.resize(runtime::read_at(*entry.file, text.data(), text.size(), entry.offset, layout));
        indexes_.push_back({layout, std::move(text)});
    }
    if (!name.starts_with(blob_folder)) return;
    const auto digest = digest_named(std::string_view(name).substr(blob_folder.size()));
    if (!digest) return;
    places_.push_back(
        {*digest, static_cast<std::uint32_t>(layouts_.size() - 1), entry.offset, entry.size_bytes});
}

std::optional<BlobAt> BlobPool::open(const Place& place) const {
    const Layout& layout = layouts_[place.layout];
    const std::string where = layout.path + "/" + manifests::blob_name(place.digest);
    if (layout.is_tar) return BlobAt{layout.file, place.offset, place.size_bytes, where};
    return open_regular(*layout.file, place.digest.hex(), where);
}

std::vector<BlobAt> BlobPool::find_all(const Digest& digest) const {
    std::vector<BlobAt> found;
    auto place = std::lower_bound(places_.begin(), places_.end(), digest,
                                  [](const Place& one, const Digest& wanted) { return one.digest < wanted; });
    for (; place != places_.end() && place->digest == digest; ++place)
        if (auto blob = open(*place)) found.push_back(std::move(*blob));
    return found;
}

std::optional<BlobAt> BlobPool::find_proven(const Digest& digest, std::uint64_t most_bytes) const {
    for (BlobAt& blob : find_all(digest))
        if (blob.size_bytes <= most_bytes && is_proven(blob, digest)) return std::move(blob);
    return std::nullopt;
}

std::optional<std::string> BlobPool::proven_text(const Digest& digest, std::uint64_t most_bytes) const {
    const auto blob = find_proven(digest, most_bytes);
    if (!blob) return std::nullopt;
    std::string bytes = runtime::read_blob(*blob, most_bytes);
    return Digest::of(bytes) == digest ? std::optional(std::move(bytes)) : std::nullopt;
}

void BlobPool::for_each(const std::function<void(const Digest&, const BlobAt&)>& on_blob) const {
    for (const Place& place : places_)
        if (const auto blob = open(place)) on_blob(place.digest, *blob);
}

} // namespace packager
