#include "runtime/install.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/cleanup.hpp"
#include "runtime/file_copies.hpp"
#include "runtime/fit_site.hpp"
#include "runtime/piped_content.hpp"

namespace runtime {
namespace {

using manifests::BundleFile;
using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

void write_synced(const std::string& path, const std::string& bytes) {
    const FileDescriptor file = create_file(path, manifests::FileMode::plain);
    write_all(file, bytes.data(), bytes.size(), path);
    sync(file, path);
}

// All folders that the generation needs, parents before children.
std::set<std::string> folders_of(const Bundle& bundle, const std::string& staging) {
    std::set<std::string> folders{staging + "/bundle", staging + "/bundle/blobs",
                                  staging + "/bundle/blobs/sha256", staging + "/files", staging + "/keys"};
    for (const BundleFile& file : bundle.document().files) {
        const std::string& path = file.path.text();
        for (std::size_t slash = path.find('/'); slash != std::string::npos;
             slash = path.find('/', slash + 1)) {
            folders.insert(staging + "/files/" + path.substr(0, slash));
        }
    }
    return folders;
}

// Everything but the files: it stays beside them, so that a generation can be proven like the bundle was.
void write_documents(const Bundle& bundle, const std::string& folder) {
    for (const manifests::LayoutItem& item : bundle.items()) {
        if (item.kind == manifests::ItemKind::file) continue;
        const std::string path = folder + "/" + item.name();
        const FileDescriptor file = create_file(path, manifests::FileMode::plain);
        if (manifests::is_derived(item.kind)) {
            write_item(item, bundle.contents(),
                       [&](std::string_view piece) { write_all(file, piece.data(), piece.size(), path); });
        } else {
            const BlobAt blob =
                bundle.locate(manifests::DocumentReference{item.digest, item.size_bytes}, item.name());
            read_proven(blob, item.digest, [&](const char* data, std::size_t length_bytes, std::uint64_t) {
                write_all(file, data, length_bytes, path);
            });
        }
        sync(file, path);
    }
}

void write_generation(const TrustedBundle& trusted, const TrustBasis& basis, const std::string& staging,
                      const InstallOptions& options) {
    const Bundle& bundle = trusted.bundle();
    make_folders(staging);
    const std::set<std::string> folders = folders_of(bundle, staging);
    for (const std::string& folder : folders)
        make_folders(folder);
    if (options.spool != nullptr) {
        copy_piped_files(bundle, *options.spool, staging + "/files", options.jobs, options.on_bytes);
    } else {
        copy_files(bundle, every_file(bundle), staging + "/files", options.jobs, options.on_bytes);
    }
    write_documents(bundle, staging + "/bundle");
    for (const manifests::PublicKey& key : basis.keys) {
        const std::string id = key.key_id();
        if (std::binary_search(trusted.signers().begin(), trusted.signers().end(), id)) {
            write_synced(staging + "/keys/" + id + ".pub", key.pem());
        }
    }
    for (const std::string& folder : folders)
        sync_folder(folder);
    sync_folder(staging);
}

void refuse_without_space(const Site& site, const Room& room) {
    if (!room.free_bytes || *room.free_bytes >= room.wanted_bytes) return;
    throw Error(Fault::refused, Code::site_space,
                in_quotes(site.path()) + " has " + manifests::size_text(*room.free_bytes) + " free, wanted " +
                    manifests::size_text(room.wanted_bytes))
        .hint("make " + manifests::size_text(room.wanted_bytes - *room.free_bytes) +
              " of room, or install elsewhere with --site");
}

// The newest generation, if it is this bundle and still whole.
std::optional<Generation> already_there(const Site& site, const Bundle& bundle, const TrustBasis& basis,
                                        unsigned jobs) {
    const auto newest = site.newest();
    if (!newest || !newest->name.ends_with("-" + bundle.digest().hex().substr(0, 16))) return std::nullopt;
    try {
        const auto installed = std::make_shared<const Bundle>(Bundle::open_generation(newest->path));
        // By what it will boot with: the pinned policy, or its own keys.
        const TrustBasis own = basis.site ? basis : TrustBasis(keys_of(*newest));
        const bool trusted = TrustDecision::check_trust(installed, own).trusted.has_value();
        if (installed->digest() == bundle.digest() && trusted && check_content(*installed, jobs, {}).passed())
            return newest;
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged && error.fault() != Fault::missing) throw;
    }
    return std::nullopt; // damaged: a fresh generation is made
}

void refuse_damaged(const Bundle& bundle, const InstallOptions& options) {
    if (options.spool != nullptr)
        return read_piped_content(bundle, *options.spool,
                                  {.jobs = options.jobs, .on_bytes = options.on_bytes});
    prove_content(bundle, jobs_of(bundle), {.jobs = options.jobs, .on_bytes = options.on_bytes});
}

// Writes into the memory of a site what is about to stand there, and the policies that led to it.
void remember(const TrustedBundle& trusted, const TrustBasis& basis, const Site& site,
              std::uint64_t generation) {
    if (!basis.site || trusted.answer() == nullptr) return;
    const manifests::TrustAnswer& answer = *trusted.answer();
    auto memory = SiteTrust::open(site);
    if (!memory) throw Error(Fault::refused, Code::trust_state, "the pinned policy has gone meanwhile");
    memory->accept_policies({answer.policy, answer.steps, {}}, basis.clock);
    memory->record_install(record_of(answer, generation), answer.release.value().issued, basis.clock);
}

} // namespace

std::uint64_t install_bytes(const Bundle& bundle) {
    constexpr std::uint64_t block_bytes = 4096; // what a file system rounds each file up to
    std::uint64_t total = 0;
    for (const BundleFile& file : bundle.document().files)
        total += file.size_bytes + block_bytes;
    for (const manifests::LayoutItem& item : bundle.items()) {
        if (item.kind != manifests::ItemKind::file) total += item.size_bytes + block_bytes;
    }
    return total;
}

Installed install(const TrustedBundle& trusted, const TrustBasis& basis, const Site& site,
                  const InstallOptions& options) {
    const Bundle& bundle = trusted.bundle();
    site.prepare();
    const auto lock = FileLock::try_lock(site.path() + "/install.lock");
    if (!lock) {
        throw Error(Fault::refused, Code::site_state,
                    "another install is running at " + in_quotes(site.path()))
            .hint("wait until it has ended");
    }
    if (const auto there = already_there(site, bundle, basis, options.jobs)) {
        // Success means that everything was read, so a damaged copy of what is installed is no success.
        refuse_damaged(bundle, options);
        remember(trusted, basis, site, there->number);
        return {*there, true};
    }
    // What an interrupted install left behind; nobody else is installing, for we hold the lock.
    for (const auto& left : std::filesystem::directory_iterator(site.staging_path()))
        remove_tree(left.path().c_str());
    refuse_without_space(site, room_for(bundle, site));
    const Generation generation = site.next(bundle.digest());
    const std::string staging = site.staging_path() + "/" + generation.name;
    TemporaryPath cleanup(staging, TemporaryKind::folder);
    write_generation(trusted, basis, staging, options);
    remember(trusted, basis, site, generation.number); // before it appears: a site never has what it forgets
    if (::rename(staging.c_str(), generation.path.c_str()) != 0)
        throw_errno("cannot give the generation its name", generation.path);
    cleanup.keep();
    sync_folder(site.generations_path());
    return {generation, false};
}

std::vector<manifests::PublicKey> keys_of(const Generation& generation) {
    std::vector<std::string> paths;
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(generation.path + "/keys", problem)) {
        paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return load_keys(paths);
}

} // namespace runtime
