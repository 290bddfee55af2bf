#include "packager/bundle_output.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/death_watch.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/clone.hpp"
#include "runtime/disk_space.hpp"
#include "runtime/staging_folder.hpp"

namespace packager {
namespace {

using manifests::Contents;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::LayoutItem;
using runtime::FileDescriptor;

// Writes what follows from the contents, front to back.
void write_derived(const LayoutItem& item, const Contents& contents, const FileDescriptor& file,
                   std::uint64_t offset, const std::string& path) {
    write_item(item, contents, [&](std::string_view piece) {
        runtime::write_at(file, piece.data(), piece.size(), offset, path);
        offset += piece.size();
    });
}

std::uint64_t bytes_of(const std::vector<LayoutItem>& items) {
    std::uint64_t total = 0;
    for (const LayoutItem& item : items)
        total += item.size_bytes;
    return total;
}

std::string folder_of(const std::string& path) {
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    return parent.empty() ? "." : parent.string();
}

class FileOutput final : public BundleOutput {
public:
    FileOutput(const std::string& output, const std::vector<LayoutItem>& items, std::uint64_t hole_bytes)
        : output_(output),
          cache_(runtime::cache_for_writing(bytes_of(items))),
          writer_(output_.file(), cache_),
          offsets_(items.size()) {
        const std::uint64_t total_bytes =
            manifests::for_each_tar_entry(items, [&](const manifests::TarEntry& entry) {
                if (entry.padding == 0) offsets_[entry.item] = entry.data_offset();
            });
        if (const auto path = output_.temporary_path()) watch_.emplace(*path);
        runtime::refuse_full_disk(folder_of(output), total_bytes - hole_bytes);
        runtime::set_size(output_.file(), total_bytes, runtime::space_for(hole_bytes), output);
    }

    runtime::Cache cache() const override { return cache_; }

    Target begin(std::size_t item) override {
        return {&output_.file(), offsets_.at(item), output_.target(), &writer_};
    }
    void end(std::size_t) override {}

    void finish(const Contents& contents, const std::vector<LayoutItem>& items) override {
        const std::string& path = output_.target();
        manifests::for_each_tar_entry(items, [&](const manifests::TarEntry& entry) {
            const std::string header = manifests::tar_header(entry.name(items), entry.size_bytes);
            runtime::write_at(output_.file(), header.data(), header.size(), entry.header_offset, path);
            const LayoutItem& item = items[entry.item];
            if (entry.padding == 0 && manifests::is_derived(item.kind))
                write_derived(item, contents, output_.file(), entry.data_offset(), path);
        });
        writer_.finish(path);
        output_.commit(runtime::Replace::allow);
    }

private:
    runtime::AtomicFile output_;
    std::optional<DeathWatch> watch_; // where it has a name before it is whole
    const runtime::Cache cache_;
    runtime::DiskWriter writer_;
    std::vector<std::uint64_t> offsets_;
};

void make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0755) != 0) runtime::throw_errno("cannot create folder", path);
    if (::chmod(path.c_str(), 0755) != 0) runtime::throw_errno("cannot set the mode of", path);
}

std::string without_slashes(std::string path) {
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path;
}

// A folder cannot be renamed over one that is not empty, so the two change names in one step.
void swap_names(const std::string& fresh, const std::string& old) {
    if (::syscall(SYS_renameat2, AT_FDCWD, fresh.c_str(), AT_FDCWD, old.c_str(), RENAME_EXCHANGE) != 0) {
        runtime::throw_errno("cannot replace", old);
    }
}

class FolderOutput final : public BundleOutput {
public:
    FolderOutput(const std::string& output, const std::vector<LayoutItem>& items, std::uint64_t hole_bytes)
        : output_(without_slashes(output)),
          staging_(output_),
          watch_(staging_.path()),
          fresh_(staging_.path()),
          space_(runtime::space_for(hole_bytes)),
          cache_(runtime::cache_for_writing(bytes_of(items))) {
        runtime::refuse_full_disk(staging_.parent(), bytes_of(items) - hole_bytes);
        for (const LayoutItem& item : items)
            sizes_.push_back(item.size_bytes);
        for (const std::string& folder : {fresh_ + "/blobs", fresh_ + "/blobs/sha256"})
            make_folder(folder);
    }

    runtime::Cache cache() const override { return cache_; }

    // A blob is named after its digest, which is not known yet; and has its size at once, for zeros at its
    // end are not written.
    Target begin(std::size_t item) override {
        const std::string path = early_name(item);
        FileDescriptor fresh = create(path);
        const bool large = sizes_.at(item) >= runtime::large_file_bytes;
        runtime::set_size(fresh, sizes_.at(item), large ? space_ : runtime::Space::as_written, path);
        const std::lock_guard lock(mutex_);
        auto& blob = open_[item];
        blob = std::make_unique<OpenBlob>(std::move(fresh), cache_);
        return {&blob->file, 0, path, &blob->writer};
    }

    void end(std::size_t item) override {
        std::unique_ptr<OpenBlob> blob;
        {
            const std::lock_guard lock(mutex_);
            blob = std::move(open_.at(item));
            open_.erase(item);
        }
        blob->writer.finish(early_name(item));
        runtime::sync(blob->file, early_name(item));
    }

    void finish(const Contents& contents, const std::vector<LayoutItem>& items) override {
        for (std::size_t i = 0; i < items.size(); ++i) {
            const std::string path = fresh_ + "/" + items[i].name();
            if (!manifests::is_derived(items[i].kind)) {
                if (::rename(early_name(i).c_str(), path.c_str()) != 0)
                    runtime::throw_errno("cannot name", path);
                continue;
            }
            const FileDescriptor file = create(path);
            write_derived(items[i], contents, file, 0, path);
            runtime::sync(file, path);
        }
        appear();
    }

private:
    struct OpenBlob {
        OpenBlob(FileDescriptor fresh, runtime::Cache cache) : file(std::move(fresh)), writer(file, cache) {}
        FileDescriptor file;
        runtime::DiskWriter writer;
    };

    std::string early_name(std::size_t item) const {
        return fresh_ + "/blobs/sha256/.item-" + std::to_string(item);
    }

    static FileDescriptor create(const std::string& path) {
        FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
        if (!file) runtime::throw_errno("cannot create", path);
        if (::fchmod(file.get(), 0644) != 0) runtime::throw_errno("cannot set the mode of", path);
        return file;
    }

    void appear() {
        for (const std::string& folder : {fresh_ + "/blobs/sha256", fresh_ + "/blobs", fresh_})
            runtime::sync_folder(folder);
        if (std::filesystem::exists(output_)) {
            swap_names(fresh_, output_); // what was there goes away with the clean-up
        } else if (::rename(fresh_.c_str(), output_.c_str()) != 0) {
            runtime::throw_errno("cannot give the folder its name", output_);
        } else {
            staging_.keep();
        }
        runtime::sync_folder(staging_.parent());
    }

    std::string output_;
    runtime::StagingFolder staging_;
    const DeathWatch watch_;
    std::string fresh_;
    const runtime::Space space_;
    const runtime::Cache cache_;
    std::vector<std::uint64_t> sizes_;
    std::mutex mutex_;
    std::map<std::size_t, std::unique_ptr<OpenBlob>> open_;
};

class NoOutput final : public BundleOutput {
public:
    runtime::Cache cache() const override { return runtime::Cache::keep; }
    Target begin(std::size_t) override { return {}; }
    void end(std::size_t) override {}
    void finish(const Contents&, const std::vector<LayoutItem>&) override {}
};

// A folder that is replaced is removed with all that is in it, so nothing else may be there.
bool is_replaceable_folder(const std::filesystem::path& path) {
    bool layout = false;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        const std::string name = entry.path().filename().string();
        if (name != "oci-layout" && name != "index.json" && name != "blobs") return false;
        layout = layout || name == "oci-layout";
    }
    return layout || std::filesystem::is_empty(path);
}

// What a bundle file begins with, whatever its version: the name of its first entry.
bool is_replaceable_file(const std::string& path) {
    constexpr std::string_view first_name("oci-layout\0", 11);
    const FileDescriptor file = runtime::open_to_read(path);
    std::string start(first_name.size(), '\0');
    start.resize(runtime::read_at(file, start.data(), start.size(), 0, path));
    return start.empty() || start == first_name;
}

} // namespace

void check_output(const std::string& output, Form form) {
    const std::string path = without_slashes(output);
    const auto status = std::filesystem::status(path);
    const char* const hint = "choose another name with -o, or remove it";
    if (!std::filesystem::exists(status)) {
        const std::string folder = folder_of(path);
        if (::access(folder.c_str(), W_OK | X_OK) != 0)
            runtime::throw_errno("cannot write into folder", folder);
        return;
    }
    if (form == Form::folder && !(std::filesystem::is_directory(status) && is_replaceable_folder(path)))
        throw Error(Fault::usage, in_quotes(output) + " exists and is not a bundle folder").hint(hint);
    if (form == Form::file && !(std::filesystem::is_regular_file(status) && is_replaceable_file(path)))
        throw Error(Fault::usage, in_quotes(output) + " exists and is not a bundle file").hint(hint);
}

std::unique_ptr<BundleOutput> open_output(const std::string& output, Form form,
                                          const std::vector<LayoutItem>& items, std::uint64_t hole_bytes) {
    check_output(output, form);
    if (form == Form::folder) return std::make_unique<FolderOutput>(output, items, hole_bytes);
    return std::make_unique<FileOutput>(output, items, hole_bytes);
}

std::unique_ptr<BundleOutput> no_output() {
    return std::make_unique<NoOutput>();
}

manifests::Digest digest_of_places(const std::vector<LayoutItem>& items) {
    manifests::Hasher hasher;
    manifests::for_each_tar_entry(items, [&](const manifests::TarEntry& entry) {
        const LayoutItem& item = items[entry.item];
        if (entry.padding != 0 || manifests::is_derived(item.kind)) return;
        const std::array<std::uint64_t, 5> place{static_cast<std::uint64_t>(item.kind), item.number,
                                                 entry.item, entry.size_bytes, entry.header_offset};
        hasher.update(place.data(), sizeof place);
    });
    return hasher.finish();
}

} // namespace packager
