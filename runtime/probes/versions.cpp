#include <algorithm>
#include <tuple>

#include "manifests/text.hpp"
#include "runtime/probes/key_text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

using manifests::SoftwareFound;

struct Match {
    std::string path;
    std::string star; // what the '*' stood for
};

// The paths that are there; one without a '*' comes back as it is.
std::vector<Match> matches_of(Sysroot& root, const std::string& pattern) {
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos) return {{pattern, ""}};
    const std::size_t part = pattern.rfind('/', star) + 1;
    const std::size_t end = std::min(pattern.find('/', star), pattern.size());
    const std::string front = pattern.substr(part, star - part);
    const std::string back = pattern.substr(star + 1, end - star - 1);
    const std::string folder = part <= 1 ? "/" : pattern.substr(0, part - 1);
    std::vector<Match> matches;
    for (const std::string& name : root.names(folder)) {
        if (name.size() < front.size() + back.size()) continue;
        if (!name.starts_with(front) || !name.ends_with(back) || !manifests::is_utf8(name)) continue;
        matches.push_back({pattern.substr(0, part) + name + pattern.substr(end),
                           name.substr(front.size(), name.size() - front.size() - back.size())});
    }
    return matches;
}

// "-25.04" behind "dtk" is 25.04; "" (a link to the newest) says nothing.
std::optional<std::string> version_in_name(std::string_view star) {
    if (star.empty() || (star[0] != '-' && star[0] != '_')) return std::nullopt;
    return version_in(star.substr(1), "");
}

std::optional<std::string> version_at(Sysroot& root, const VersionPlace& place, const Match& match) {
    if (place.says == VersionPlace::Says::in_file) {
        const auto text = root.text(match.path);
        if (!text) return std::nullopt;
        auto version = version_in(*text, place.key);
        if (!version) root.add_unreadable(match.path);
        return version;
    }
    if (!root.node(match.path)) return std::nullopt;
    if (place.says == VersionPlace::Says::in_name && !match.star.empty()) {
        if (auto version = version_in_name(match.star)) return version;
    }
    return std::nullopt;
}

bool is_listed(const std::vector<SoftwareFound>& list, const SoftwareFound& one) {
    return std::any_of(list.begin(), list.end(), [&](const SoftwareFound& other) {
        const bool same_thing = other.kind == one.kind && other.name == one.name;
        return same_thing && (other.version == one.version || other.path == one.path);
    });
}

bool is_found(const std::vector<SoftwareFound>& list, const VersionPlace& place) {
    return std::any_of(list.begin(), list.end(), [&](const SoftwareFound& other) {
        return other.kind == place.kind && other.name == place.name;
    });
}

// Where Huawei's installer says that it put something; its own default where it says nothing.
std::string ascend_prefix(const std::string& install_info, std::string_view key) {
    std::string prefix = value_of(install_info, key).value_or("");
    const bool usable = prefix.starts_with('/') && prefix.find('*') == std::string::npos &&
                        manifests::is_utf8(prefix) && prefix.size() < 256;
    return usable ? prefix : "/usr/local/Ascend";
}

} // namespace

void probe_versions(Sysroot& root, const std::vector<VersionPlace>& more, manifests::Machine& machine) {
    const std::string info = root.text("/etc/ascend_install.info").value_or("");
    std::vector<VersionPlace> places = built_in_version_places(
        ascend_prefix(info, "Driver_Install_Path_Param"), ascend_prefix(info, "Firmware_Install_Path_Param"));
    places.insert(places.end(), more.begin(), more.end());
    std::vector<SoftwareFound>& list = machine.software;
    for (const VersionPlace& place : places) {
        for (const Match& match : matches_of(root, place.path)) {
            const auto version = version_at(root, place, match);
            if (!version) continue;
            SoftwareFound found{place.kind, place.name, *version, manifests::escaped(match.path, 4096)};
            if (!is_listed(list, found)) list.push_back(std::move(found));
        }
    }
    // Something is there, and no place said which version: that is unknown, not absent.
    for (const VersionPlace& place : places) {
        if (place.says == VersionPlace::Says::in_file || is_found(list, place)) continue;
        for (const Match& match : matches_of(root, place.path)) {
            if (root.node(match.path)) root.add_unreadable(match.path);
        }
    }
    std::sort(list.begin(), list.end(), [](const SoftwareFound& a, const SoftwareFound& b) {
        return std::tie(a.kind, a.name, a.path) < std::tie(b.kind, b.name, b.path);
    });
}

} // namespace runtime
