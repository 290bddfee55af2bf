#include <algorithm>
#include <array>
#include <set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/probes/probes.hpp"
#include "runtime/probes/version_definitions.hpp"

namespace runtime {
namespace {

constexpr std::size_t most_folders = 64;
constexpr int deepest_include = 4;
constexpr std::size_t most_includes = 1024; // files and patterns; a real machine has some ten

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

void add_folder(std::vector<std::string>& folders, std::string_view folder) {
    const std::string text(folder);
    if (text.starts_with('/') && folders.size() < most_folders && manifests::is_utf8(text) &&
        std::find(folders.begin(), folders.end(), text) == folders.end())
        folders.push_back(text);
}

// "include ld.so.conf.d/*.conf": one '*' in the last part, which is all that is found in the field.
std::vector<std::string> included(Sysroot& root, std::string_view pattern) {
    std::string path(pattern);
    if (!path.starts_with('/')) path.insert(0, "/etc/");
    const std::size_t part = path.rfind('/') + 1;
    const std::size_t star = path.find('*', part);
    if (star == std::string::npos) return {path};
    const std::string front = path.substr(part, star - part);
    const std::string back = path.substr(star + 1);
    std::vector<std::string> files;
    for (const std::string& name : root.names(path.substr(0, part - 1))) {
        const bool fits =
            name.size() >= front.size() + back.size() && name.starts_with(front) && name.ends_with(back);
        if (fits && manifests::is_utf8(name)) files.push_back(path.substr(0, part) + name);
    }
    return files;
}

// Files that include each other, or themselves a thousand times, are read once.
bool is_new(std::set<std::string>& seen, const std::string& what) {
    return seen.size() < most_includes && seen.insert(what).second;
}

void add_configured(Sysroot& root, const std::string& path, int depth, std::set<std::string>& seen,
                    std::vector<std::string>& folders) {
    if (depth >= deepest_include || !is_new(seen, path)) return;
    const auto text = root.text(path);
    if (!text) return;
    std::string_view rest = *text;
    while (!rest.empty()) {
        const std::string_view whole = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(whole.size() + 1, rest.size()));
        const std::string_view line = trimmed(whole.substr(0, whole.find('#')));
        if (line.starts_with("include ") || line.starts_with("include\t")) {
            if (!is_new(seen, std::string(line))) continue; // with the word before it, so it is no path
            for (const std::string& file : included(root, trimmed(line.substr(8))))
                add_configured(root, file, depth + 1, seen, folders);
        } else {
            add_folder(folders, line);
        }
    }
}

// In the order of the dynamic linker (ld.so(8), ldconfig(8)): configured folders, then its own.
std::vector<std::string> library_folders(Sysroot& root) {
    std::vector<std::string> folders;
    std::set<std::string> seen;
    add_configured(root, "/etc/ld.so.conf", 0, seen, folders);
    constexpr std::array own{"/lib64", "/usr/lib64", "/lib", "/usr/lib"};
    constexpr std::array multiarch{"x86_64-linux-gnu", "aarch64-linux-gnu", "loongarch64-linux-gnu"};
    for (const char* folder : own)
        add_folder(folders, folder);
    for (const char* name : multiarch) { // Debian's linker knows these by itself
        add_folder(folders, std::string("/lib/") + name);
        add_folder(folders, std::string("/usr/lib/") + name);
    }
    return folders;
}

std::optional<VersionDefinitions> definitions_at(Sysroot& root, const std::string& path) {
    const FileDescriptor file = root.file(path);
    if (!file) return std::nullopt;
    const auto read_part = [&](std::uint64_t offset, std::size_t length) {
        std::string part(length, '\0');
        part.resize(read_at(file, part.data(), length, offset, path));
        return part;
    };
    try {
        return read_version_definitions(facts_of(file, path).size_bytes, read_part);
    } catch (const manifests::Error&) {
        return std::nullopt; // a library for 32-bit programs, or a linker script
    }
}

// @return whether this library is the one that programs of the machine get
bool add_offers(Sysroot& root, const std::string& path, const std::vector<std::string>& prefixes,
                manifests::Machine& machine) {
    const auto definitions = definitions_at(root, path);
    if (!definitions || definitions->architecture.empty()) return false;
    const std::string& wanted = machine.cpu.architecture;
    if (!wanted.empty() && definitions->architecture != wanted) return false;
    bool found = false;
    for (const std::string& prefix : prefixes) {
        const std::string version = highest_version(*definitions, prefix);
        if (version.empty()) continue;
        machine.abi.push_back({prefix, version, manifests::escaped(path, 4096)});
        found = true;
    }
    return found;
}

void probe_library(Sysroot& root, const std::vector<std::string>& folders, const std::string& name,
                   const std::vector<std::string>& prefixes, manifests::Machine& machine) {
    std::string seen;
    for (const std::string& folder : folders) {
        const std::string path = folder + "/" + name;
        if (!root.node(path)) continue;
        if (add_offers(root, path, prefixes, machine)) return;
        if (seen.empty()) seen = path;
    }
    if (!seen.empty()) root.add_unreadable(seen); // there is one, and none says what it offers
}

} // namespace

void probe_libraries(Sysroot& root, manifests::Machine& machine) {
    const std::vector<std::string> folders = library_folders(root);
    probe_library(root, folders, "libc.so.6", {"GLIBC"}, machine);
    probe_library(root, folders, "libstdc++.so.6", {"CXXABI", "GLIBCXX"}, machine);
    std::sort(machine.abi.begin(), machine.abi.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
}

} // namespace runtime
