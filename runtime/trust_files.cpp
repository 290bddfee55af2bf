#include "runtime/trust_files.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::Report;

constexpr mode_t write_for_others = 0022;
constexpr std::size_t most_digits = 18; // fits 64 bits

void add(Report& report, const std::string& path, std::string text, std::string hint) {
    report.add({Code::trust_state, path, std::move(text), std::move(hint)});
}

// Empty: fit to be read.
std::string unfit(const struct stat& status, mode_t kind) {
    if ((status.st_mode & S_IFMT) != kind)
        return kind == S_IFDIR ? "it is no folder" : "it is no regular file";
    if ((status.st_mode & write_for_others) != 0) return "others than its owner may write to it";
    return {};
}

std::string read_all(const FileDescriptor& file, std::uint64_t size_bytes, const std::string& path) {
    std::string bytes(size_bytes, '\0');
    bytes.resize(read_at(file, bytes.data(), bytes.size(), 0, path));
    return bytes;
}

std::optional<std::uint64_t> number_of(const std::string& text, std::size_t digits) {
    if (text.size() < digits || text.size() > most_digits) return std::nullopt;
    if (text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    if (text.size() > digits && text.front() == '0') return std::nullopt;
    return std::stoull(text);
}

} // namespace

std::optional<std::string> read_trust_file(const std::string& path, std::uint64_t most_bytes,
                                           Report& report) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!file && errno == ELOOP) {
        add(report, path, "it is a symbolic link", "put the file itself there");
        return std::nullopt;
    }
    if (!file) throw_errno("cannot open", path);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw_errno("cannot look at", path);
    const std::string problem = unfit(status, S_IFREG);
    const auto size_bytes = static_cast<std::uint64_t>(status.st_size);
    if (!problem.empty()) {
        add(report, path, problem, "find out who could change it before you trust it again");
    } else if (size_bytes > most_bytes) {
        add(report, path,
            "it has " + std::to_string(size_bytes) + " bytes, at most " + std::to_string(most_bytes) +
                " are allowed",
            "");
    } else {
        return read_all(file, size_bytes, path);
    }
    return std::nullopt;
}

bool check_trust_folder(const std::string& path, Report& report) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno != ENOENT) throw_errno("cannot look at", path);
        add(report, path, "the folder is missing", "");
        return false;
    }
    const std::string problem = unfit(status, S_IFDIR);
    if (problem.empty()) return true;
    add(report, path, problem, "find out who could change what is in it before you trust it again");
    return false;
}

std::string numbered_name(const std::string& prefix, std::uint64_t number, const std::string& suffix,
                          std::size_t digits) {
    std::string text = std::to_string(number);
    if (text.size() < digits) text.insert(0, digits - text.size(), '0');
    return prefix + text + suffix;
}

std::vector<NumberedFile> numbered_files(const std::string& folder, const std::string& prefix,
                                         const std::string& suffix, std::size_t digits, Report& report) {
    std::vector<NumberedFile> files;
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.') || !name.starts_with(prefix)) continue; // half-written, or something else
        std::string middle = name.substr(prefix.size());
        if (middle.ends_with(suffix)) middle.resize(middle.size() - suffix.size());
        const auto number = number_of(middle, digits);
        if (number && name == numbered_name(prefix, *number, suffix, digits)) {
            files.push_back({*number, entry.path().string()});
        } else {
            add(report, entry.path().string(), "no file of this name belongs here",
                "move it away: copies are kept elsewhere");
        }
    }
    if (problem)
        throw Error(Fault::io, "cannot list " + manifests::in_quotes(folder) + ": " + problem.message());
    std::sort(files.begin(), files.end(),
              [](const NumberedFile& a, const NumberedFile& b) { return a.number < b.number; });
    return files;
}

} // namespace runtime
