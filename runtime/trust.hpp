#pragma once
// Whether a bundle is to be trusted, by what a person or a site brings along: the pinned policy of a site, a
// policy in a file, or, as the simple form, keys of which any one suffices. The rules of a policy are pure
// and live in manifests/bundle_trust; here is what they are applied to.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/bundle_trust.hpp"
#include "manifests/finding.hpp"
#include "manifests/policy_chain.hpp"
#include "manifests/public_key.hpp"
#include "runtime/bundle.hpp"
#include "runtime/site_trust.hpp"

namespace runtime {

/// What trust rests on. One of keys, policy and site decides, in this order; with none of them nothing is
/// trusted.
struct TrustBasis {
    std::vector<manifests::PublicKey> keys;        ///< the simple form: any one of them
    std::optional<manifests::SignedPolicy> policy; ///< named by a person; no site's memory is asked
    std::shared_ptr<const SiteTrust> site;         ///< pinned here, with the memory of this site
    std::vector<std::string> beside;               ///< envelopes that came beside the bundle
    bool allow_unsigned = false;                   ///< --insecure-allow-unsigned
    std::string clock;                             ///< of the machine, as clock_text(); for a policy

    TrustBasis() = default;
    TrustBasis(
        std::vector<manifests::PublicKey> simple) // NOLINT(google-explicit-constructor): the usual case
        : keys(std::move(simple)) {}
};

/// A bundle whose manifest somebody trusted has signed. Only check_trust() makes one; installing and booting
/// take nothing else. Its files are still to be compared with what was signed, before any byte of them is
/// used.
class TrustedBundle {
public:
    const Bundle& bundle() const noexcept { return *bundle_; }
    /// Key ids, sorted. Empty only for an unsigned bundle that was let through.
    const std::vector<std::string>& signers() const noexcept { return signers_; }

    /// What a policy made of it; nullptr for the simple form.
    const manifests::TrustAnswer* answer() const noexcept { return answer_.get(); }

private:
    friend struct TrustDecision;
    TrustedBundle(std::shared_ptr<const Bundle> bundle, std::vector<std::string> signers,
                  std::shared_ptr<const manifests::TrustAnswer> answer)
        : bundle_(std::move(bundle)), signers_(std::move(signers)), answer_(std::move(answer)) {}
    std::shared_ptr<const Bundle> bundle_;
    std::vector<std::string> signers_;
    std::shared_ptr<const manifests::TrustAnswer> answer_;
};

struct TrustDecision {
    manifests::Report report;
    std::optional<TrustedBundle> trusted; ///< present exactly when the report has no refusal
    /// What a policy made of it, with the evidence; absent for the simple form.
    std::shared_ptr<const manifests::TrustAnswer> answer;
    bool accepted_unsigned = false; ///< nobody vouches for it: say so loudly

    /// Order of each envelope: read, check signatures over the payload's bytes, and only then parse those
    /// same bytes.
    static TrustDecision check_trust(std::shared_ptr<const Bundle> bundle, const TrustBasis& basis);
};

/// What `install` writes into the memory of a site.
/// @param answer  of a bundle that is trusted
manifests::InstalledRelease record_of(const manifests::TrustAnswer& answer, std::uint64_t generation);

/// Reads public key files (PEM). @throws Error  Fault::missing or Fault::io: a key that cannot be read is no
/// answer
std::vector<manifests::PublicKey> load_keys(const std::vector<std::string>& paths);

} // namespace runtime
