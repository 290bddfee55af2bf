// The trust folder of a site: what is written into it, and what is said when somebody has been there.

#include "runtime/site_trust.hpp"

#include <filesystem>
#include <functional>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "runtime/site_key.hpp"
#include "tests/manifests/sample_policy.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

namespace fs = std::filesystem;

using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::SignedPolicy;
using manifests::TrustPolicy;
using runtime::Site;
using runtime::SiteKey;
using runtime::SiteTrust;
using tests::faults_with;
using tests::read_file;
using tests::TempDir;
using tests::write_file;

namespace {

const std::string clock_then = "2026-12-01T00:00:00Z";
const std::vector<unsigned char> root{1, 2};

SignedPolicy read_policy(const TrustPolicy& policy) {
    return SignedPolicy::read(tests::signed_text(policy, root));
}

SiteTrust make_trust(const Site& site, std::optional<std::string> site_id = "line-7") {
    return SiteTrust::init(site, {read_policy(tests::sample_policy()), {}, std::move(site_id)}, clock_then);
}

manifests::InstalledRelease release(std::uint64_t counter, std::uint64_t epoch = 3) {
    return {"llm-a", {counter, epoch, Digest::of("bundle " + std::to_string(counter))}, 0, std::nullopt};
}

manifests::ChainResult chain_to(const SiteTrust& trust, const std::vector<TrustPolicy>& policies) {
    std::vector<std::string> envelopes;
    for (const TrustPolicy& policy : policies)
        envelopes.push_back(tests::signed_text(policy, root));
    return manifests::follow_chain(trust.policy(), envelopes);
}

// A site with states 1 to 3: init, llm-a 41, llm-a 42.
struct SampleSite {
    TempDir folder;
    Site site{folder / "site"};
    SampleSite() {
        SiteTrust trust = make_trust(site);
        trust.record_install(release(41), std::nullopt, clock_then);
        trust.record_install(release(42), std::nullopt, clock_then);
    }
    std::string path(const std::string& name) const { return site.path() + "/" + name; }
    std::string state(int seq) const {
        return path("trust/state/0000000" + std::to_string(seq) + ".dsse.json");
    }
    std::string copy() const { return path("state.newest.dsse.json"); }
    SiteTrust open() const {
        auto trust = SiteTrust::open(site);
        REQUIRE(trust);
        return std::move(*trust);
    }
};

void expect_no_state(const SiteTrust& trust) {
    CHECK_FALSE(trust.report().passed());
    CHECK((trust.report().has(Code::trust_state) || trust.report().has(Code::trust_policy_chain)));
    CHECK_THROWS_AS(trust.state(), Error);
    CHECK_THROWS_AS(trust.policy(), Error);
}

} // namespace

TEST_CASE("a site where nothing is pinned has no trust", "[runtime][site_trust]") {
    const TempDir folder;
    CHECK_FALSE(SiteTrust::open(Site(folder / "site")));
    CHECK_FALSE(SiteTrust::open(Site(folder.path())));
}

TEST_CASE("pinning makes a key, a pin and the first state", "[runtime][site_trust]") {
    const TempDir folder;
    const Site site(folder / "site");
    const SiteTrust made = make_trust(site);
    const auto trust = SiteTrust::open(site);
    REQUIRE(trust);
    CHECK(trust->report().findings().empty());
    CHECK(trust->site_id() == "line-7");
    CHECK(trust->pinned() == Digest::of(tests::sample_policy().encode()));
    CHECK(trust->policy().policy.version == 1);
    CHECK(trust->state().seq == 1);
    CHECK(trust->state().time_floor == clock_then);
    CHECK(trust->key() == made.key());
    struct stat status {};
    REQUIRE(::stat((site.path() + "/trust/site.key").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
    CHECK(SiteKey::load(site.path() + "/trust").public_key() == trust->key());
}

TEST_CASE("a site without a name is called after its key", "[runtime][site_trust]") {
    const TempDir folder;
    const SiteTrust trust = make_trust(Site(folder / "site"), std::nullopt);
    CHECK(trust.site_id() == "site-" + trust.key().key_id().substr(0, 16));
}

TEST_CASE("what cannot be pinned leaves no trace", "[runtime][site_trust]") {
    const TempDir folder;
    const Site site(folder / "site");
    TrustPolicy expired = tests::sample_policy();
    expired.issued = "2024-11-01T00:00:00Z";
    expired.expires = "2025-11-01T00:00:00Z";
    CHECK_THROWS_MATCHES(SiteTrust::init(site, {read_policy(expired), {}, {}}, clock_then), Error,
                         faults_with(Fault::refused, Code::trust_policy_expired));
    const std::string skipped =
        tests::signed_text(tests::successor_of(tests::successor_of(tests::sample_policy())), root);
    CHECK_THROWS_MATCHES(
        SiteTrust::init(site, {read_policy(tests::sample_policy()), {skipped}, {}}, clock_then), Error,
        faults_with(Fault::refused, Code::trust_policy_chain));
    CHECK_THROWS_MATCHES(make_trust(site, "Line 7"), Error, faults_with(Fault::damaged, Code::trust_state));
    CHECK_FALSE(SiteTrust::open(site));
    CHECK_FALSE(fs::exists(site.path() + "/trust"));
    CHECK_FALSE(fs::exists(runtime::state_copy_path(site)));
}

TEST_CASE("a policy is pinned only once", "[runtime][site_trust]") {
    const SampleSite sample;
    CHECK_THROWS_MATCHES(make_trust(sample.site), Error, faults_with(Fault::refused, Code::trust_state));
    CHECK(sample.open().state().seq == 3);
}

TEST_CASE("what is installed is remembered", "[runtime][site_trust]") {
    const SampleSite sample;
    const SiteTrust trust = sample.open();
    CHECK(trust.report().findings().empty());
    CHECK(trust.state().seq == 3);
    CHECK(trust.state().products.at("llm-a") == release(42).record);
    CHECK(read_file(sample.copy()) == read_file(sample.state(3)));
}

TEST_CASE("going back is recorded only with a permit", "[runtime][site_trust]") {
    const SampleSite sample;
    SiteTrust trust = sample.open();
    CHECK_THROWS_MATCHES(trust.record_install(release(41), std::nullopt, clock_then), Error,
                         faults_with(Fault::refused, Code::trust_state));
    manifests::InstalledRelease back = release(41);
    back.permit = Digest::of("permit");
    trust.record_install(back, std::nullopt, clock_then);
    CHECK(sample.open().state().permits_used == std::vector{Digest::of("permit")});
}

TEST_CASE("two holders of one site do not write over each other", "[runtime][site_trust]") {
    const SampleSite sample;
    SiteTrust one = sample.open();
    SiteTrust other = sample.open();
    one.record_install(release(43), std::nullopt, clock_then);
    other.record_install(release(44), std::nullopt, clock_then);
    CHECK(sample.open().state().seq == 5);
    CHECK_THROWS_AS(one.record_install(release(43), std::nullopt, clock_then), Error);

    const auto lock = runtime::FileLock::try_lock(sample.path("trust/lock"));
    REQUIRE(lock);
    CHECK_THROWS_MATCHES(one.record_install(release(45), std::nullopt, clock_then), Error,
                         faults_with(Fault::refused, Code::site_state));
}

TEST_CASE("newer policies come in along their chain", "[runtime][site_trust]") {
    const SampleSite sample;
    SiteTrust trust = sample.open();
    const TrustPolicy second = tests::successor_of(tests::sample_policy());
    const TrustPolicy third = tests::successor_of(second);
    trust.accept_policies(chain_to(trust, {third, second}), clock_then);
    const SiteTrust after = sample.open();
    CHECK(after.report().findings().empty());
    CHECK(after.policy().policy.version == 3);
    CHECK(after.policies().size() == 3);
    CHECK(after.state().seq == 4);
    CHECK(after.state().policy.version == 3);
    CHECK(after.state().products.size() == 1);
    // The policy was issued after what the clock says.
    CHECK(after.state().time_floor == third.issued);
    CHECK(after.now(clock_then).now == third.issued);
    CHECK(after.now(clock_then).finding);
}

TEST_CASE("a policy that raises counter_epoch makes the site forget releases", "[runtime][site_trust]") {
    const SampleSite sample;
    SiteTrust trust = sample.open();
    TrustPolicy second = tests::successor_of(tests::sample_policy());
    second.counter_epoch = 2;
    trust.accept_policies(chain_to(trust, {second}), clock_then);
    CHECK(sample.open().state().products.empty());
    CHECK(sample.open().state().counter_epoch == 2);
    trust.record_install(release(1, 0), std::nullopt, clock_then);
    CHECK(sample.open().report().passed());
}

TEST_CASE("a chain that does not hold is not stored", "[runtime][site_trust]") {
    const SampleSite sample;
    SiteTrust trust = sample.open();
    const TrustPolicy second = tests::successor_of(tests::sample_policy());
    SECTION("with a finding") {
        const auto chain = chain_to(trust, {tests::successor_of(second)});
        CHECK_THROWS_MATCHES(trust.accept_policies(chain, clock_then), Error,
                             faults_with(Fault::refused, Code::trust_policy_chain));
    }
    SECTION("made up by whoever calls") {
        const SignedPolicy alien{second, Digest::of(second.encode()), tests::signed_text(second, {1})};
        CHECK_THROWS_AS(trust.accept_policies({alien, {alien}, {}}, clock_then), Error);
    }
    SECTION("expired at its end") {
        CHECK_THROWS_MATCHES(trust.accept_policies(chain_to(trust, {second}), "2029-01-01T00:00:00Z"), Error,
                             faults_with(Fault::refused, Code::trust_policy_expired));
    }
    CHECK(sample.open().report().findings().empty());
    CHECK(sample.open().policies().size() == 1);
    CHECK(sample.open().state().seq == 3);
}

TEST_CASE("a clock that is set forward past the policy does not stay in the floor", "[runtime][site_trust]") {
    const SampleSite sample;
    SiteTrust trust = sample.open();
    trust.record_install(release(43), "2098-01-01T00:00:00Z", "2099-01-01T00:00:00Z");
    CHECK(sample.open().state().time_floor == clock_then);
    trust.record_install(release(44), "2027-01-01T00:00:00Z", clock_then);
    CHECK(sample.open().state().time_floor == "2027-01-01T00:00:00Z");
}

TEST_CASE("whoever was at the trust folder is noticed", "[runtime][site_trust]") {
    struct Row {
        std::string reason;
        std::function<void(const SampleSite&)> change;
    };
    const auto remove = [](const std::string& path) { REQUIRE(fs::remove_all(path) > 0); };
    const std::vector<Row> rows{
        {"the newest state removed", [&](const SampleSite& s) { remove(s.state(3)); }},
        {"the two newest removed",
         [&](const SampleSite& s) {
             remove(s.state(3));
             remove(s.state(2));
         }},
        {"one in the middle removed", [&](const SampleSite& s) { remove(s.state(2)); }},
        {"the first removed", [&](const SampleSite& s) { remove(s.state(1)); }},
        {"all removed", [&](const SampleSite& s) { remove(s.path("trust/state")); }},
        {"cut short", [](const SampleSite& s) { tests::resize_file(s.state(3), 200); }},
        {"emptied", [](const SampleSite& s) { tests::resize_file(s.state(2), 0); }},
        {"grown past every limit", [](const SampleSite& s) { tests::resize_file(s.state(2), 2U << 20); }},
        {"one bit in the oldest", [](const SampleSite& s) { tests::flip_bit(s.state(1), 60); }},
        {"one bit in the newest", [](const SampleSite& s) { tests::flip_bit(s.state(3), 60); }},
        {"an older one under a newer name",
         [](const SampleSite& s) { write_file(s.state(4), read_file(s.state(3))); }},
        {"a stray file among the states",
         [](const SampleSite& s) { write_file(s.state(3) + ".bak", read_file(s.state(3))); }},
        {"a state behind a link",
         [](const SampleSite& s) {
             fs::rename(s.state(3), s.path("elsewhere"));
             fs::create_symlink(s.path("elsewhere"), s.state(3));
         }},
        {"the folder of states behind a link",
         [](const SampleSite& s) {
             fs::rename(s.path("trust/state"), s.path("elsewhere"));
             fs::create_symlink(s.path("elsewhere"), s.path("trust/state"));
         }},
        {"the trust folder behind a link",
         [](const SampleSite& s) {
             fs::rename(s.path("trust"), s.path("elsewhere"));
             fs::create_symlink(s.path("elsewhere"), s.path("trust"));
         }},
        {"a state that is a folder",
         [&](const SampleSite& s) {
             remove(s.state(3));
             fs::create_directory(s.state(3));
         }},
        {"a state that others may write to",
         [](const SampleSite& s) { fs::permissions(s.state(2), fs::perms(0664)); }},
        {"a trust folder that others may write to",
         [](const SampleSite& s) { fs::permissions(s.path("trust"), fs::perms(0777)); }},
        {"a site that others may write to",
         [](const SampleSite& s) { fs::permissions(s.site.path(), fs::perms(0777)); }},
        {"no pin", [&](const SampleSite& s) { remove(s.path("trust/pin")); }},
        {"another pin",
         [](const SampleSite& s) { write_file(s.path("trust/pin"), Digest::of("x").text() + "\n"); }},
        {"a pin of another spelling",
         [](const SampleSite& s) { write_file(s.path("trust/pin"), Digest::of("x").hex() + "\n"); }},
        {"no policy", [&](const SampleSite& s) { remove(s.path("trust/policy-1.dsse.json")); }},
        {"a policy that was changed",
         [](const SampleSite& s) { tests::flip_bit(s.path("trust/policy-1.dsse.json"), 60); }},
        {"a policy of another name",
         [](const SampleSite& s) {
             fs::rename(s.path("trust/policy-1.dsse.json"), s.path("trust/policy-2.dsse.json"));
         }},
        {"a policy that does not follow",
         [](const SampleSite& s) {
             write_file(
                 s.path("trust/policy-3.dsse.json"),
                 tests::signed_text(tests::successor_of(tests::successor_of(tests::sample_policy())), root));
         }},
        {"a policy of strangers",
         [](const SampleSite& s) {
             TrustPolicy other = tests::successor_of(tests::sample_policy());
             other.policy_id = "family-b";
             other.previous->digest = Digest::of("other");
             write_file(s.path("trust/policy-2.dsse.json"), tests::signed_text(other, root));
         }},
        {"no public key", [&](const SampleSite& s) { remove(s.path("trust/site.pub")); }},
        {"another public key",
         [](const SampleSite& s) { write_file(s.path("trust/site.pub"), tests::Signer(9).key().pem()); }},
        {"no copy of the newest state", [&](const SampleSite& s) { remove(s.copy()); }},
        {"a copy that is long past",
         [](const SampleSite& s) { write_file(s.copy(), read_file(s.state(1))); }},
        {"a copy that was changed", [](const SampleSite& s) { tests::flip_bit(s.copy(), 60); }},
        {"a generation that no state knows",
         [](const SampleSite& s) { fs::create_directories(s.path("generations/000001-0123456789abcdef")); }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.reason);
        const SampleSite sample;
        REQUIRE(sample.open().report().findings().empty());
        row.change(sample);
        expect_no_state(sample.open());
        SiteTrust broken = sample.open();
        CHECK_THROWS_AS(broken.record_install(release(43), std::nullopt, clock_then), Error);
    }
}

TEST_CASE("an older trust folder put back is noticed by the copy beside it", "[runtime][site_trust]") {
    const SampleSite sample;
    fs::copy(sample.path("trust"), sample.path("backup"), fs::copy_options::recursive);
    SiteTrust trust = sample.open();
    trust.record_install(release(43), std::nullopt, clock_then);
    fs::remove_all(sample.path("trust"));
    fs::rename(sample.path("backup"), sample.path("trust"));
    expect_no_state(sample.open());
}

TEST_CASE("a site put back as a whole is noticed only by its generations", "[runtime][site_trust]") {
    const SampleSite sample;
    const std::string state = read_file(sample.copy());
    fs::copy(sample.path("trust"), sample.path("backup"), fs::copy_options::recursive);
    SiteTrust trust = sample.open();
    manifests::InstalledRelease next = release(43);
    next.generation = 1;
    trust.record_install(next, std::nullopt, clock_then);
    const auto put_back = [&] {
        fs::remove_all(sample.path("trust"));
        fs::copy(sample.path("backup"), sample.path("trust"), fs::copy_options::recursive);
        write_file(sample.copy(), state);
    };
    put_back();
    CHECK(sample.open().report().passed()); // the limit, said by undetectable()
    fs::create_directories(sample.path("generations/000001-0123456789abcdef"));
    expect_no_state(sample.open());
}

TEST_CASE("a trust folder that is gone is no site without trust", "[runtime][site_trust]") {
    const SampleSite sample;
    fs::remove_all(sample.path("trust"));
    CHECK_THROWS_MATCHES(SiteTrust::open(sample.site), Error, faults_with(Fault::refused, Code::trust_state));
    CHECK_THROWS_MATCHES(make_trust(sample.site), Error, faults_with(Fault::refused, Code::trust_state));
}

TEST_CASE("another site's state is not this one's", "[runtime][site_trust]") {
    const SampleSite sample;
    const SampleSite other;
    fs::copy_file(other.state(3), sample.state(3), fs::copy_options::overwrite_existing);
    expect_no_state(sample.open());
}

TEST_CASE("a write that was cut off is set right by the next one", "[runtime][site_trust]") {
    const SampleSite sample;
    SECTION("between the state and its copy") {
        write_file(sample.copy(), read_file(sample.state(2)));
        CHECK(sample.open().report().passed());
        CHECK(sample.open().report().findings().size() == 1);
    }
    SECTION("between a policy and its state") {
        write_file(sample.path("trust/policy-2.dsse.json"),
                   tests::signed_text(tests::successor_of(tests::sample_policy()), root));
        CHECK(sample.open().report().passed());
        CHECK(sample.open().report().findings().size() == 1);
        CHECK(sample.open().policy().policy.version == 2);
    }
    SiteTrust trust = sample.open();
    trust.record_install(release(43), std::nullopt, clock_then);
    CHECK(sample.open().report().findings().empty());
}

TEST_CASE("nothing is signed with a key that is not this site's, or not private", "[runtime][site_trust]") {
    const SampleSite sample;
    const std::string key = sample.path("trust/site.key");
    SECTION("missing") {
        fs::remove(key);
    }
    SECTION("of another site") {
        const SampleSite other;
        fs::copy_file(other.path("trust/site.key"), key, fs::copy_options::overwrite_existing);
    }
    SECTION("readable by others") {
        fs::permissions(key, fs::perms(0640));
    }
    SECTION("behind a link") {
        fs::rename(key, sample.path("elsewhere"));
        fs::create_symlink(sample.path("elsewhere"), key);
    }
    SECTION("damaged") {
        tests::flip_bit(key, 60);
    }
    SECTION("cut short") {
        tests::resize_file(key, 100);
    }
    SECTION("with something behind it") {
        write_file(key, read_file(key) + "\n");
    }
    SiteTrust trust = sample.open();
    CHECK_THROWS_AS(trust.record_install(release(43), std::nullopt, clock_then), Error);
    CHECK(sample.open().state().seq == 3);
}
