#pragma once
// Signing a bundle that exists. The bundle's digest stays; each signature joins the envelope with the same
// statement, or makes one.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "manifests/digest.hpp"
#include "packager/claims.hpp"
#include "packager/signer.hpp"
#include "runtime/bundle.hpp"
#include "runtime/content.hpp"

namespace packager {

struct CountersignRequest {
    std::string bundle;
    std::string output;             ///< the same as `bundle` to replace it
    const Signer* signer = nullptr; ///< nullptr: only `more` is put in
    /// What is signed; absent: the release.
    std::function<std::vector<Claim>(const runtime::Bundle&)> claims = {};
    std::vector<std::string> more = {}; ///< envelopes that come along
    /// Not empty: the envelopes go into this file, one a line, and the bundle is only read.
    std::string detached = {};
    unsigned jobs = 0;
    std::function<runtime::OnBytes(std::uint64_t total_bytes)> on_start = {};
};

struct CountersignResult {
    manifests::Digest digest;
    std::size_t signatures = 0; ///< on the last statement that was signed
    std::size_t statements = 0; ///< that were signed
    /// The release that was signed. Its terms may come from the bundle, so whoever signs has to be shown
    /// them.
    std::optional<manifests::ReleaseStatement> release = {};
};

/// Every file is read and compared with what the bundle says on the way: nobody signs what is damaged.
/// @throws Error  Fault::damaged if the bundle is not whole
CountersignResult countersign(const CountersignRequest& request);

/// Writes a bundle with these envelopes, in its own form. @throws Error  as copy_bundle()
void write_with(const runtime::Bundle& bundle, const std::string& output,
                const std::vector<std::string>& envelopes, unsigned jobs, const runtime::OnBytes& on_bytes);

} // namespace packager
