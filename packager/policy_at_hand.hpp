#pragma once
// A trust policy in a file, where its root keys are to sign it: the draft that people write, or the envelope
// with the signatures so far.

#include <optional>
#include <string>
#include <vector>

#include "packager/claims.hpp"

namespace packager {

struct PolicyAtHand {
    Claim claim;                        ///< payload_type is media::policy_payload
    std::vector<std::string> envelopes; ///< the one in the file; empty for a draft

    /// Nothing if the file is no JSON text, and so no policy; bundles are none.
    /// @throws Error  Fault::damaged for JSON that is neither; Fault::io
    static std::optional<PolicyAtHand> read(const std::string& path);
};

/// The root keys' signatures so far, in a file of one line. @throws Error  Fault::io
void write_policy_envelope(const std::string& path, const std::string& envelope);

} // namespace packager
