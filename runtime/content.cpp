#include "runtime/content.hpp"

#include <optional>
#include <set>
#include <vector>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/workers.hpp"

namespace runtime {

using manifests::BundleFile;
using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::Finding;
using manifests::Report;

void read_pieces(const BlobAt& blob,
                 const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece) {
    thread_local std::vector<char> buffer(read_unit_bytes);
    for (std::uint64_t done = 0; done < blob.size_bytes;) {
        const std::uint64_t left = blob.size_bytes - done;
        const std::size_t want = left < read_unit_bytes ? static_cast<std::size_t>(left) : read_unit_bytes;
        const std::size_t got = read_at(*blob.file, buffer.data(), want, blob.offset + done, blob.where);
        if (got < want) {
            throw Error(Fault::damaged, Code::format_truncated,
                        manifests::in_quotes(blob.where) + " ends after " + std::to_string(done + got) +
                            " bytes, wanted " + std::to_string(blob.size_bytes));
        }
        on_piece(buffer.data(), got, done);
        done += got;
    }
}

void read_proven(const BlobAt& blob, const Digest& wanted,
                 const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece) {
    manifests::Hasher hasher;
    read_pieces(blob, [&](const char* data, std::size_t length_bytes, std::uint64_t offset) {
        hasher.update(data, length_bytes);
        on_piece(data, length_bytes, offset);
    });
    const Digest found = hasher.finish();
    if (found == wanted) return;
    throw Error(Fault::damaged, Code::content_digest,
                manifests::escaped(blob.where) + ": found " + found.text() + ", wanted " + wanted.text())
        .hint("take this file, or the whole bundle, from another copy");
}

Digest hash_blob(const BlobAt& blob, const OnBytes& on_bytes) {
    manifests::Hasher hasher;
    read_pieces(blob, [&](const char* data, std::size_t length_bytes, std::uint64_t) {
        hasher.update(data, length_bytes);
        if (on_bytes) on_bytes(length_bytes);
    });
    return hasher.finish();
}

namespace {

struct ToRead {
    const BundleFile* file;
    std::optional<BlobAt> held;
};

// In a bundle equal files share one blob, so one read proves them all; in a generation each has its own
// bytes.
std::vector<ToRead> files_to_read(const Bundle& bundle, const Held& held) {
    std::vector<ToRead> files;
    const bool each = bundle.form() == Bundle::Form::generation;
    std::set<const BundleFile*> representatives;
    for (const manifests::LayoutItem& item : bundle.items())
        representatives.insert(item.file);
    for (const BundleFile& file : bundle.document().files) {
        const auto mine = held.find(file.path);
        if (mine != held.end()) {
            files.push_back({&file, mine->second});
        } else if (each || representatives.contains(&file)) {
            files.push_back({&file, std::nullopt});
        }
    }
    return files;
}

} // namespace

Report check_content(const Bundle& bundle, unsigned jobs, const OnBytes& on_bytes, const Held& held) {
    const std::vector<ToRead> files = files_to_read(bundle, held);
    std::vector<std::vector<Finding>> found(
        files.size()); // by index, so the order does not depend on threads
    for_each_index(files.size(), jobs, [&](std::size_t i) {
        const BundleFile& file = *files[i].file;
        try {
            const Digest digest = hash_blob(files[i].held ? *files[i].held : bundle.locate(file), on_bytes);
            if (digest == file.digest) return;
            found[i].push_back({Code::content_digest, file.path.text(),
                                "found " + digest.text() + ", wanted " + file.digest.text(),
                                "take this file, or the whole bundle, from another copy"});
        } catch (const Error& error) {
            found[i].push_back(finding_of(error, file.path.text()));
        }
    });
    Report report;
    for (std::vector<Finding>& list : found) {
        for (Finding& finding : list)
            report.add(std::move(finding));
    }
    return report;
}

std::uint64_t content_bytes(const Bundle& bundle) {
    std::uint64_t total = 0;
    for (const ToRead& one : files_to_read(bundle, {}))
        total += one.file->size_bytes;
    return total;
}

Finding finding_of(const Error& error, const std::string& where) {
    if (error.fault() != Fault::damaged) throw error;
    return {error.code().value_or(Code::format_document), where, error.what(), error.hint()};
}

} // namespace runtime
