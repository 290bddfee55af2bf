#pragma once
// The whole question "can this bundle be trusted": is it a bundle, who signed it, are its bytes what was
// signed. All answers are collected where it is safe to go on, for an auditor wants them at once.

#include <memory>
#include <string>
#include <vector>

#include "runtime/content.hpp"
#include "runtime/trust.hpp"

namespace runtime {

struct Verification {
    manifests::Report report;
    std::shared_ptr<const Bundle> bundle; ///< absent when the bytes are no bundle
    std::vector<std::string> signers;     ///< ids of given keys that signed it, sorted
    std::uint64_t bytes_read = 0;         ///< of file content
};

/// Prepares for the progress of the content check: called once, with the bytes that will be read.
using OnStart = std::function<OnBytes(std::uint64_t total_bytes)>;

/// @throws Error  Fault::io if something cannot be read: that is no answer
Verification verify(const std::string& path, const std::vector<manifests::PublicKey>& keys, unsigned jobs,
                    const OnStart& on_start);

/// `open` with what the bundle's own bytes caused filed as a finding.
std::shared_ptr<const Bundle> open_or_report(const std::function<Bundle()>& open, const std::string& path,
                                             manifests::Report& report);

} // namespace runtime
