#pragma once
// Files with trust policies: a draft that people write, a signed envelope, or a chain of envelopes, one a
// line. As an envelope is written on one line, `cat` makes a chain.

#include <optional>
#include <string>
#include <vector>

#include "manifests/dsse.hpp"
#include "manifests/policy_chain.hpp"
#include "manifests/trust_policy.hpp"

namespace packager {

struct PolicyText {
    manifests::TrustPolicy policy;
    manifests::Digest digest; ///< of the payload; for a draft, of the payload that signing would make of it
    std::optional<manifests::Envelope> envelope; ///< absent: a draft. Its signatures are not yet checked

    /// The envelope as a trusted policy would come: its own root keys have signed.
    /// @throws Error  as manifests::SignedPolicy::read; Fault::usage for a draft
    manifests::SignedPolicy as_signed() const;
};

/// At least one, in the order of the files. Envelopes of other payload types stand in side-car files too and
/// are passed over.
/// @throws Error  Fault::damaged if there is none or one breaks the rules; Fault::io
std::vector<PolicyText> read_policies(const std::vector<std::string>& paths);

/// Of a file that must hold exactly one. @throws Error  as read_policies; Fault::usage for more
PolicyText read_policy(const std::string& path);

} // namespace packager
