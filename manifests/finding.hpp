#pragma once
// Findings: the answers that are "no", each with a code that never changes its meaning. Scripts and auditors
// compare codes, people read texts; the table below is the only place where a code is spelled.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manifests {

/// Add a code here and one row in finding.cpp; a test holds that both agree and that no row is lost.
enum class Code {
    format_not_a_bundle,
    format_truncated,
    format_header,
    format_entry,
    format_padding,
    format_trailing,
    format_duplicate,
    format_limit,
    format_json,
    format_document,
    layout_index,
    layout_blob_missing,
    layout_blob_spare,
    layout_manifest,
    layout_link,
    path_unclean,
    path_collision,
    content_digest,
    content_size,
    content_chunk_table,
    content_unnamed,
    trust_unsigned,
    trust_key,
    trust_signature,
    trust_envelope,
    trust_statement,
    trust_policy,
    trust_policy_chain,
    trust_policy_expired,
    trust_policy_old,
    trust_no_policy,
    trust_threshold,
    trust_algorithm,
    trust_missing,
    trust_scope,
    trust_product,
    trust_revoked,
    trust_expired,
    trust_rollback,
    trust_permit,
    trust_set,
    trust_state,
    trust_clock,
    trust_partial,
    trust_accepted_unsigned,
    model_format,
    model_shards,
    model_pickle,
    model_code,
    fit_architecture,
    fit_cpu,
    fit_features,
    fit_memory,
    fit_accelerator,
    fit_device_memory,
    fit_device_node,
    fit_driver,
    fit_set,
    fit_types,
    fit_abi,
    fit_mode,
    fit_kernel,
    fit_host,
    site_space,
    site_state,
    boot_start,
    boot_ready,
    boot_device,
    boot_answer,
};

enum class Severity {
    refusal,     ///< the answer is no
    not_checked, ///< could not be decided; counts as a no
    note,        ///< worth knowing; the answer can still be yes
};

/// "SL-CONTENT-DIGEST"
std::string_view name_of(Code code);
/// The code with this name, if there is one.
std::optional<Code> code_named(std::string_view name);
/// One line that says what the code means, the same for every finding with it.
std::string_view meaning_of(Code code);
/// Every code, in the order of the enum.
const std::vector<Code>& all_codes();

struct Finding {
    Code code;
    std::string where; ///< bundle path, blob, key or component; from outside, not yet escaped
    std::string text;  ///< what was found and what was wanted
    std::string hint;  ///< next step, or empty
    Severity severity = Severity::refusal;
};

/// Collects every answer, for an auditor wants them all at once.
class Report {
public:
    void add(Finding finding);
    void merge(Report other);
    const std::vector<Finding>& findings() const noexcept { return findings_; }
    /// True when nothing was refused and nothing was left unchecked.
    bool passed() const noexcept;
    bool has(Code code) const noexcept;

private:
    std::vector<Finding> findings_;
};

} // namespace manifests
