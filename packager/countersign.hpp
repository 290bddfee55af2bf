#pragma once
// Signing a bundle that exists. The bundle's digest stays; the signature joins the release envelope, or makes
// one.

#include <string>

#include "manifests/digest.hpp"
#include "packager/signer.hpp"
#include "runtime/bundle.hpp"
#include "runtime/content.hpp"

namespace packager {

struct CountersignRequest {
    std::string bundle;
    std::string output; ///< the same as `bundle` to replace it
    const Signer& key;
    unsigned jobs = 0;
    std::function<runtime::OnBytes(std::uint64_t total_bytes)> on_start;
};

struct CountersignResult {
    manifests::Digest digest;
    std::size_t signatures = 0; ///< on the release envelope now
};

/// Every file is read and compared with what the bundle says on the way: nobody signs what is damaged.
/// @throws Error  Fault::damaged if the bundle is not whole
CountersignResult countersign(const CountersignRequest& request);

} // namespace packager
