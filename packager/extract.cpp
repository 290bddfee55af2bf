#include "packager/extract.hpp"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/death_watch.hpp"
#include "runtime/disk_space.hpp"
#include "runtime/file_copies.hpp"
#include "runtime/site.hpp"
#include "runtime/staging_folder.hpp"

namespace packager {
namespace {

using manifests::BundleFile;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

std::vector<const BundleFile*> select(const manifests::BundleDocument& document,
                                      std::vector<std::string> paths) {
    for (std::string& path : paths) { // a shell completes folders with a slash
        while (path.size() > 1 && path.ends_with('/'))
            path.pop_back();
    }
    std::vector<const BundleFile*> files;
    for (const BundleFile& file : document.files) {
        const bool wanted =
            paths.empty() || std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
                return file.path.text() == path || file.path.is_inside(path);
            });
        if (wanted) files.push_back(&file);
    }
    for (const std::string& path : paths) {
        const bool there = std::any_of(files.begin(), files.end(), [&](const BundleFile* file) {
            return file->path.text() == path || file->path.is_inside(path);
        });
        if (!there)
            throw Error(Fault::usage, "there is no " + in_quotes(path) + " in this bundle")
                .hint("sealift ls shows what there is");
    }
    return files;
}

} // namespace

std::uint64_t extract(const runtime::Bundle& bundle, const std::vector<std::string>& paths,
                      const std::string& folder, unsigned jobs,
                      const std::function<runtime::OnBytes(std::uint64_t total_bytes)>& on_start) {
    const std::vector<const BundleFile*> files = select(bundle.document(), paths);
    std::filesystem::path target(folder); // with or without a slash at the end
    if (!target.has_filename()) target = target.parent_path();
    if (std::filesystem::exists(target) &&
        !(std::filesystem::is_directory(target) && std::filesystem::is_empty(target))) {
        throw Error(Fault::usage, in_quotes(folder) + " exists and is not an empty folder")
            .hint("choose another folder with -o");
    }
    runtime::StagingFolder staging(target.string());
    const DeathWatch watch(staging.path());
    const std::string& fresh = staging.path();
    std::uint64_t total_bytes = 0;
    std::vector<runtime::ContentJob> wanted;
    for (const BundleFile* file : files) {
        wanted.push_back({file});
        total_bytes += file->size_bytes;
        runtime::make_folders(std::filesystem::path(fresh + "/" + file->path.text()).parent_path().string());
    }
    runtime::refuse_full_disk(staging.parent(), total_bytes - runtime::hole_bytes(bundle, wanted));
    const runtime::OnBytes on_bytes = on_start ? on_start(total_bytes) : runtime::OnBytes{};
    runtime::copy_files(bundle, wanted, fresh, jobs, on_bytes);
    if (::rename(fresh.c_str(), target.c_str()) != 0)
        runtime::throw_errno("cannot give the folder its name", folder);
    staging.keep();
    runtime::sync_folder(staging.parent());
    return total_bytes;
}

} // namespace packager
