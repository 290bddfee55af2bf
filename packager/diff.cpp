#include "packager/diff.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "packager/document_facts.hpp"

namespace packager {
namespace {

using manifests::BundleDocument;
using manifests::BundleFile;
using manifests::Error;
using manifests::Fault;
using manifests::Json;
using manifests::Role;

bool is_same_entry(const BundleFile& a, const BundleFile& b) {
    return a.role == b.role && a.mode == b.mode && a.size_bytes == b.size_bytes && a.digest == b.digest;
}

// Turns a removal and an addition of the same content in the same role into one renaming; of several, the
// first with the first.
void join_renamed(std::vector<FileChange>& changes) {
    const auto file_of = [](const FileChange* change) -> const BundleFile& {
        return change->before != nullptr ? *change->before : *change->after;
    };
    const auto is_before = [&](const FileChange* a, const FileChange* b) {
        return std::tie(file_of(a).digest, file_of(a).role) < std::tie(file_of(b).digest, file_of(b).role);
    };
    std::vector<FileChange*> removed, added;
    for (FileChange& change : changes) {
        if (change.kind == FileChange::Kind::removed) removed.push_back(&change);
        if (change.kind == FileChange::Kind::added) added.push_back(&change);
    }
    std::stable_sort(removed.begin(), removed.end(), is_before);
    std::stable_sort(added.begin(), added.end(), is_before);
    auto addition = added.begin();
    for (FileChange* removal : removed) {
        while (addition != added.end() && is_before(*addition, removal))
            ++addition;
        if (addition == added.end()) break;
        if (is_before(removal, *addition)) continue;
        removal->kind = FileChange::Kind::renamed;
        removal->after = std::exchange((*addition++)->after, nullptr); // leaves an entry that says nothing
    }
    std::erase_if(changes, [](const FileChange& change) { return !change.before && !change.after; });
}

std::vector<FileChange> diff_file_lists(const BundleDocument& a, const BundleDocument& b) {
    std::vector<FileChange> changes;
    for (const BundleFile& file : a.files) {
        const BundleFile* other = b.find(file.path);
        if (other == nullptr) {
            changes.push_back({FileChange::Kind::removed, &file, nullptr});
        } else if (!is_same_entry(file, *other)) {
            changes.push_back({FileChange::Kind::changed, &file, other});
        }
    }
    for (const BundleFile& file : b.files) {
        if (a.find(file.path) == nullptr) changes.push_back({FileChange::Kind::added, nullptr, &file});
    }
    join_renamed(changes);
    return changes;
}

bool has_other_bytes(const FileChange& change) {
    return change.kind == FileChange::Kind::changed && change.before->digest != change.after->digest;
}

std::vector<FilePair> changed_weights(const runtime::Bundle& a, const runtime::Bundle& b,
                                      const std::vector<FileChange>& changes) {
    std::vector<FilePair> pairs;
    for (const FileChange& change : changes) {
        if (!has_other_bytes(change)) continue;
        if (change.before->role != Role::weights || change.after->role != Role::weights) continue;
        pairs.push_back({change.before->path.text(), a.locate(*change.before), b.locate(*change.after)});
    }
    return pairs;
}

const manifests::KernelEntry* find_kernel(const BundleDocument& document, const manifests::BundlePath& path) {
    const auto found = std::find_if(document.kernels.begin(), document.kernels.end(),
                                    [&](const auto& kernel) { return kernel.path == path; });
    return found == document.kernels.end() ? nullptr : &*found;
}

KernelChange compare_kernel(const BundleDocument& a, const BundleDocument& b,
                            const manifests::BundlePath& path) {
    KernelChange change{.path = path.text()};
    const manifests::KernelEntry* before = find_kernel(a, path);
    const manifests::KernelEntry* after = find_kernel(b, path);
    change.in_a = before != nullptr;
    change.in_b = after != nullptr;
    if (before != nullptr) {
        change.features_a = before->requires_features;
        change.fits_a = fitting_paths(a, *before);
        change.format_a = before->format;
        change.targets_a = target_lines(*before);
    }
    if (after != nullptr) {
        change.features_b = after->requires_features;
        change.fits_b = fitting_paths(b, *after);
        change.format_b = after->format;
        change.targets_b = target_lines(*after);
    }
    if (change.in_a && change.in_b) change.other_bytes = a.find(path)->digest != b.find(path)->digest;
    return change;
}

bool says_nothing(const KernelChange& change) {
    return change.in_a && change.in_b && !change.other_bytes && change.features_a == change.features_b &&
           change.fits_a == change.fits_b && change.format_a == change.format_b &&
           change.targets_a == change.targets_b;
}

std::vector<KernelChange> diff_kernels(const BundleDocument& a, const BundleDocument& b) {
    std::vector<manifests::BundlePath> paths;
    for (const BundleDocument* document : {&a, &b}) {
        for (const manifests::KernelEntry& kernel : document->kernels)
            paths.push_back(kernel.path);
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    std::vector<KernelChange> changes;
    for (const manifests::BundlePath& path : paths) {
        KernelChange change = compare_kernel(a, b, path);
        if (!says_nothing(change)) changes.push_back(std::move(change));
    }
    return changes;
}

// Configuration of other people: fractions, and vocabularies with 150,000 members.
Json read_config(const runtime::Bundle& bundle, const BundleFile& file) {
    constexpr std::uint64_t most_bytes = 64ULL << 20;
    const std::string bytes = runtime::read_blob(bundle.locate(file), most_bytes);
    if (manifests::Digest::of(bytes) != file.digest) {
        throw Error(Fault::damaged, manifests::Code::content_digest, "is not what the document says")
            .in(bundle.path());
    }
    return manifests::read_json(bytes, {.most_bytes = most_bytes,
                                        .most_depth = 32,
                                        .most_members = 2'000'000,
                                        .comments = false,
                                        .floats = true});
}

DocumentDiff diff_config(const runtime::Bundle& a, const runtime::Bundle& b, const FileChange& change) {
    DocumentDiff diff{.where = change.before->path.text(), .changes = {}, .reason = {}};
    try {
        diff.changes = diff_json(read_config(a, *change.before), read_config(b, *change.after));
        if (diff.changes.empty()) diff.reason = "the same values, written differently";
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        diff.reason = error.what();
    }
    return diff;
}

std::vector<DocumentDiff> diff_configs(const runtime::Bundle& a, const runtime::Bundle& b,
                                       const std::vector<FileChange>& changes) {
    const auto is_config = [](const BundleFile& file) {
        return (file.role == Role::config || file.role == Role::model_config) &&
               file.path.text().ends_with(".json");
    };
    std::vector<DocumentDiff> diffs;
    for (const FileChange& change : changes) {
        if (has_other_bytes(change) && is_config(*change.before) && is_config(*change.after))
            diffs.push_back(diff_config(a, b, change));
    }
    return diffs;
}

std::vector<ReferenceChange> diff_references(const BundleDocument& a, const BundleDocument& b) {
    std::vector<ReferenceChange> changes;
    const auto compare = [&](const char* what, const manifests::DocumentReference& before,
                             const manifests::DocumentReference& after) {
        if (before.digest != after.digest) changes.push_back({what, before.digest, after.digest});
    };
    compare("profile", a.profile, b.profile);
    compare("software BOM", a.software_bom, b.software_bom);
    compare("hardware BOM", a.hardware_bom, b.hardware_bom);
    return changes;
}

std::vector<std::string> key_ids(const runtime::Bundle& bundle) {
    std::vector<std::string> ids;
    for (const std::string& bytes : bundle.carried().envelopes) {
        try {
            for (const auto& signature : manifests::Envelope::parse(bytes).signatures)
                ids.push_back(signature.key_id.empty() ? "(a key without id)" : signature.key_id);
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            ids.emplace_back("(an envelope that cannot be read)");
        }
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end()); // one key signs several statements
    return ids;
}

SignatureDiff diff_signatures(const runtime::Bundle& a, const runtime::Bundle& b) {
    std::vector<std::string> before = a.carried().envelopes;
    std::vector<std::string> after = b.carried().envelopes;
    std::sort(before.begin(), before.end());
    std::sort(after.begin(), after.end());
    return {key_ids(a), key_ids(b), before == after};
}

std::vector<RoleSizes> diff_sizes(const BundleDocument& a, const BundleDocument& b) {
    std::vector<RoleSizes> sizes;
    for (const Role role :
         {Role::weights, Role::model_config, Role::kernel, Role::engine, Role::config, Role::doc}) {
        RoleSizes of_role{.role = role};
        for (const BundleFile& file : a.files) {
            if (file.role == role) ++of_role.files_a, of_role.bytes_a += file.size_bytes;
        }
        for (const BundleFile& file : b.files) {
            if (file.role == role) ++of_role.files_b, of_role.bytes_b += file.size_bytes;
        }
        if (of_role.files_a + of_role.files_b > 0) sizes.push_back(of_role);
    }
    return sizes;
}

} // namespace

BundleDiff diff_bundles(const runtime::Bundle& a, const runtime::Bundle& b, const DiffRequest& request) {
    const BundleDocument& before = a.document();
    const BundleDocument& after = b.document();
    BundleDiff diff{.digest_a = a.digest(), .digest_b = b.digest()};
    diff.identity = diff_json(identity_of(before), identity_of(after));
    diff.files = diff_file_lists(before, after);
    diff.weights =
        diff_files(changed_weights(a, b, diff.files), request.content, request.jobs, request.on_start);
    diff.kernels = diff_kernels(before, after);
    diff.runtime = diff_json(runtime_of(before), runtime_of(after));
    diff.config = diff_configs(a, b, diff.files);
    diff.requirements =
        diff_json(requirements_of(before, a.carried().profile), requirements_of(after, b.carried().profile));
    diff.documents = diff_references(before, after);
    diff.signatures = diff_signatures(a, b);
    diff.sizes = diff_sizes(before, after);
    return diff;
}

std::string_view name_of(FileChange::Kind kind) {
    switch (kind) {
    case FileChange::Kind::added:
        return "added";
    case FileChange::Kind::removed:
        return "removed";
    case FileChange::Kind::renamed:
        return "renamed";
    case FileChange::Kind::changed:
        return "changed";
    }
    return "changed";
}

} // namespace packager
