#pragma once
// What a site remembers so that nobody can take it back: which policy it has accepted, which release of each
// product it has had, and a time that has certainly passed. Each change is one more document, signed by the
// site's own key and holding the digest of the one before, so that editing or leaving out one of them breaks
// the chain. FORMAT.md "Site state".
//
// What the chain alone cannot show: that its newest documents are missing. The store (runtime/site_trust.hpp)
// compares it with other files of the site; a whole disk that is put back is seen by nobody but headquarters.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/dsse.hpp"
#include "manifests/finding.hpp"
#include "manifests/public_key.hpp"

namespace manifests {

inline constexpr std::string_view site_state_type = "urn:sealift:site-state/v1";

/// The release of a product that the site has had last.
struct ProductRecord {
    std::uint64_t release_counter = 0;
    std::uint64_t security_epoch = 0;
    Digest bundle; ///< of the bundle manifest

    friend bool operator==(const ProductRecord&, const ProductRecord&) = default;
};

struct AcceptedPolicy {
    std::uint64_t version = 0;
    Digest payload; ///< of the policy's DSSE payload

    friend bool operator==(const AcceptedPolicy&, const AcceptedPolicy&) = default;
};

/// Why a state was written. Each may change its own members only: check_state_chain() holds them to it.
enum class SiteEvent {
    init,    ///< a policy was pinned; the first state and no other
    policy,  ///< newer policies were accepted
    install, ///< a release was installed, none older than what the site has had
    permit,  ///< an older release was installed, as a rollback permit allows
};
/// "init", "policy", "install", "permit"
std::string_view name_of(SiteEvent event);

struct SiteState {
    static constexpr std::size_t most_bytes = std::size_t{512} * 1024; ///< its envelope stays below 1 MiB
    static constexpr std::size_t most_products = 1000;
    static constexpr std::size_t most_permits = 1000; ///< one for each downgrade in the life of a site

    std::uint64_t seq = 1;
    std::optional<Digest> prev; ///< of the bytes of the envelope file before; none for seq 1
    std::string site_id;        ///< as check_chosen_name()
    AcceptedPolicy policy;
    std::uint64_t counter_epoch = 0; ///< of that policy
    std::map<std::string, ProductRecord> products;
    std::vector<Digest> permits_used; ///< rollback permits, by the digest of their DSSE payload; rising
    /// The highest number that a generation of this site has been given; 0 before the first.
    std::uint64_t generation = 0;
    std::string time_floor; ///< RFC 3339 in UTC: this moment has passed
    SiteEvent event = SiteEvent::init;

    /// Strict: accepts the bytes that encode() writes and no others.
    /// @throws Error  Fault::damaged, Code::trust_state
    static SiteState parse(std::string_view payload);
    /// @throws Error  as parse(), for a value that parse() would refuse
    std::string encode() const;

    friend bool operator==(const SiteState&, const SiteState&) = default;
};

struct StateFile {
    std::uint64_t seq = 0; ///< from the file's name
    std::string bytes;     ///< a DSSE envelope
};

struct StateChain {
    /// Present exactly when the report passed.
    std::optional<SiteState> newest;
    std::optional<Digest> newest_file; ///< what the next state says in `prev`
    Report report;
};

/// Proves a journal from seq 1 on: signatures, then order, then what each event may change. All findings have
/// Code::trust_state; a broken file does not hide what is wrong behind it.
/// @param files  in any order
StateChain check_state_chain(std::vector<StateFile> files, const PublicKey& site_key);

/// The one rule of what may stand behind a state, as a reason why `next` may not; empty if it may.
/// `prev` is not looked at.
std::string forbidden_step(const SiteState& before, const SiteState& next);

/// What may raise the time floor.
struct TimesSeen {
    std::optional<std::string> clock; ///< of the machine
    std::vector<std::string> issued;  ///< of the policy and the release, signatures on which were good
};

/// The floor after an event: the highest of what was known and what was seen. A time at which the policy
/// holds no more is left out: it is a wrong clock or a forged date more often than a fact, and it would stay
/// for ever; nothing is accepted at such a time anyway.
/// @param before  none for the first state, and when a policy raises counter_epoch: recovery starts anew
/// @param policy_end  end_of() the policy in force; none: no limit
std::string raised_time_floor(const std::optional<std::string>& before, const TimesSeen& seen,
                              const std::optional<std::string>& policy_end);

struct TimeNow {
    std::string now; ///< the later of clock and floor
    /// Code::trust_clock, a note: the clock is behind the floor.
    std::optional<Finding> finding;
};
TimeNow time_now(const std::string& clock, const std::string& floor);

/// The state that a new site begins with.
SiteState first_state(std::string site_id, const AcceptedPolicy& policy, std::uint64_t counter_epoch,
                      std::uint64_t generation, std::string time_floor);

/// The states that can follow; `seq` and `prev` are set, and what encode() would refuse throws there.
/// @param before_file  digest of the newest file
SiteState after_policy(const SiteState& before, const Digest& before_file, const AcceptedPolicy& policy,
                       std::uint64_t counter_epoch, std::string time_floor);

struct InstalledRelease {
    std::string product;
    ProductRecord record;
    std::uint64_t generation = 0;
    std::optional<Digest> permit; ///< of the payload of the permit that was needed
};
SiteState after_install(const SiteState& before, const Digest& before_file, const InstalledRelease& release,
                        std::string time_floor);

} // namespace manifests
