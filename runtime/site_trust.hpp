#pragma once
// What a site trusts and what it has had, on its disk:
//
//     SITE/trust/pin                      the digest of the first policy, as somebody typed it
//     SITE/trust/policy-7.dsse.json       that policy, and every one that followed from it
//     SITE/trust/site.key, site.pub       the site's own key (runtime/site_key.hpp)
//     SITE/trust/state/00000001.dsse.json the journal of site states: one file for each change, all kept
//     SITE/trust/lock                     held while something is written
//     SITE/state.newest.dsse.json         a copy of the newest state, outside of what is backed up together
//
// Everything is read and proven at once by open(): policies from the pin on, states from the first on, then
// one against the other, against the copy and against the generations. Whatever does not fit is a finding
// SL-TRUST-STATE, and then there is no state: who has to decide refuses.
//
// What files cannot show: that all of them were put back together, as with the image of a whole disk. That
// needs a counter in hardware, or headquarters that remember. undetectable() says so in words.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/finding.hpp"
#include "manifests/policy_chain.hpp"
#include "manifests/public_key.hpp"
#include "manifests/site_state.hpp"
#include "runtime/site.hpp"

namespace runtime {

/// What trust init begins with. The caller has compared the digest with what was typed.
struct NewTrust {
    manifests::SignedPolicy pinned;
    std::vector<std::string> followers; ///< envelopes of policies that follow; may be none
    std::optional<std::string> site_id; ///< none: "site-" and the first 16 digits of the site key's id
};

class SiteTrust {
public:
    /// @return nothing if no policy is pinned here
    /// @throws Error  Fault::io if something cannot be read; Fault::refused, Code::trust_state if the trust
    /// folder
    ///                is gone but the copy of its newest state is not. What is there and broken is in
    ///                report().
    static std::optional<SiteTrust> open(const Site& site);

    /// Makes the key, pins, and writes the first state; all of it or nothing.
    /// @param clock  of the machine, such as clock_text()
    /// @throws Error  Fault::refused: something is pinned already; the followers do not follow
    ///                (Code::trust_policy_chain); the newest policy has expired; Fault::damaged for a bad
    ///                site id
    static SiteTrust init(const Site& site, const NewTrust& trust, const std::string& clock);

    /// Everything that does not fit; notes besides refusals. Unless it passed() there is no state().
    const manifests::Report& report() const noexcept { return report_; }

    /// False only when the pin itself cannot be read, which the report says.
    bool has_pin() const noexcept { return pinned_.has_value(); }
    /// Only if has_pin().
    const manifests::Digest& pinned() const noexcept { return *pinned_; }
    /// The pinned policy and what followed, in rising versions; empty if the pinned one is broken.
    const std::vector<manifests::SignedPolicy>& policies() const noexcept { return policies_; }
    /// The newest of them: the one in force. It may have expired, see expiry_of().
    /// @throws Error  Fault::refused, Code::trust_state unless the report passed
    const manifests::SignedPolicy& policy() const;
    /// @throws Error  as policy()
    const manifests::SiteState& state() const;
    const std::string& site_id() const { return state().site_id; }
    /// The site's own; only if the report passed.
    const manifests::PublicKey& key() const { return *key_; }
    /// The later of `clock` and the time floor, and a note if the clock is behind.
    manifests::TimeNow now(const std::string& clock) const;

    /// Stores what followed from policy() and writes a state about it; nothing happens if nothing followed.
    /// Proves the chain once more, for a ChainResult is a value that anybody can make.
    /// @throws Error  Fault::refused with the code of the first finding: the chain does not hold, or its end
    ///                has expired at now(clock); Code::site_state: somebody else is writing
    void accept_policies(const manifests::ChainResult& chain, const std::string& clock);

    /// Writes what is being installed into the journal. To be called when everything is proven and *before*
    /// the generation gets its name: a power cut in between then leaves a site that remembers a release which
    /// is not there, which it can install again, and never one that has a release which it does not remember.
    /// @param release_issued  of the release statement, if it says so
    /// @throws Error  Fault::refused, Code::trust_state if the state would go back without a permit; as
    ///                accept_policies
    void record_install(const manifests::InstalledRelease& release,
                        const std::optional<std::string>& release_issued, const std::string& clock);

private:
    struct Loader;
    explicit SiteTrust(const Site& site) : site_(site) {}
    void refuse_broken() const;
    void reload();
    void append(const manifests::SiteState& next);
    void catch_up(const std::string& clock);

    Site site_;
    std::optional<manifests::Digest> pinned_;
    std::optional<manifests::PublicKey> key_;
    std::vector<manifests::SignedPolicy> policies_;
    std::optional<manifests::SiteState> state_;
    std::optional<manifests::Digest> state_file_;
    manifests::Report report_;
};

/// "no hardware counter: ...", for trust show and for reports.
std::string undetectable(std::uint64_t newest_seq);

std::string trust_path(const Site& site);
std::string state_copy_path(const Site& site);

} // namespace runtime
