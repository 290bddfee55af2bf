#include "packager/diff_output.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "packager/document_facts.hpp"

namespace packager {
namespace {

using manifests::BundleFile;
using manifests::count_text;
using manifests::size_text;

using Cells = runtime::StreamedTable::Cells;

class Rows {
public:
    explicit Rows(const TakeRow& take) : take_(take) {}
    void row(std::vector<std::string> row, Cells cells = Cells::raw) {
        row.resize(columns);
        take_(std::move(row), cells);
    }
    /// What an Error said, which is escaped already.
    void reason(const char* section, const char* what, const std::string& path, const std::string& reason) {
        row({section, what, manifests::escaped(path) + ": " + reason}, Cells::safe);
    }
    static constexpr std::size_t columns = 5;

private:
    const TakeRow& take_;
};

// Enough of a digest to tell two apart; JSON has all of it.
std::string short_digest(const manifests::Digest& digest) {
    return digest.hex().substr(0, 12);
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts)
        all += (all.empty() ? "" : " ") + text;
    return all;
}

void add_json_changes(Rows& rows, const std::string& section, const std::string& where,
                      const JsonDiff& diff) {
    for (const JsonChange& change : diff.changes) {
        const char* what = !change.before ? "added" : !change.after ? "removed" : "changed";
        const std::string pointer = change.pointer.empty() ? "(all of it)" : change.pointer;
        rows.row({section, what, where + (where.empty() ? "" : " ") + pointer, change.before.value_or(""),
                  change.after.value_or("")});
    }
    if (diff.more > 0) rows.row({section, "changed", where + " and " + count_text(diff.more) + " more"});
}

// What of a changed file is worth a column: only that which is not the same on both sides.
std::string describe(const BundleFile& file, const BundleFile& other) {
    std::string text;
    if (file.role != other.role || file.mode != other.mode) text += role_and_mode(file) + " ";
    if (file.size_bytes != other.size_bytes) text += count_text(file.size_bytes) + " bytes ";
    if (file.digest != other.digest) text += "sha256:" + short_digest(file.digest);
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string describe(const BundleFile& file) {
    return role_and_mode(file) + " " + size_text(file.size_bytes) + " sha256:" + short_digest(file.digest);
}

void add_files(Rows& rows, const BundleDiff& diff) {
    for (const FileChange& change : diff.files) {
        const std::string what(name_of(change.kind));
        switch (change.kind) {
        case FileChange::Kind::added:
            rows.row({"file", what, change.after->path.text(), "", describe(*change.after)});
            break;
        case FileChange::Kind::removed:
            rows.row({"file", what, change.before->path.text(), describe(*change.before), ""});
            break;
        case FileChange::Kind::renamed:
            rows.row({"file", what, change.before->path.text() + " to " + change.after->path.text()});
            break;
        case FileChange::Kind::changed:
            rows.row({"file", what, change.before->path.text(), describe(*change.before, *change.after),
                      describe(*change.after, *change.before)});
            break;
        }
    }
}

void add_tensor(Rows& rows, const std::string& path, const TensorChange& change) {
    const std::string& name = change.before ? change.before->name : change.after->name;
    const std::string where = path + ": " + name;
    if (change.kind == TensorChange::Kind::bytes) {
        rows.row({"tensor", "bytes", where + ", from its byte " + count_text(change.at) + " on",
                  "byte " + count_text(change.before->offset + change.at),
                  "byte " + count_text(change.after->offset + change.at)});
        return;
    }
    const char* what = change.kind == TensorChange::Kind::described ? "changed"
                       : change.before                              ? "removed"
                                                                    : "added";
    rows.row({"tensor", what, where, change.before ? description_of(*change.before) : "",
              change.after ? description_of(*change.after) : ""});
}

void add_weights(Rows& rows, const FileDiff& diff) {
    for (const TensorChange& change : diff.changes)
        add_tensor(rows, diff.path, change);
    if (!diff.reason.empty()) rows.reason("tensor", "not listed", diff.path, diff.reason);
    if (diff.other_byte) {
        const std::string byte = "byte " + count_text(*diff.other_byte);
        rows.row({"weights", diff.format.empty() ? "bytes" : "no tensor", diff.path, byte, byte});
    } else if (!diff.format.empty() && diff.changes.empty() && !diff.content_compared) {
        rows.row({"tensor", "not read", diff.path + ": types and shapes are the same"});
    } else if (diff.changes.empty() && !diff.same_bytes && diff.content_compared) {
        rows.row({"weights", "length", diff.path, count_text(diff.size_a), count_text(diff.size_b)});
    }
    if (diff.same_bytes) // although the digests differ
        rows.row({"weights", "damaged", diff.path + ": the same bytes under two digests"});
}

void add_kernels(Rows& rows, const BundleDiff& diff) {
    for (const KernelChange& change : diff.kernels) {
        if (!change.in_a || !change.in_b) {
            rows.row({"kernel", change.in_a ? "removed" : "added", change.path, joined(change.features_a),
                      joined(change.features_b)});
            continue;
        }
        if (change.other_bytes) rows.row({"kernel", "bytes", change.path});
        if (change.features_a != change.features_b)
            rows.row(
                {"kernel", "features", change.path, joined(change.features_a), joined(change.features_b)});
        if (change.fits_a != change.fits_b)
            rows.row({"kernel", "fits", change.path, joined(change.fits_a), joined(change.fits_b)});
        if (change.format_a != change.format_b)
            rows.row({"kernel", "format", change.path, change.format_a, change.format_b});
        if (change.targets_a != change.targets_b)
            rows.row({"kernel", "chips", change.path, joined(change.targets_a), joined(change.targets_b)});
    }
}

void add_signatures(Rows& rows, const BundleDiff& bundles) {
    const SignatureDiff& diff = bundles.signatures;
    const auto lacks = [](const std::vector<std::string>& ids, const std::string& id) {
        return !std::binary_search(ids.begin(), ids.end(), id);
    };
    for (const std::string& id : diff.a) {
        if (lacks(diff.b, id)) rows.row({"signature", "removed", "claimed, not checked", id, ""});
    }
    for (const std::string& id : diff.b) {
        if (lacks(diff.a, id)) rows.row({"signature", "added", "claimed, not checked", "", id});
    }
    // Envelopes name the digest: of other bundles they have to be others.
    if (diff.a == diff.b && !diff.same && bundles.digest_a == bundles.digest_b)
        rows.row({"signature", "changed", "the same key ids, other envelopes; not checked"});
}

void add_sizes(Rows& rows, const BundleDiff& diff) {
    const auto text = [](std::uint64_t files, std::uint64_t bytes) {
        return count_text(files) + (files == 1 ? " file " : " files ") + count_text(bytes) + " bytes";
    };
    std::uint64_t total_a = 0, total_b = 0, files_a = 0, files_b = 0;
    for (const RoleSizes& role : diff.sizes) {
        total_a += role.bytes_a, total_b += role.bytes_b;
        files_a += role.files_a, files_b += role.files_b;
        if (role.bytes_a != role.bytes_b || role.files_a != role.files_b)
            rows.row({"size", "changed", std::string(name_of(role.role)), text(role.files_a, role.bytes_a),
                      text(role.files_b, role.bytes_b)});
    }
    if (total_a != total_b || files_a != files_b)
        rows.row({"size", "changed", "all files", text(files_a, total_a), text(files_b, total_b)});
}

} // namespace

std::string description_of(const Tensor& tensor) {
    std::string text = tensor.type + " [";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(tensor.shape[i]);
    return text + "]";
}

void each_difference(const BundleDiff& diff, const TakeRow& take) {
    Rows rows(take);
    add_json_changes(rows, "identity", "", diff.identity);
    add_files(rows, diff);
    for (const FileDiff& file : diff.weights)
        add_weights(rows, file);
    add_kernels(rows, diff);
    for (const DocumentDiff& document : diff.config) {
        add_json_changes(rows, "config", document.where, document.changes);
        if (!document.reason.empty()) rows.reason("config", "no keys", document.where, document.reason);
    }
    add_json_changes(rows, "runtime", "", diff.runtime);
    add_json_changes(rows, "requirement", "", diff.requirements);
    for (const ReferenceChange& document : diff.documents)
        rows.row({"document", "changed", document.what, "sha256:" + short_digest(document.before),
                  "sha256:" + short_digest(document.after)});
    add_signatures(rows, diff);
    add_sizes(rows, diff);
}

void print_diff_table(const BundleDiff& diff) {
    runtime::StreamedTable table({"SECTION", "CHANGE", "WHERE", "A", "B"}, std::vector<bool>(Rows::columns));
    bool is_empty = true;
    each_difference(diff, [&](const std::vector<std::string>& row, Cells cells) {
        table.measure(row, cells);
        is_empty = false;
    });
    if (is_empty) return;
    each_difference(diff,
                    [&](std::vector<std::string> row, Cells cells) { table.print(std::move(row), cells); });
    table.end();
}

} // namespace packager
