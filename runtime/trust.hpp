#pragma once
// Who signed a bundle, and whether the person at the keyboard said to trust them. This is the simple form:
// any one of the given keys suffices. The trust policy (roles, thresholds, expiry) replaces the decision, not
// the shape.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/finding.hpp"
#include "manifests/public_key.hpp"
#include "runtime/bundle.hpp"

namespace runtime {

/// A bundle whose manifest somebody trusted has signed. Only check_trust() makes one; installing and booting
/// take nothing else. Its files are still to be compared with what was signed, before any byte of them is
/// used.
class TrustedBundle {
public:
    const Bundle& bundle() const noexcept { return *bundle_; }
    /// Key ids, sorted.
    const std::vector<std::string>& signers() const noexcept { return signers_; }

private:
    friend struct TrustDecision;
    TrustedBundle(std::shared_ptr<const Bundle> bundle, std::vector<std::string> signers)
        : bundle_(std::move(bundle)), signers_(std::move(signers)) {}
    std::shared_ptr<const Bundle> bundle_;
    std::vector<std::string> signers_;
};

struct TrustDecision {
    manifests::Report report;
    std::optional<TrustedBundle> trusted; ///< present exactly when the report has no refusal

    /// Order of each envelope: read, check signatures over the payload's bytes, and only then parse those
    /// same bytes.
    static TrustDecision check_trust(std::shared_ptr<const Bundle> bundle,
                                     const std::vector<manifests::PublicKey>& keys);
};

/// Reads public key files (PEM). @throws Error  Fault::missing or Fault::io: a key that cannot be read is no
/// answer
std::vector<manifests::PublicKey> load_keys(const std::vector<std::string>& paths);

} // namespace runtime
