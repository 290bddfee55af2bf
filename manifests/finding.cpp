#include "manifests/finding.hpp"

#include <algorithm>
#include <array>

namespace manifests {
namespace {

struct Row {
    Code code;
    std::string_view name;
    std::string_view meaning;
};

constexpr std::array rows{
    Row{Code::format_not_a_bundle, "SL-FORMAT-NOT-A-BUNDLE",
        "this is neither a Sealift bundle file nor a bundle folder"},
    Row{Code::format_truncated, "SL-FORMAT-TRUNCATED", "the file ends before the bundle does"},
    Row{Code::format_header, "SL-FORMAT-HEADER", "a tar header is not spelled as the format spells it"},
    Row{Code::format_entry, "SL-FORMAT-ENTRY",
        "an entry has a name, kind or place the format does not allow"},
    Row{Code::format_padding, "SL-FORMAT-PADDING", "bytes that the format fixes at zero are not zero"},
    Row{Code::format_trailing, "SL-FORMAT-TRAILING", "there are bytes after the end of the bundle"},
    Row{Code::format_duplicate, "SL-FORMAT-DUPLICATE", "a name or a member occurs twice"},
    Row{Code::format_limit, "SL-FORMAT-LIMIT", "a size, count or depth is over the format's limit"},
    Row{Code::format_json, "SL-FORMAT-JSON", "a document is not strict JSON"},
    Row{Code::format_document, "SL-FORMAT-DOCUMENT", "a document breaks the rules of its type"},
    Row{Code::layout_index, "SL-LAYOUT-INDEX",
        "index.json does not list exactly the manifests of this bundle"},
    Row{Code::layout_blob_missing, "SL-LAYOUT-BLOB-MISSING", "a blob that a manifest names is not there"},
    Row{Code::layout_blob_spare, "SL-LAYOUT-BLOB-SPARE", "a blob is there that nothing names"},
    Row{Code::layout_manifest, "SL-LAYOUT-MANIFEST", "the manifests do not make up one bundle"},
    Row{Code::layout_link, "SL-LAYOUT-LINK", "a folder form holds something that is not a regular file"},
    Row{Code::path_unclean, "SL-PATH-UNCLEAN", "a path is not clean and relative"},
    Row{Code::path_collision, "SL-PATH-COLLISION", "two paths are the same, or would be on some file system"},
    Row{Code::content_digest, "SL-CONTENT-DIGEST", "bytes do not have the digest that was promised"},
    Row{Code::content_size, "SL-CONTENT-SIZE", "bytes do not have the size that was promised"},
    Row{Code::content_chunk_table, "SL-CONTENT-CHUNK-TABLE",
        "a chunk table is not the one that belongs to its file"},
    Row{Code::content_unnamed, "SL-CONTENT-UNNAMED",
        "the bundle document and the manifests do not name the same files"},
    Row{Code::trust_unsigned, "SL-TRUST-UNSIGNED", "nobody has signed this bundle"},
    Row{Code::trust_key, "SL-TRUST-KEY", "no signature is by a key that was given"},
    Row{Code::trust_signature, "SL-TRUST-SIGNATURE", "a signature does not belong to the statement it is on"},
    Row{Code::trust_envelope, "SL-TRUST-ENVELOPE", "a signature envelope is malformed"},
    Row{Code::trust_statement, "SL-TRUST-STATEMENT", "a signed statement is about something else"},
    Row{Code::trust_policy, "SL-TRUST-POLICY", "a trust policy breaks the rules of its kind"},
    Row{Code::trust_policy_chain, "SL-TRUST-POLICY-CHAIN",
        "a trust policy does not follow from the one that is pinned"},
    Row{Code::trust_policy_expired, "SL-TRUST-POLICY-EXPIRED",
        "the newest trust policy that is known is too old"},
    Row{Code::trust_policy_old, "SL-TRUST-POLICY-OLD",
        "the release wants a newer trust policy than the one that is known"},
    Row{Code::trust_no_policy, "SL-TRUST-NO-POLICY", "this site has no trust policy, and no key was given"},
    Row{Code::trust_threshold, "SL-TRUST-THRESHOLD",
        "too few keys, or keys of too few owners, have signed for a role"},
    Row{Code::trust_algorithm, "SL-TRUST-ALGORITHM",
        "signatures of an algorithm that the policy wants are not there"},
    Row{Code::trust_missing, "SL-TRUST-MISSING", "a statement that the policy requires is not there"},
    Row{Code::trust_scope, "SL-TRUST-SCOPE", "nobody who may vouch for these files has done so"},
    Row{Code::trust_product, "SL-TRUST-PRODUCT", "the signers may not release this product"},
    Row{Code::trust_revoked, "SL-TRUST-REVOKED",
        "the policy has revoked this bundle, a file in it or a key that signed it"},
    Row{Code::trust_expired, "SL-TRUST-EXPIRED", "a signed statement is past its own end"},
    Row{Code::trust_rollback, "SL-TRUST-ROLLBACK",
        "the release is older than what this site has had or the policy allows"},
    Row{Code::trust_permit, "SL-TRUST-PERMIT", "a rollback permit does not apply here"},
    Row{Code::trust_set, "SL-TRUST-SET", "the bundle is not a member of the release set that was signed"},
    Row{Code::trust_state, "SL-TRUST-STATE", "the site's signed state is broken, missing or set back"},
    Row{Code::trust_clock, "SL-TRUST-CLOCK", "the clock is behind a time that was signed"},
    Row{Code::trust_partial, "SL-TRUST-PARTIAL",
        "only a key was given, so the rules of a trust policy were not checked"},
    Row{Code::trust_accepted_unsigned, "SL-TRUST-ACCEPTED-UNSIGNED",
        "an unsigned bundle was let through by --insecure-allow-unsigned"},
    Row{Code::model_format, "SL-MODEL-FORMAT", "a weight file breaks the rules of its format"},
    Row{Code::model_shards, "SL-MODEL-SHARDS", "the parts of a model and its index do not belong together"},
    Row{Code::model_pickle, "SL-MODEL-PICKLE", "a file can hold a pickle, which runs code when it is loaded"},
    Row{Code::model_code, "SL-MODEL-CODE", "the model brings code of its own"},
    Row{Code::fit_architecture, "SL-FIT-ARCHITECTURE", "this is another processor architecture"},
    Row{Code::fit_cpu, "SL-FIT-CPU", "this is another processor than the target"},
    Row{Code::fit_features, "SL-FIT-FEATURES", "the processor or its operating system lacks instructions"},
    Row{Code::fit_memory, "SL-FIT-MEMORY", "there is too little memory"},
    Row{Code::fit_accelerator, "SL-FIT-ACCELERATOR", "the accelerators are not those of the target"},
    Row{Code::fit_device_memory, "SL-FIT-DEVICE-MEMORY",
        "the model does not fit into the memory of the devices"},
    Row{Code::fit_device_node, "SL-FIT-DEVICE-NODE", "a device node is missing or may not be opened"},
    Row{Code::fit_driver, "SL-FIT-DRIVER", "a driver, firmware or toolkit version is outside its range"},
    Row{Code::fit_set, "SL-FIT-SET", "these versions were not validated together"},
    Row{Code::fit_types, "SL-FIT-TYPES", "the weights have a number type that the chip does not compute"},
    Row{Code::fit_abi, "SL-FIT-ABI", "a binary needs newer system libraries than the host has"},
    Row{Code::fit_mode, "SL-FIT-MODE", "a file would have another mode than the engine insists on"},
    Row{Code::fit_kernel, "SL-FIT-KERNEL", "a kernel binary is not made for the target"},
    Row{Code::fit_host, "SL-FIT-HOST", "the host's operating system or kernel is outside its range"},
    Row{Code::site_space, "SL-SITE-SPACE", "there is too little free space"},
    Row{Code::site_state, "SL-SITE-STATE", "the site is not in the state that this needs"},
    Row{Code::boot_start, "SL-BOOT-START", "the engine did not start or stopped by itself"},
    Row{Code::boot_ready, "SL-BOOT-READY", "the engine was not ready in time"},
    Row{Code::boot_device, "SL-BOOT-DEVICE", "the engine does not run on what the bundle names"},
    Row{Code::boot_answer, "SL-BOOT-ANSWER", "the engine's answer is not the known answer"},
};

const Row& row_of(Code code) {
    return *std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.code == code; });
}

} // namespace

std::string_view name_of(Code code) {
    return row_of(code).name;
}
std::string_view meaning_of(Code code) {
    return row_of(code).meaning;
}

std::optional<Code> code_named(std::string_view name) {
    for (const Row& row : rows) {
        if (row.name == name) return row.code;
    }
    return std::nullopt;
}

const std::vector<Code>& all_codes() {
    static const std::vector<Code> codes = [] {
        std::vector<Code> list;
        for (const Row& row : rows)
            list.push_back(row.code);
        return list;
    }();
    return codes;
}

void Report::add(Finding finding) {
    findings_.push_back(std::move(finding));
}

void Report::merge(Report other) {
    for (Finding& finding : other.findings_)
        findings_.push_back(std::move(finding));
}

bool Report::passed() const noexcept {
    return std::all_of(findings_.begin(), findings_.end(),
                       [](const Finding& finding) { return finding.severity == Severity::note; });
}

bool Report::has(Code code) const noexcept {
    return std::any_of(findings_.begin(), findings_.end(),
                       [&](const Finding& finding) { return finding.code == code; });
}

} // namespace manifests
