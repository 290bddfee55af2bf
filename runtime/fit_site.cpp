#include "runtime/fit_site.hpp"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/clone.hpp"
#include "runtime/disk_space.hpp"
#include "runtime/file_copies.hpp"
#include "runtime/fit_lines.hpp"
#include "runtime/install.hpp"
#include "runtime/profiles.hpp"

namespace runtime {
namespace {

namespace fs = std::filesystem;
using manifests::BundleFile;

// Blobs of this size and more stand at a multiple of it in a bundle file, so their blocks can be shared.
constexpr std::uint64_t aligned_bytes = 64 * 1024;

// A site that is not there yet will be made here.
std::string existing_part(std::string path) {
    struct stat status {};
    while (path.size() > 1 && ::stat(path.c_str(), &status) != 0) {
        const std::size_t slash = path.rfind('/');
        if (slash == std::string::npos) return ".";
        path.resize(std::max<std::size_t>(slash, 1));
    }
    return path;
}

std::uint64_t left_behind_bytes(const Site& site) {
    constexpr std::uint64_t block_bytes = 512; // of st_blocks, whatever the file system's are
    std::uint64_t total = 0;
    std::error_code problem;
    for (fs::recursive_directory_iterator at(site.staging_path(), problem), end; !problem && at != end;
         at.increment(problem)) {
        struct stat status {};
        if (::lstat(at->path().c_str(), &status) == 0 && S_ISREG(status.st_mode))
            total += static_cast<std::uint64_t>(status.st_blocks) * block_bytes;
    }
    return total;
}

const BundleFile* aligned_file(const Bundle& bundle) {
    for (const BundleFile& file : bundle.document().files)
        if (file.size_bytes >= aligned_bytes) return &file;
    return nullptr;
}

// The only way to know: file systems of one kind can and cannot, as they were made.
bool can_share(const Bundle& bundle, const std::string& folder) {
    const BundleFile* file = aligned_file(bundle);
    if (file == nullptr) return false;
    const FileDescriptor trial(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!trial) return false;
    const BlobAt blob = bundle.locate(*file);
    return clone_range(*blob.file, blob.offset, trial, 0, aligned_bytes, folder);
}

std::uint64_t shared_bytes(const Bundle& bundle) {
    std::uint64_t total = 0;
    for (const BundleFile& file : bundle.document().files)
        if (file.size_bytes >= aligned_bytes) total += file.size_bytes;
    return total;
}

} // namespace

Fit fit_of(const Bundle& bundle, const manifests::Machine& machine, const FitConditions& conditions) {
    const manifests::Profile profile = manifests::Profile::parse(bundle.carried().profile);
    const manifests::BundleDocument& document = bundle.document();
    std::vector<manifests::Profile> known;
    if (has_other_chips(profile, machine)) known = profiles_at_hand(conditions.profiles_folder);
    return fit({.profile = profile,
                .machine = &machine,
                .needs = &document.needs,
                .files = &document.files,
                .kernels = &document.kernels,
                .opener = conditions.opener,
                .room = conditions.room,
                .nodes = conditions.nodes,
                .known = &known});
}

Opener own_opener() {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
    groups.resize(static_cast<std::size_t>(std::max(0, count)));
    groups.push_back(::getegid());
    return {::geteuid(), {groups.begin(), groups.end()}};
}

Room room_for(const Bundle& bundle, const Site& site) {
    const std::string folder = existing_part(site.path());
    const std::uint64_t free = free_bytes(folder) + left_behind_bytes(site);
    Room room{.wanted_bytes = install_bytes(bundle), .free_bytes = free, .place = site.path()};
    if (free >= room.wanted_bytes || bundle.form() == Bundle::Form::pipe) return room;
    room.shares_blocks = can_share(bundle, folder);
    room.wanted_bytes -= room.shares_blocks ? shared_bytes(bundle) : hole_bytes(bundle, every_file(bundle));
    return room;
}

std::optional<Room> room_to_install(const Bundle& bundle, const Site& site) {
    const auto newest = site.newest();
    const std::string digest = bundle.digest().text();
    const std::size_t colon = digest.find(':');
    if (newest && newest->name.ends_with("-" + digest.substr(colon + 1, 16))) return std::nullopt;
    return room_for(bundle, site);
}

} // namespace runtime
