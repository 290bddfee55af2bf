#pragma once
// The whole question "can this bundle be trusted": is it a bundle, who signed it, are its bytes what was
// signed. All answers are collected where it is safe to go on, for an auditor wants them at once. Less than
// everything can be asked for, and the answer says then that it is less.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/content.hpp"
#include "runtime/pipe_spool.hpp"
#include "runtime/trust.hpp"

namespace runtime {

/// Bytes of one file, as `--range PATH:OFFSET+LENGTH` names them.
struct AskedRange {
    std::string path;
    std::uint64_t offset = 0;
    std::uint64_t length_bytes = 0;

    /// @throws Error  Fault::usage
    static AskedRange parse(const std::string& text);
};

struct Sample {
    std::uint64_t chunks = 0;
    std::uint64_t seed = 0; ///< the same seed chooses the same chunks
};

/// Prepares for the progress of the content check: called once, with the bytes that will be read.
using OnStart = std::function<OnBytes(std::uint64_t total_bytes)>;

struct VerifyRequest {
    std::string path; ///< "-": the bundle comes through stdin
    TrustBasis trust;
    unsigned jobs = 0;
    Proof proof = Proof::tree;
    std::vector<AskedRange> ranges = {}; ///< not empty: these, and nothing else of the files
    std::optional<Sample> sample = {};   ///< these chunks, and nothing else of the files
    std::string record = {}; ///< not empty: a file that says what was proven before, and is kept up
    OnStart on_start = {};
};

struct Verification {
    manifests::Report report;
    std::shared_ptr<const Bundle> bundle;                 ///< absent when the bytes are no bundle
    std::vector<std::string> signers;                     ///< ids of trusted keys that released it, sorted
    std::shared_ptr<const manifests::TrustAnswer> answer; ///< of a policy, with the evidence
    bool accepted_unsigned = false;                       ///< nobody vouches for it
    std::uint64_t bytes_read = 0;                         ///< of file content
    std::uint64_t bytes_before = 0;                       ///< proven by an earlier run, as the record says
    std::uint64_t bytes_all = 0;                          ///< of all files
    std::vector<BadContent> bad;
    bool content_was_read = false; ///< false: something stood in the way
};

/// @throws Error  Fault::io if something cannot be read: that is no answer; Fault::usage for a range outside
/// of its file
Verification verify(const VerifyRequest& request);

/// The bundle on stdin. @param folder  for its front; empty: TMPDIR or /tmp
std::shared_ptr<PipeSpool> open_stdin_spool(const std::string& folder);

/// `open` with what the bundle's own bytes caused filed as a finding.
std::shared_ptr<const Bundle> open_or_report(const std::function<Bundle()>& open, const std::string& path,
                                             manifests::Report& report);

} // namespace runtime
