#include "runtime/verify_record.hpp"

#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/site.hpp"

namespace runtime {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

// Everything that changes when a file changes, of every file that will be read.
manifests::Digest identity_of(const Bundle& bundle, const std::vector<ContentJob>& jobs) {
    manifests::Hasher hasher;
    for (const ContentJob& job : jobs) {
        const BlobAt blob = bundle.locate(*job.file);
        struct stat status {};
        if (::fstat(blob.file->get(), &status) != 0) throw_errno("cannot look at", blob.where);
        std::string text;
        const auto add = [&](auto value) { text += std::to_string(value) + " "; };
        add(status.st_dev);
        add(status.st_ino);
        add(status.st_size);
        add(status.st_mtim.tv_sec);
        add(status.st_mtim.tv_nsec);
        add(status.st_ctim.tv_sec);
        add(status.st_ctim.tv_nsec);
        hasher.update(text.data(), text.size());
    }
    return hasher.finish();
}

void refuse_foreign(const FileDescriptor& file, const std::string& path) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw_errno("cannot look at", path);
    constexpr mode_t writable_by_others = 022;
    const bool mine = status.st_uid == ::geteuid() && (status.st_mode & writable_by_others) == 0;
    if (S_ISREG(status.st_mode) && mine) return;
    throw Error(Fault::refused, in_quotes(path) + " can be written to by others, so it proves nothing")
        .hint("remove it, or name another place with --record");
}

} // namespace

VerifyRecord::VerifyRecord(const std::string& path, const Bundle& bundle, const std::vector<ContentJob>& jobs,
                           Proof proof)
    : path_(path), done_(unit_count(jobs, proof)) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) make_folders(folder.string());
    file_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file_) throw_errno("cannot open the record", path);
    refuse_foreign(file_, path);
    const std::string title = "sealift.verify-record/1 " + bundle.digest().text() + " " +
                              identity_of(bundle, jobs).text() +
                              (proof == Proof::tree ? " tree" : " tree and flat") + "\n";
    std::string text(static_cast<std::size_t>(facts_of(file_, path).size_bytes), '\0');
    text.resize(read_at(file_, text.data(), text.size(), 0, path)); // the very file that was looked at
    load(text, title);
}

void VerifyRecord::load(const std::string& text, const std::string& title) {
    if (!text.starts_with(title)) { // new, or about something else
        if (::ftruncate(file_.get(), 0) != 0) throw_errno("cannot empty", path_);
        write_all(file_, title.data(), title.size(), path_);
        return;
    }
    std::size_t from = title.size();
    for (std::size_t end = text.find('\n', from); end != std::string::npos; end = text.find('\n', from)) {
        const std::string line = text.substr(from, end - from); // one that was cut short has no end
        from = end + 1;
        const bool number =
            !line.empty() && line.size() < 16 && line.find_first_not_of("0123456789") == std::string::npos;
        if (number && std::stoull(line) < done_.size())
            done_[static_cast<std::size_t>(std::stoull(line))] = true;
    }
    const std::string fresh_line = "\n";
    write_all(file_, fresh_line.data(), fresh_line.size(), path_);
}

void VerifyRecord::add(std::size_t unit) {
    const std::string line = std::to_string(unit) + "\n";
    const std::lock_guard lock(mutex_);
    write_all(file_, line.data(), line.size(), path_);
}

void VerifyRecord::remove() {
    ::unlink(path_.c_str());
}

std::string usual_record_path(const std::string& bundle_path) {
    const char* const state = std::getenv("XDG_STATE_HOME"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    const char* const home = std::getenv("HOME");            // NOLINT(concurrency-mt-unsafe)
    const bool has_state = state != nullptr && *state == '/';
    if (!has_state && (home == nullptr || *home != '/')) {
        throw Error(Fault::usage, "there is no home folder to keep the record in")
            .hint("name a place for it: --record FILE");
    }
    const std::string folder = has_state ? state : std::string(home) + "/.local/state";
    const std::string where = std::filesystem::absolute(bundle_path).lexically_normal().string();
    return folder + "/sealift/verify/" + manifests::Digest::of(where).hex().substr(0, 32);
}

} // namespace runtime
