#include "runtime/profiles.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <tuple>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/file_descriptor.hpp"
#include "runtime/fit.hpp"

namespace runtime {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

namespace {

constexpr std::uint64_t most_profile_bytes = 1ULL << 20;
constexpr std::string_view ending = ".json";

bool is_folder(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// The schema marks a folder as ours: /usr/bin/../../profiles could be anybody's.
bool holds_profiles(const std::string& folder) {
    return ::access((folder + "/profile.schema.json").c_str(), R_OK) == 0;
}

std::string program_folder() {
    std::array<char, 4096> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    if (length <= 0) return "";
    const std::string whole(path.data(), static_cast<std::size_t>(length));
    return whole.substr(0, whole.rfind('/'));
}

StoredProfile read_profile(const std::string& path) {
    StoredProfile stored{.path = path, .bytes = read_small_file(path, most_profile_bytes), .profile = {}};
    try {
        stored.profile = manifests::Profile::parse(stored.bytes);
    } catch (Error& error) {
        error.in(path);
        throw;
    }
    return stored;
}

StoredProfile read_named_profile(const std::string& folder, const std::string& id) {
    StoredProfile stored = read_profile(folder + "/" + id + std::string(ending));
    if (stored.profile.id != id) {
        throw Error(Fault::damaged, manifests::Code::format_document,
                    "profile id is " + in_quotes(stored.profile.id) + ", wanted the file's name " +
                        in_quotes(id))
            .in(stored.path);
    }
    return stored;
}

struct FolderCloser {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

std::vector<std::string> ids_in(const std::string& folder) {
    const std::unique_ptr<DIR, FolderCloser> open(::opendir(folder.c_str()));
    if (!open) throw_errno("cannot list folder", folder);
    std::vector<std::string> ids;
    while (const dirent* entry = ::readdir(open.get())) {
        const std::string name = entry->d_name;
        if (name.starts_with('.') || !name.ends_with(ending) || name.ends_with(".schema.json")) continue;
        ids.push_back(name.substr(0, name.size() - ending.size()));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

int rank_of(const StoredProfile& stored, const manifests::Machine& machine) {
    switch (match_identity(stored.profile.cpu, machine.cpu)) {
    case IdentityMatch::same:
        return 0;
    case IdentityMatch::open:
        return 1;
    case IdentityMatch::other:
    case IdentityMatch::unknown:
        break;
    }
    return 2;
}

} // namespace

std::string profiles_folder(const std::string& asked) {
    if (!asked.empty()) {
        if (!is_folder(asked)) throw Error(Fault::usage, in_quotes(asked) + " is not a folder of profiles");
        return asked;
    }
    const char* const from_environment = std::getenv("SEALIFT_PROFILES");
    if (from_environment != nullptr && *from_environment != '\0') {
        if (is_folder(from_environment)) return from_environment;
        throw Error(Fault::usage,
                    "SEALIFT_PROFILES is " + in_quotes(from_environment) + ", which is not a folder");
    }
    const std::string program = program_folder();
    std::vector<std::string> places;
    if (!program.empty()) places = {program + "/../../profiles", program + "/../share/sealift/profiles"};
    places.emplace_back("/usr/share/sealift/profiles");
    for (const std::string& place : places) {
        if (holds_profiles(place)) return place;
    }
    throw Error(Fault::missing, "no folder of profiles was found")
        .hint("say where it is with --profiles DIR or SEALIFT_PROFILES");
}

StoredProfile load_profile(const std::string& name_or_path, const std::string& asked_folder) {
    if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(ending)) {
        return read_profile(name_or_path);
    }
    const std::string folder = profiles_folder(asked_folder);
    const std::vector<std::string> ids = ids_in(folder);
    if (!std::binary_search(ids.begin(), ids.end(), name_or_path)) {
        std::string known;
        for (const std::string& id : ids)
            known += " " + manifests::escaped(id);
        throw Error(Fault::usage,
                    "there is no profile " + in_quotes(name_or_path) + " in " + in_quotes(folder))
            .hint(known.empty() ? "the folder holds no profiles" : "known profiles:" + known);
    }
    return read_named_profile(folder, name_or_path);
}

std::vector<std::string> profile_paths(const std::string& asked_folder) {
    const std::string folder = profiles_folder(asked_folder);
    std::vector<std::string> paths = ids_in(folder);
    for (std::string& path : paths)
        path = folder + "/" + path + std::string(ending);
    return paths;
}

std::vector<StoredProfile> all_profiles(const std::string& asked_folder) {
    const std::string folder = profiles_folder(asked_folder);
    std::vector<StoredProfile> profiles;
    for (const std::string& id : ids_in(folder))
        profiles.push_back(read_named_profile(folder, id));
    return profiles;
}

std::vector<manifests::Profile> profiles_at_hand(const std::string& asked_folder) {
    std::vector<manifests::Profile> profiles;
    try {
        for (StoredProfile& stored : all_profiles(asked_folder))
            profiles.push_back(std::move(stored.profile));
    } catch (const Error&) {
        if (!asked_folder.empty()) throw;
        profiles.clear();
    }
    return profiles;
}

std::vector<StoredProfile> fitting(std::vector<StoredProfile> profiles, const manifests::Machine& machine) {
    std::vector<StoredProfile> fit_ones;
    for (StoredProfile& stored : profiles) {
        if (fit(stored.profile, machine).fits()) fit_ones.push_back(std::move(stored));
    }
    const auto order = [&](const StoredProfile& stored) {
        const std::size_t features = stored.profile.cpu.features.size();
        return std::tuple(rank_of(stored, machine), std::string::npos - features, stored.profile.id);
    };
    std::sort(fit_ones.begin(), fit_ones.end(),
              [&](const StoredProfile& a, const StoredProfile& b) { return order(a) < order(b); });
    return fit_ones;
}

} // namespace runtime
