#include "manifests/site_state.hpp"

#include <algorithm>
#include <functional>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "tests/manifests/signer.hpp"
#include "tests/support/faults.hpp"

using manifests::AcceptedPolicy;
using manifests::Code;
using manifests::Digest;
using manifests::Envelope;
using manifests::Error;
using manifests::Fault;
using manifests::Report;
using manifests::SiteEvent;
using manifests::SiteState;
using manifests::StateChain;
using manifests::StateFile;
using tests::faults_with;
using tests::Signer;

namespace {

const Signer site_signer(7);
const AcceptedPolicy policy_7{7, Digest::of("policy 7")};
const AcceptedPolicy policy_8{8, Digest::of("policy 8")};

std::string signed_by(const Signer& signer, const std::string& payload,
                      std::string_view type = manifests::media::site_state_payload) {
    Envelope envelope{std::string(type), payload, {}};
    envelope.signatures.push_back({signer.key().key_id(), signer.sign(manifests::pre_authentication_encoding(
                                                              envelope.payload_type, envelope.payload))});
    return envelope.encode();
}

// A journal that signs whatever it is given: also what no site would write.
class Journal {
public:
    Journal() { add(manifests::first_state("line-7", policy_7, 1, 3, "2026-11-01T00:00:00Z")); }

    void add(const SiteState& state, const Signer& signer = site_signer) {
        states.push_back(state);
        files.push_back({state.seq, signed_by(signer, state.encode())});
    }
    const SiteState& newest() const { return states.back(); }
    Digest newest_file() const { return Digest::of(files.back().bytes); }
    SiteState next(SiteEvent event) const {
        SiteState state = newest();
        ++state.seq;
        state.prev = newest_file();
        state.event = event;
        return state;
    }
    void install(const std::string& product, std::uint64_t counter, std::uint64_t epoch) {
        const manifests::ProductRecord record{counter, epoch, Digest::of(product + std::to_string(counter))};
        add(manifests::after_install(newest(), newest_file(),
                                     {product, record, newest().generation + 1, std::nullopt},
                                     newest().time_floor));
    }
    StateChain check() const { return check_state_chain(files, site_signer.key()); }

    std::vector<SiteState> states;
    std::vector<StateFile> files;
};

// seq 1 to 4
Journal sample() {
    Journal journal;
    journal.install("llm-a", 42, 3);
    journal.install("llm-b", 5, 0);
    journal.add(manifests::after_policy(journal.newest(), journal.newest_file(), policy_8, 1,
                                        "2026-12-01T00:00:00Z"));
    return journal;
}

std::string sample_text() {
    return Journal(sample()).newest().encode();
}

std::string with(const std::string& found, const std::string& put) {
    std::string text = sample_text();
    const std::size_t at = text.find(found);
    CAPTURE(text, found);
    REQUIRE(at != std::string::npos);
    return text.replace(at, found.size(), put);
}

bool refused_at(const StateChain& chain, const std::string& where) {
    for (const auto& finding : chain.report.findings()) {
        CHECK(finding.code == Code::trust_state);
        if (finding.where == where) return true;
    }
    return false;
}

} // namespace

TEST_CASE("a site state is compact JSON in a fixed order", "[manifests][site_state]") {
    const SiteState first = manifests::first_state("line-7", policy_7, 1, 0, "2026-11-01T00:00:00Z");
    CHECK(first.encode() == R"({"_type":"urn:sealift:site-state/v1","seq":1,"site_id":"line-7",)"
                            R"("policy":{"version":7,"sha256":")" +
                                Digest::of("policy 7").hex() +
                                R"("},"counter_epoch":1,"products":{},"permits_used":[],"generation":0,)"
                                R"("time_floor":"2026-11-01T00:00:00Z","event":"init"})");
    CHECK(SiteState::parse(first.encode()) == first);
    const SiteState newest = sample().newest();
    CHECK(SiteState::parse(newest.encode()) == newest);
}

TEST_CASE("a site state that is unclear or contradicts itself is refused", "[manifests][site_state]") {
    const std::string hex = Digest::of("policy 8").hex();
    const std::vector<std::pair<std::string, std::string>> refused{
        {"nothing", ""},
        {"a list", "[]"},
        {"another type", with("site-state/v1", "site-state/v2")},
        {"seq 0", with(R"("seq":4)", R"("seq":0)")},
        {"seq 1 with a prev", with(R"("seq":4)", R"("seq":1)")},
        {"a negative seq", with(R"("seq":4)", R"("seq":-4)")},
        {"seq as text", with(R"("seq":4)", R"("seq":"4")")},
        {"a second init", with(R"("event":"policy")", R"("event":"init")")},
        {"an unknown event", with(R"("event":"policy")", R"("event":"repair")")},
        {"no event", with(R"(,"event":"policy")", "")},
        {"a site without a name", with("line-7", "")},
        {"a site with a path as name", with("line-7", "../line-7")},
        {"a site in capitals", with("line-7", "LINE-7")},
        {"policy version 0", with(R"("version":8)", R"("version":0)")},
        {"a policy digest with its prefix", with(hex, "sha256:" + hex)},
        {"a policy digest in upper case", with(hex, std::string(64, 'A'))},
        {"a policy digest of 62 digits", with(hex, hex.substr(2))},
        {"a bundle digest without prefix", with(R"("bundle":"sha256:)", R"("bundle":")")},
        {"a product with a bad name", with("llm-b", "llm b")},
        {"products in another order", with("llm-a", "llm-c")},
        {"a product given twice", with("llm-b", "llm-a")},
        {"a counter over 2^63-1", with(":42", ":9223372036854775808")},
        {"a counter as a fraction", with(":42", ":42.0")},
        {"an unknown member of a product", with(R"({"release_counter")", R"({"x":1,"release_counter")")},
        {"permits out of order", with(R"("permits_used":[])", R"("permits_used":[")" + std::string(64, 'b') +
                                                                  R"(",")" + std::string(64, 'a') + R"("])")},
        {"a permit twice", with(R"("permits_used":[])", R"("permits_used":[")" + std::string(64, 'a') +
                                                            R"(",")" + std::string(64, 'a') + R"("])")},
        {"a number as permit", with(R"("permits_used":[])", R"("permits_used":[1])")},
        {"a day that is not in the calendar", with("2026-12-01", "2026-02-30")},
        {"a local time", with("00:00:00Z", "00:00:00+01:00")},
        {"an unknown member", with(R"({"_type")", R"({"tpm":{},"_type")")},
        {"a member given twice", with(R"("seq":4)", R"("seq":4,"seq":4)")},
        {"a space", with(R"("seq":4)", R"("seq": 4)")},
        {"an escape", with("line-7", "line\\u002d7")},
        {"a line feed behind it", sample_text() + "\n"},
        {"too long", sample_text() + std::string(SiteState::most_bytes, ' ')},
    };
    for (const auto& [reason, text] : refused) {
        CAPTURE(reason, text);
        CHECK_THROWS_MATCHES(SiteState::parse(text), Error, faults_with(Fault::damaged, Code::trust_state));
    }
}

TEST_CASE("a state over its limits is not written", "[manifests][site_state]") {
    SiteState state = sample().newest();
    for (std::size_t i = state.products.size(); i <= SiteState::most_products; ++i)
        state.products.insert({"p" + std::to_string(i), state.products.at("llm-a")});
    CHECK_THROWS_MATCHES(state.encode(), Error, faults_with(Fault::damaged, Code::trust_state));
}

TEST_CASE("the largest state fits an envelope", "[manifests][site_state]") {
    SiteState state = sample().newest();
    state.products.clear();
    for (std::size_t i = 0; i < SiteState::most_products; ++i) {
        state.products.insert({std::to_string(i + 1000) + std::string(251, 'x'),
                               {9'223'372'036'854'775'807, 9'223'372'036'854'775'807, Digest::of("bundle")}});
    }
    std::vector<Digest> permits;
    for (std::size_t i = 0; i < SiteState::most_permits; ++i)
        permits.push_back(Digest::of(std::to_string(i)));
    std::sort(permits.begin(), permits.end());
    state.permits_used = permits;
    CHECK(signed_by(site_signer, state.encode()).size() <= Envelope::most_bytes);
}

TEST_CASE("a journal gives its newest state", "[manifests][site_state]") {
    const Journal journal = sample();
    const StateChain chain = journal.check();
    REQUIRE(chain.report.findings().empty());
    REQUIRE(chain.newest);
    CHECK(*chain.newest == journal.newest());
    CHECK(chain.newest_file == journal.newest_file());
    std::vector<StateFile> backwards(journal.files.rbegin(), journal.files.rend());
    CHECK(check_state_chain(backwards, site_signer.key()).newest == journal.newest());
}

TEST_CASE("a journal that was tampered with gives no state", "[manifests][site_state]") {
    using Change = std::function<void(Journal&)>;
    struct Row {
        std::string reason;
        std::string where;
        Change change;
    };
    const std::vector<Row> rows{
        {"no file at all", "state 1", [](Journal& j) { j.files.clear(); }},
        {"the first one missing", "state 1", [](Journal& j) { j.files.erase(j.files.begin()); }},
        {"one in the middle missing", "state 2", [](Journal& j) { j.files.erase(j.files.begin() + 1); }},
        {"two in the middle missing", "state 2",
         [](Journal& j) { j.files.erase(j.files.begin() + 1, j.files.begin() + 3); }},
        {"two with one number", "state 4", [](Journal& j) { j.files.push_back(j.files.back()); }},
        {"cut short", "state 4", [](Journal& j) { j.files.back().bytes.resize(100); }},
        {"empty", "state 2", [](Journal& j) { j.files[1].bytes.clear(); }},
        {"one bit flipped in the payload", "state 3", [](Journal& j) { j.files[2].bytes[40] ^= 1; }},
        {"signed by another key", "state 4",
         [](Journal& j) { j.files[3].bytes = signed_by(Signer(8), j.states[3].encode()); }},
        {"another key, and the site's key id", "state 4",
         [](Journal& j) {
             Envelope envelope = Envelope::parse(signed_by(Signer(8), j.states[3].encode()));
             envelope.signatures[0].key_id = site_signer.key().key_id();
             j.files[3].bytes = envelope.encode();
         }},
        {"another payload type", "state 4",
         [](Journal& j) {
             j.files[3].bytes = signed_by(site_signer, j.states[3].encode(), "application/vnd.in-toto+json");
         }},
        {"a space in the envelope", "state 4", [](Journal& j) { j.files[3].bytes += " "; }},
        {"renamed", "state 5", [](Journal& j) { j.files[3].seq = 5; }},
        {"the first one in the place of the second", "state 2",
         [](Journal& j) { j.files[1].bytes = j.files[0].bytes; }},
        {"behind another second state", "state 3",
         [](Journal& j) {
             SiteState other = j.states[1]; // itself allowed here
             other.generation = j.states[0].generation;
             j.files[1].bytes = signed_by(site_signer, other.encode());
         }},
        {"another site", "state 5",
         [](Journal& j) {
             SiteState next = j.next(SiteEvent::install);
             next.site_id = "line-8";
             j.add(next);
         }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.reason);
        Journal journal = sample();
        row.change(journal);
        const StateChain chain = journal.check();
        CHECK_FALSE(chain.report.passed());
        CHECK(refused_at(chain, row.where));
        CHECK_FALSE(chain.newest);
        CHECK_FALSE(chain.newest_file);
    }
}

TEST_CASE("a broken file does not hide what is wrong behind it", "[manifests][site_state]") {
    Journal journal = sample();
    journal.files[1].bytes[40] ^= 1;
    SiteState next = journal.next(SiteEvent::install);
    next.time_floor = "2000-01-01T00:00:00Z";
    journal.add(next);
    const StateChain chain = journal.check();
    CHECK(refused_at(chain, "state 2"));
    CHECK(refused_at(chain, "state 5"));
}

TEST_CASE("nothing that a site has had is taken back", "[manifests][site_state]") {
    struct Row {
        std::string reason;
        SiteEvent event;
        std::function<void(SiteState&)> change;
    };
    const auto reset = [](SiteState& s) {
        s.policy = {9, Digest::of("policy 9")};
        s.counter_epoch = 2;
        s.products.clear();
    };
    const auto newer_policy = [](SiteState& s) { s.policy = {9, Digest::of("policy 9")}; };
    const std::vector<Row> rows{
        {"another policy", SiteEvent::install, newer_policy},
        {"another policy of the same version", SiteEvent::policy,
         [](SiteState& s) { s.policy.payload = Digest::of("other"); }},
        {"the same policy", SiteEvent::policy, [](SiteState&) {}},
        {"an older policy", SiteEvent::policy, [](SiteState& s) { s.policy = policy_7; }},
        {"an older policy at an install", SiteEvent::install, [](SiteState& s) { s.policy = policy_7; }},
        {"a lower counter_epoch", SiteEvent::policy,
         [=](SiteState& s) {
             newer_policy(s);
             s.counter_epoch = 0;
         }},
        {"a raised counter_epoch that keeps products", SiteEvent::policy,
         [=](SiteState& s) {
             newer_policy(s);
             s.counter_epoch = 2;
         }},
        {"a raised counter_epoch at an install", SiteEvent::install,
         [](SiteState& s) { s.counter_epoch = 2; }},
        {"a counter_epoch without a policy", SiteEvent::install,
         [=](SiteState& s) {
             reset(s);
             s.policy = policy_8;
         }},
        {"a policy that changes a product", SiteEvent::policy,
         [=](SiteState& s) {
             newer_policy(s);
             s.products.at("llm-a").release_counter = 43;
         }},
        {"a policy that forgets products", SiteEvent::policy,
         [=](SiteState& s) {
             newer_policy(s);
             s.products.clear();
         }},
        {"a policy that uses a permit", SiteEvent::policy,
         [=](SiteState& s) {
             newer_policy(s);
             s.permits_used = {Digest::of("permit")};
         }},
        {"a reset that uses a permit", SiteEvent::policy,
         [=](SiteState& s) {
             reset(s);
             s.permits_used = {Digest::of("permit")};
         }},
        {"a policy that changes the generation", SiteEvent::policy,
         [=](SiteState& s) {
             newer_policy(s);
             ++s.generation;
         }},
        {"a lower generation", SiteEvent::install, [](SiteState& s) { --s.generation; }},
        {"an earlier time", SiteEvent::install, [](SiteState& s) { s.time_floor = "2026-11-30T23:59:59Z"; }},
        {"a forgotten product", SiteEvent::install, [](SiteState& s) { s.products.erase("llm-a"); }},
        {"a lower counter", SiteEvent::install,
         [](SiteState& s) { s.products.at("llm-a").release_counter = 41; }},
        {"a lower security epoch", SiteEvent::install,
         [](SiteState& s) {
             s.products.at("llm-a").release_counter = 43;
             s.products.at("llm-a").security_epoch = 2;
         }},
        {"the same counter and another bundle", SiteEvent::install,
         [](SiteState& s) { s.products.at("llm-a").bundle = Digest::of("other"); }},
        {"two products at once", SiteEvent::install,
         [](SiteState& s) {
             s.products.at("llm-a").release_counter = 43;
             s.products.at("llm-b").release_counter = 43;
         }},
        {"an install that uses a permit", SiteEvent::install,
         [](SiteState& s) { s.permits_used = {Digest::of("permit")}; }},
        {"a permit that is not recorded", SiteEvent::permit,
         [](SiteState& s) { s.products.at("llm-a").release_counter = 41; }},
        {"two permits", SiteEvent::permit,
         [](SiteState& s) {
             s.products.at("llm-a").release_counter = 41;
             s.permits_used = {Digest::of("permit"), Digest::of("other")};
             std::sort(s.permits_used.begin(), s.permits_used.end());
         }},
        {"a permit for a step forward", SiteEvent::permit,
         [](SiteState& s) {
             s.products.at("llm-a").release_counter = 43;
             s.permits_used = {Digest::of("permit")};
         }},
        {"a permit for nothing", SiteEvent::permit,
         [](SiteState& s) { s.permits_used = {Digest::of("permit")}; }},
        {"a permit for a new product", SiteEvent::permit,
         [](SiteState& s) {
             s.products.insert({"llm-c", s.products.at("llm-a")});
             s.permits_used = {Digest::of("permit")};
         }},
        {"a permit below a security epoch", SiteEvent::permit,
         [](SiteState& s) {
             s.products.at("llm-a").release_counter = 41;
             s.products.at("llm-a").security_epoch = 2;
             s.permits_used = {Digest::of("permit")};
         }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.reason);
        Journal journal = sample();
        SiteState next = journal.next(row.event);
        row.change(next);
        CHECK_FALSE(manifests::forbidden_step(journal.newest(), next).empty());
        journal.add(next);
        CHECK(refused_at(journal.check(), "state 5"));
    }
}

TEST_CASE("a permit that was used stays used, also when counters begin anew", "[manifests][site_state]") {
    Journal journal = sample();
    const manifests::ProductRecord older{40, 3, Digest::of("llm-a40")};
    journal.add(manifests::after_install(journal.newest(), journal.newest_file(),
                                         {"llm-a", older, 6, Digest::of("permit")}, "2026-12-02T00:00:00Z"));
    REQUIRE(journal.check().newest);
    CHECK(journal.newest().event == SiteEvent::permit);
    CHECK(journal.newest().permits_used == std::vector{Digest::of("permit")});

    Journal forged = journal;
    SiteState exchanged = forged.next(SiteEvent::permit);
    exchanged.products.at("llm-a").release_counter = 39;
    exchanged.permits_used = {Digest::of("one"), Digest::of("other")};
    std::sort(exchanged.permits_used.begin(), exchanged.permits_used.end());
    forged.add(exchanged);
    CHECK(refused_at(forged.check(), "state 6"));

    journal.add(manifests::after_policy(journal.newest(), journal.newest_file(), {9, Digest::of("policy 9")},
                                        2, "2026-11-15T00:00:00Z"));
    const StateChain chain = journal.check();
    REQUIRE(chain.newest);
    CHECK(chain.newest->products.empty());
    CHECK(chain.newest->permits_used == std::vector{Digest::of("permit")});
    CHECK(chain.newest->time_floor == "2026-11-15T00:00:00Z");

    SiteState forgets = journal.next(SiteEvent::install);
    forgets.permits_used.clear();
    journal.add(forgets);
    CHECK(refused_at(journal.check(), "state 7"));
}

TEST_CASE("a step that the chain would refuse is not made", "[manifests][site_state]") {
    const Journal journal = sample();
    const manifests::ProductRecord older{40, 3, Digest::of("llm-a40")};
    CHECK_THROWS_MATCHES(manifests::after_install(journal.newest(), journal.newest_file(),
                                                  {"llm-a", older, 6, std::nullopt}, "2026-12-02T00:00:00Z"),
                         Error, faults_with(Fault::refused, Code::trust_state));
    CHECK_THROWS_MATCHES(
        manifests::after_policy(journal.newest(), journal.newest_file(), policy_7, 1, "2026-12-02T00:00:00Z"),
        Error, faults_with(Fault::refused, Code::trust_state));
}

TEST_CASE("the time floor rises with what was seen, and not past the end of the policy",
          "[manifests][site_state]") {
    const std::string before = "2026-11-01T00:00:00Z";
    const std::string end = "2027-11-01T00:00:00Z";
    using manifests::raised_time_floor;
    CHECK(raised_time_floor(before, {"2026-12-01T00:00:00Z", {}}, end) == "2026-12-01T00:00:00Z");
    CHECK(raised_time_floor(before, {"2026-10-01T00:00:00Z", {}}, end) == before);
    CHECK(raised_time_floor(before, {std::nullopt, {"2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"}}, end) ==
          "2026-11-03T00:00:00Z");
    CHECK(raised_time_floor(before, {"2099-01-01T00:00:00Z", {"2098-01-01T00:00:00Z"}}, end) == before);
    CHECK(raised_time_floor(before, {end, {}}, end) == before);
    CHECK(raised_time_floor(before, {"2027-10-31T23:59:59Z", {}}, end) == "2027-10-31T23:59:59Z");
    CHECK(raised_time_floor(before, {"2099-01-01T00:00:00Z", {}}, std::nullopt) == "2099-01-01T00:00:00Z");
    CHECK(raised_time_floor(std::nullopt, {std::nullopt, {before}}, end) == before);
    CHECK_THROWS_AS(raised_time_floor(before, {"yesterday", {}}, end), Error);
}

TEST_CASE("a clock behind the floor is a note, and the floor counts", "[manifests][site_state]") {
    const std::string floor = "2026-11-01T00:00:00Z";
    const auto good = manifests::time_now("2026-11-01T00:00:00Z", floor);
    CHECK(good.now == floor);
    CHECK_FALSE(good.finding);
    const auto behind = manifests::time_now("1970-01-01T00:00:07Z", floor);
    CHECK(behind.now == floor);
    REQUIRE(behind.finding);
    CHECK(behind.finding->code == Code::trust_clock);
    CHECK(behind.finding->severity == manifests::Severity::note);
}
