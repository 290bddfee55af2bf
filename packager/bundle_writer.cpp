#include "packager/bundle_writer.hpp"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/tar_header.hpp"
#include "runtime/workers.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::LayoutItem;
using runtime::FileDescriptor;

void write_at(const FileDescriptor& file, const char* data, std::size_t length_bytes, std::uint64_t offset,
              const std::string& path) {
    while (length_bytes > 0) {
        const ssize_t put = ::pwrite(file.get(), data, length_bytes, static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) runtime::throw_errno("cannot write", path);
        data += put;
        offset += static_cast<std::uint64_t>(put);
        length_bytes -= static_cast<std::size_t>(put);
    }
}

// Copies one item to its place and proves it on the way.
void copy_item(const WriteRequest& request, const LayoutItem& item, const FileDescriptor& to,
               std::uint64_t offset) {
    if (item.bytes) {
        write_at(to, item.bytes->data(), item.bytes->size(), offset, request.output);
        return;
    }
    const manifests::BundleFile& file = *item.file;
    const runtime::BlobAt from = request.locate(file);
    if (from.size_bytes != item.size_bytes) {
        throw Error(Fault::damaged, manifests::Code::content_size,
                    in_quotes(from.where) + " has " + std::to_string(from.size_bytes) + " bytes now, had " +
                        std::to_string(item.size_bytes));
    }
    runtime::read_proven(from, file.digest,
                         [&](const char* data, std::size_t length_bytes, std::uint64_t at) {
                             write_at(to, data, length_bytes, offset + at, request.output);
                             if (request.on_bytes) request.on_bytes(length_bytes);
                         });
}

// Asks for the space at once, so that a full disk is known before the copy and not after two hours of it.
void reserve(const FileDescriptor& file, std::uint64_t size_bytes, const std::string& path) {
    if (::fallocate(file.get(), 0, 0, static_cast<off_t>(size_bytes)) == 0) return;
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) runtime::throw_errno("no room to write", path);
    if (::ftruncate(file.get(), static_cast<off_t>(size_bytes)) != 0)
        runtime::throw_errno("cannot size", path);
}

void write_file_form(const WriteRequest& request) {
    const manifests::TarLayout plan = manifests::plan_tar(request.items);
    runtime::AtomicFile output(request.output);
    reserve(output.file(), plan.total_bytes, request.output);
    runtime::for_each_index(plan.entries.size(), request.jobs, [&](std::size_t i) {
        const manifests::TarEntry& entry = plan.entries[i];
        const std::string header = runtime::tar_header(entry.name, entry.size_bytes);
        write_at(output.file(), header.data(), header.size(), entry.header_offset, request.output);
        if (!entry.padding) copy_item(request, request.items[entry.item], output.file(), entry.data_offset);
    });
    output.commit(runtime::Replace::allow);
}

void write_blob_file(const WriteRequest& request, const std::string& folder, const LayoutItem& item) {
    const std::string path = folder + "/" + item.name;
    const FileDescriptor to(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!to) runtime::throw_errno("cannot create", path);
    if (::fchmod(to.get(), 0644) != 0) runtime::throw_errno("cannot set the mode of", path);
    copy_item(request, item, to, 0);
    runtime::sync(to, path);
}

void make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0755) != 0) runtime::throw_errno("cannot create folder", path);
    if (::chmod(path.c_str(), 0755) != 0) runtime::throw_errno("cannot set the mode of", path);
}

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

void write_folder_form(const WriteRequest& request) {
    const std::string output = without_slashes(request.output);
    const std::filesystem::path target(output);
    const std::string parent = target.has_parent_path() ? target.parent_path().string() : ".";
    const std::string fresh = parent + "/" + runtime::temporary_name_for(target.filename().string());
    const bool exists = std::filesystem::exists(target);
    const runtime::TemporaryPath cleanup(fresh, runtime::TemporaryKind::folder);
    for (const std::string& folder : {fresh, fresh + "/blobs", fresh + "/blobs/sha256"})
        make_folder(folder);
    runtime::for_each_index(request.items.size(), request.jobs,
                            [&](std::size_t i) { write_blob_file(request, fresh, request.items[i]); });
    for (const std::string& folder : {fresh + "/blobs/sha256", fresh + "/blobs", fresh})
        runtime::sync_folder(folder);
    if (exists) {
        swap_names(fresh, output); // what was there goes away with the clean-up
    } else if (::rename(fresh.c_str(), output.c_str()) != 0) {
        runtime::throw_errno("cannot give the folder its name", output);
    }
    runtime::sync_folder(parent);
}

} // namespace

void check_output(const std::string& output, Form form) {
    const std::string path = without_slashes(output);
    const auto status = std::filesystem::status(path);
    const char* const hint = "choose another name with -o, or remove it";
    if (!std::filesystem::exists(status)) {
        const std::filesystem::path parent = std::filesystem::path(path).parent_path();
        const std::string folder = parent.empty() ? "." : parent.string();
        if (::access(folder.c_str(), W_OK | X_OK) != 0)
            runtime::throw_errno("cannot write into folder", folder);
        return;
    }
    if (form == Form::folder && !(std::filesystem::is_directory(status) && is_replaceable_folder(path)))
        throw Error(Fault::usage, in_quotes(output) + " exists and is not a bundle folder").hint(hint);
    if (form == Form::file && !(std::filesystem::is_regular_file(status) && is_replaceable_file(path)))
        throw Error(Fault::usage, in_quotes(output) + " exists and is not a bundle file").hint(hint);
}

void write_bundle(const WriteRequest& request) {
    check_output(request.output, request.form);
    if (request.form == Form::folder) {
        write_folder_form(request);
    } else {
        write_file_form(request);
    }
}

} // namespace packager
