#include "runtime/site_trust.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <sys/stat.h>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/text.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/site_key.hpp"
#include "runtime/staging_folder.hpp"
#include "runtime/trust_files.hpp"

namespace runtime {

using manifests::AcceptedPolicy;
using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::Finding;
using manifests::Report;
using manifests::SignedPolicy;
using manifests::SiteState;
using manifests::StateChain;
using manifests::StateFile;

namespace {

constexpr std::string_view dsse_suffix = ".dsse.json";
constexpr std::string_view policy_prefix = "policy-";
constexpr std::size_t state_digits = 8;

std::string pin_path(const std::string& trust) {
    return trust + "/pin";
}
std::string states_path(const std::string& trust) {
    return trust + "/state";
}
std::string policy_path(const std::string& trust, std::uint64_t version) {
    return trust + "/" + numbered_name(std::string(policy_prefix), version, std::string(dsse_suffix), 1);
}
std::string state_file_path(const std::string& trust, std::uint64_t seq) {
    return states_path(trust) + "/" + numbered_name("", seq, std::string(dsse_suffix), state_digits);
}

bool is_there(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR) throw_errno("cannot look at", path);
    return false;
}

void add(Report& report, const std::string& where, std::string text, std::string hint) {
    report.add({Code::trust_state, where, std::move(text), std::move(hint)});
}

[[noreturn]] void refuse(const Finding& finding) {
    Error error(Fault::refused, finding.code, finding.text);
    if (!finding.where.empty()) error.in(finding.where);
    throw error.hint(finding.hint);
}

void refuse_unless_passed(const Report& report) {
    for (const Finding& finding : report.findings()) {
        if (finding.severity != manifests::Severity::note) refuse(finding);
    }
}

void refuse_expired(const manifests::TrustPolicy& policy, const std::string& now) {
    if (const auto finding = manifests::expiry_of(policy, now)) refuse(*finding);
}

AcceptedPolicy accepted(const SignedPolicy& policy) {
    return {policy.policy.version, policy.digest};
}

FileLock lock_trust(const std::string& trust) {
    auto lock = FileLock::try_lock(trust + "/lock");
    if (!lock)
        throw Error(Fault::refused, Code::site_state,
                    "somebody else is writing to " + manifests::in_quotes(trust))
            .hint("wait until they have ended");
    return std::move(*lock);
}

std::uint64_t newest_generation(const Site& site) {
    const auto newest = site.newest();
    return newest ? newest->number : 0;
}

constexpr std::string_view ask_headquarters =
    "somebody put old files back, or removed new ones: compare the site with headquarters' records";

} // namespace

std::string trust_path(const Site& site) {
    return site.path() + "/trust";
}
std::string state_copy_path(const Site& site) {
    return site.path() + "/state.newest.dsse.json";
}

std::string undetectable(std::uint64_t newest_seq) {
    return "no hardware counter: a disk image that is put back as a whole is not noticed here; compare "
           "state " +
           std::to_string(newest_seq) + " with headquarters' records";
}

// --- reading: each step fills one part or leaves it empty with a finding
// ------------------------------------

struct SiteTrust::Loader {
    const Site& site;
    SiteTrust& trust;
    std::string folder = trust_path(site);
    Report& report = trust.report_;

    void run() {
        // Who may write to SITE may put another trust folder there; SITE itself may be behind a link.
        check_trust_folder(site.path() + "/.", report);
        if (!check_trust_folder(folder, report)) return;
        read_pin();
        read_key();
        read_policies();
        read_states();
        if (!report.passed()) trust.state_.reset();
    }

    template<typename Parse>
    void read_one(const std::string& path, std::uint64_t most_bytes, Parse parse) {
        const std::size_t before = report.findings().size();
        const auto bytes = read_trust_file(path, most_bytes, report);
        if (!bytes) {
            if (report.findings().size() == before) add(report, path, "it is missing", "");
            return;
        }
        try {
            parse(*bytes);
        } catch (const Error& problem) {
            if (problem.fault() != Fault::damaged && problem.fault() != Fault::missing) throw;
            add(report, path, problem.what(), problem.hint());
        }
    }

    void read_pin() {
        constexpr std::uint64_t most_pin_bytes = 256;
        read_one(pin_path(folder), most_pin_bytes, [&](const std::string& bytes) {
            if (!bytes.ends_with('\n')) throw Error(Fault::damaged, "its line has no end");
            trust.pinned_ = Digest::parse(std::string_view(bytes).substr(0, bytes.size() - 1));
        });
    }

    void read_key() {
        read_one(site_public_key_path(folder), manifests::most_pem_bytes, [&](const std::string& bytes) {
            manifests::PublicKey key = manifests::PublicKey::parse_pem(bytes);
            if (key.type() != manifests::KeyType::ed25519)
                throw Error(Fault::damaged, "it is no Ed25519 key, and a site has no other");
            trust.key_ = std::move(key);
        });
    }

    void read_policies() {
        std::vector<std::string> others;
        std::optional<SignedPolicy> pinned;
        for (const NumberedFile& file :
             numbered_files(folder, std::string(policy_prefix), std::string(dsse_suffix), 1, report)) {
            read_one(file.path, manifests::Envelope::most_bytes, [&](const std::string& bytes) {
                SignedPolicy policy = SignedPolicy::read(bytes);
                if (policy.policy.version != file.number)
                    throw Error(Fault::damaged,
                                "it is version " + std::to_string(policy.policy.version) + " of the policy");
                if (policy.digest == trust.pinned_) {
                    pinned = std::move(policy);
                } else {
                    others.push_back(bytes);
                }
            });
        }
        if (!pinned) return add(report, folder, "the policy that is pinned is missing", "");
        manifests::ChainResult chain = manifests::follow_chain(*pinned, others);
        if (chain.steps.size() != others.size() && chain.report.passed())
            add(report, folder, "a policy is here that does not follow from the one that is pinned", "");
        report.merge(std::move(chain.report));
        trust.policies_.push_back(std::move(*pinned));
        for (SignedPolicy& step : chain.steps)
            trust.policies_.push_back(std::move(step));
    }

    void read_states() {
        const std::string states = states_path(folder);
        if (!trust.key_ || !check_trust_folder(states, report)) return;
        std::vector<StateFile> files;
        for (const NumberedFile& file :
             numbered_files(states, "", std::string(dsse_suffix), state_digits, report)) {
            if (auto bytes = read_trust_file(file.path, manifests::Envelope::most_bytes, report))
                files.push_back({file.number, std::move(*bytes)});
        }
        StateChain chain = manifests::check_state_chain(files, *trust.key_);
        report.merge(std::move(chain.report));
        compare_copy(files);
        if (!chain.newest) return;
        compare_policy(*chain.newest);
        compare_generations(*chain.newest);
        trust.state_ = std::move(chain.newest);
        trust.state_file_ = chain.newest_file;
    }

    // The copy may be one behind: then a write was cut off between the two, and the next one sets it right.
    void compare_copy(const std::vector<StateFile>& files) {
        const std::string path = state_copy_path(site);
        if (files.empty()) return; // said already
        read_one(path, manifests::Envelope::most_bytes, [&](const std::string& bytes) {
            if (bytes == files.back().bytes) return;
            if (files.size() > 1 && bytes == files[files.size() - 2].bytes) {
                report.add({Code::trust_state, path,
                            "it is one state behind: a write was cut off; the next one sets it right", "",
                            manifests::Severity::note});
                return;
            }
            add(report, path, difference(bytes, files.back().seq), std::string(ask_headquarters));
        });
    }

    std::string difference(const std::string& copy, std::uint64_t newest) {
        const manifests::Envelope envelope = manifests::Envelope::parse(copy);
        if (manifests::check_signatures(envelope, {*trust.key_}).signed_by.empty())
            return "it is not signed by the key of this site";
        const std::uint64_t seq = SiteState::parse(envelope.payload).seq;
        if (seq > newest)
            return "the site was at state " + std::to_string(seq) +
                   ", but the newest in the trust folder is " + std::to_string(newest);
        return "it is state " + std::to_string(seq) + " as it is not in the trust folder, or long past";
    }

    void compare_policy(const SiteState& state) {
        const bool known =
            std::any_of(trust.policies_.begin(), trust.policies_.end(),
                        [&](const SignedPolicy& policy) { return accepted(policy) == state.policy; });
        if (!known)
            return add(report, folder,
                       "the site has accepted version " + std::to_string(state.policy.version) +
                           " of the policy, sha256:" + state.policy.payload.hex() + ", which is not here",
                       std::string(ask_headquarters));
        if (trust.policies_.back().policy.version > state.policy.version)
            report.add({Code::trust_state, folder,
                        "version " + std::to_string(trust.policies_.back().policy.version) +
                            " of the policy is here and counts, but the newest state knows " +
                            std::to_string(state.policy.version) +
                            ": an update was cut off, or the state was set back",
                        "", manifests::Severity::note});
    }

    void compare_generations(const SiteState& state) {
        const std::uint64_t newest = newest_generation(site);
        if (newest > state.generation)
            add(report, site.generations_path(),
                "generation " + std::to_string(newest) + " is installed, but the newest state knows up to " +
                    std::to_string(state.generation),
                std::string(ask_headquarters));
    }
};

std::optional<SiteTrust> SiteTrust::open(const Site& site) {
    if (!is_there(trust_path(site))) {
        if (!is_there(state_copy_path(site))) return std::nullopt;
        throw Error(Fault::refused, Code::trust_state,
                    manifests::in_quotes(trust_path(site)) + " is gone, but this site has had a state")
            .hint(
                "bring the folder back; to begin anew, ask headquarters what the site had and then remove " +
                manifests::in_quotes(state_copy_path(site)));
    }
    SiteTrust trust(site);
    trust.reload();
    return trust;
}

void SiteTrust::reload() {
    report_ = Report();
    pinned_.reset();
    key_.reset();
    policies_.clear();
    state_.reset();
    state_file_.reset();
    Loader{site_, *this}.run();
}

void SiteTrust::refuse_broken() const {
    refuse_unless_passed(report_);
    if (!state_ || policies_.empty()) throw Error(Fault::internal, "a site without findings has no state");
}

const SignedPolicy& SiteTrust::policy() const {
    refuse_broken();
    return policies_.back();
}

const SiteState& SiteTrust::state() const {
    refuse_broken();
    return *state_;
}

manifests::TimeNow SiteTrust::now(const std::string& clock) const {
    return manifests::time_now(clock, state().time_floor);
}

// --- writing
// ------------------------------------------------------------------------------------------------

// The journal first, then the copy: the other order would look like a state that was set back.
void SiteTrust::append(const SiteState& next) {
    const std::string trust = trust_path(site_);
    const SiteKey key = SiteKey::load(trust);
    if (key.public_key() != *key_)
        throw Error(Fault::refused, Code::trust_state,
                    "the secret key of the site does not belong to site.pub");
    const std::string envelope = key.sign(next);
    write_file_whole(state_file_path(trust, next.seq), envelope, 0644, Replace::refuse);
    write_file_whole(state_copy_path(site_), envelope, 0644, Replace::allow);
    state_ = next;
    state_file_ = Digest::of(envelope);
}

void SiteTrust::catch_up(const std::string& clock) {
    const manifests::TrustPolicy& newest = policies_.back().policy;
    if (newest.version == state_->policy.version) return;
    const bool begins_anew = newest.counter_epoch > state_->counter_epoch;
    const auto before = begins_anew ? std::nullopt : std::optional(state_->time_floor);
    append(manifests::after_policy(
        *state_, *state_file_, accepted(policies_.back()), newest.counter_epoch,
        manifests::raised_time_floor(before, {clock, {newest.issued}}, end_of(newest))));
}

void SiteTrust::accept_policies(const manifests::ChainResult& chain, const std::string& clock) {
    refuse_broken();
    const FileLock lock = lock_trust(trust_path(site_));
    reload();
    refuse_broken();
    std::vector<std::string> envelopes;
    for (const SignedPolicy& step : chain.steps)
        envelopes.push_back(step.envelope);
    const manifests::ChainResult proven = manifests::follow_chain(policies_.back(), envelopes);
    refuse_unless_passed(chain.report);
    refuse_unless_passed(proven.report);
    if (!proven.steps.empty()) refuse_expired(proven.newest.policy, now(clock).now);
    for (const SignedPolicy& step : proven.steps) {
        write_file_whole(policy_path(trust_path(site_), step.policy.version), step.envelope, 0644,
                         Replace::allow);
        policies_.push_back(step);
    }
    catch_up(clock);
}

void SiteTrust::record_install(const manifests::InstalledRelease& release,
                               const std::optional<std::string>& release_issued, const std::string& clock) {
    refuse_broken();
    const FileLock lock = lock_trust(trust_path(site_));
    reload();
    refuse_broken();
    catch_up(clock);
    manifests::TimesSeen seen{clock, {}};
    if (release_issued) seen.issued.push_back(*release_issued);
    append(manifests::after_install(
        *state_, *state_file_, release,
        manifests::raised_time_floor(state_->time_floor, seen, end_of(policies_.back().policy))));
}

namespace {

SiteState beginning_of(const NewTrust& trust, const SignedPolicy& newest, const SiteKey& key,
                       const Site& site, const std::string& clock) {
    constexpr std::size_t id_digits = 16;
    const std::string usual_id = "site-" + key.public_key().key_id().substr(0, id_digits);
    std::vector<std::string> issued{newest.policy.issued};
    return manifests::first_state(
        trust.site_id.value_or(usual_id), accepted(newest), newest.policy.counter_epoch,
        newest_generation(site),
        manifests::raised_time_floor(std::nullopt, {clock, issued}, end_of(newest.policy)));
}

void write_beginning(const std::string& folder, const NewTrust& trust, const manifests::ChainResult& chain,
                     const SiteKey& key, const std::string& first_envelope) {
    make_folders(states_path(folder));
    write_file_whole(pin_path(folder), trust.pinned.digest.text() + "\n");
    write_file_whole(policy_path(folder, trust.pinned.policy.version), trust.pinned.envelope);
    for (const SignedPolicy& step : chain.steps)
        write_file_whole(policy_path(folder, step.policy.version), step.envelope);
    key.write(folder);
    write_file_whole(state_file_path(folder, 1), first_envelope);
}

void refuse_pinned(const Site& site) {
    if (is_there(trust_path(site)))
        throw Error(Fault::refused, Code::trust_state, "a policy is pinned at this site already")
            .hint("newer policies come in with trust update; trust show says what is pinned");
    SiteTrust::open(site); // says what to do about a copy that was left alone
}

} // namespace

SiteTrust SiteTrust::init(const Site& site, const NewTrust& trust, const std::string& clock) {
    refuse_pinned(site);
    const manifests::ChainResult chain = manifests::follow_chain(trust.pinned, trust.followers);
    refuse_unless_passed(chain.report);
    refuse_expired(chain.newest.policy, std::max(clock, chain.newest.policy.issued));
    const SiteKey key = SiteKey::generate();
    const std::string envelope = key.sign(beginning_of(trust, chain.newest, key, site, clock));
    make_folders(site.path());
    StagingFolder staging(trust_path(site));
    write_beginning(staging.path(), trust, chain, key, envelope);
    // The copy first: a trust folder without it would look like one whose newest states were removed.
    write_file_whole(state_copy_path(site), envelope);
    if (::rename(staging.path().c_str(), trust_path(site).c_str()) != 0)
        throw_errno("cannot give its name to", trust_path(site));
    staging.keep();
    sync_folder(site.path());
    return *open(site);
}

} // namespace runtime
