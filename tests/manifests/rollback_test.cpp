#include "manifests/rollback.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using manifests::check_rollback;
using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::GivenPermit;
using manifests::ReleaseClaim;
using manifests::RollbackAnswer;
using manifests::RollbackPermit;
using manifests::RollbackRules;
using manifests::SiteState;
using tests::faults_with;

namespace {

const std::string now = "2026-12-01T00:00:00Z";

Digest bundle(std::uint64_t counter) {
    return Digest::of("bundle " + std::to_string(counter));
}

// The site has release 42 with security epoch 3.
SiteState site() {
    SiteState state = manifests::first_state("line-7", {7, Digest::of("policy")}, 1, 0, now);
    state.products.insert({"llm-a", {42, 3, bundle(42)}});
    return state;
}

GivenPermit permit(std::uint64_t to = 40) {
    return {{"llm-a", 42, bundle(to), {"line-6", "line-7"}, "2026-12-24T00:00:00Z", "crashes"},
            Digest::of("permit")};
}

RollbackAnswer ask(std::uint64_t counter, std::uint64_t epoch, const std::optional<GivenPermit>& given = {},
                   RollbackRules rules = {{40, 2}, 1}) {
    const SiteState state = site();
    return check_rollback({"llm-a", counter, epoch, bundle(counter)}, rules, &state, given, now);
}

} // namespace

TEST_CASE("what may stand where release 42 with security epoch 3 stood", "[manifests][rollback]") {
    struct Row {
        std::string reason;
        RollbackAnswer answer;
        std::optional<Code> code;
    };
    constexpr std::uint64_t most = 9'223'372'036'854'775'807;
    const auto rows = std::vector<Row>{
        {"the next one", ask(43, 3), {}},
        {"a much newer one", ask(most, most), {}},
        {"the same one again", ask(42, 3), {}},
        {"the same one, whose fixes count for more now", ask(42, 4), {}},
        {"the same one, whose fixes count for less now", ask(42, 2), Code::trust_rollback},
        {"the one before", ask(41, 3), Code::trust_rollback},
        {"release 0", ask(0, 3), Code::trust_rollback},
        {"newer, without the fixes", ask(43, 2), Code::trust_rollback},
        {"older, with more fixes", ask(41, 4), Code::trust_rollback},
        {"newer, below the floor's epoch", ask(43, 3, {}, {{0, 4}, 1}), Code::trust_rollback},
        {"newer, below the floor's counter", ask(43, 3, {}, {{44, 0}, 1}), Code::trust_rollback},
        {"newer, at the floor", ask(43, 3, {}, {{43, 3}, 1}), {}},
        {"the same, below a floor that was raised", ask(42, 3, {}, {{43, 0}, 1}), Code::trust_rollback},
        {"older, and counters begin anew", ask(1, 0, {}, {{0, 0}, 2}), {}},
        {"older, counters begin anew, below the floor", ask(1, 0, {}, {{2, 0}, 2}), Code::trust_rollback},
        {"older, counters begin anew, below the floor's epoch", ask(1, 0, {}, {{0, 1}, 2}),
         Code::trust_rollback},
        {"newer, by a policy from before the reset", ask(43, 3, {}, {{0, 0}, 0}), Code::trust_rollback},
    };
    for (const Row& row : rows) {
        CAPTURE(row.reason);
        CHECK(row.answer.refusal.has_value() == row.code.has_value());
        if (row.code && row.answer.refusal) CHECK(row.answer.refusal->code == *row.code);
        CHECK_FALSE(row.answer.uses_permit);
    }
}

TEST_CASE("another bundle with the counter of the one that was here is refused", "[manifests][rollback]") {
    const SiteState state = site();
    const ReleaseClaim other{"llm-a", 42, 3, Digest::of("other")};
    const auto answer = check_rollback(other, {{}, 1}, &state, std::nullopt, now);
    REQUIRE(answer.refusal);
    CHECK(answer.refusal->code == Code::trust_rollback);
    GivenPermit given = permit();
    given.permit.to = other.bundle;
    CHECK(check_rollback(other, {{}, 1}, &state, given, now).refusal);
}

TEST_CASE("a product that was never here is held to the floors alone", "[manifests][rollback]") {
    const SiteState state = site();
    const ReleaseClaim fresh{"llm-b", 1, 0, bundle(1)};
    CHECK_FALSE(check_rollback(fresh, {{}, 1}, &state, std::nullopt, now).refusal);
    CHECK(check_rollback(fresh, {{2, 0}, 1}, &state, std::nullopt, now).refusal);
    CHECK_FALSE(check_rollback(fresh, {{1, 0}, 1}, nullptr, std::nullopt, now).refusal);
    CHECK(check_rollback(fresh, {{0, 1}, 1}, nullptr, std::nullopt, now).refusal);
}

TEST_CASE("a permit lets this site go back to this bundle", "[manifests][rollback]") {
    const RollbackAnswer answer = ask(40, 3, permit());
    CHECK_FALSE(answer.refusal);
    CHECK(answer.uses_permit);
    CHECK_FALSE(ask(43, 3, permit()).uses_permit);
    CHECK_FALSE(ask(42, 3, permit()).uses_permit);
}

TEST_CASE("a permit that does not fit is refused", "[manifests][rollback]") {
    struct Row {
        std::string reason;
        void (*change)(GivenPermit&);
    };
    const Row row = GENERATE(values<Row>({
        {"for another product", [](GivenPermit& g) { g.permit.product = "llm-b"; }},
        {"from an older release", [](GivenPermit& g) { g.permit.from_counter = 41; }},
        {"from a newer release", [](GivenPermit& g) { g.permit.from_counter = 43; }},
        {"to another bundle", [](GivenPermit& g) { g.permit.to = bundle(39); }},
        {"for other sites",
         [](GivenPermit& g) {
             g.permit.sites = {"line-6", "line-70"};
         }},
        {"over at this second", [](GivenPermit& g) { g.permit.expires = now; }},
        {"long over", [](GivenPermit& g) { g.permit.expires = "2025-01-01T00:00:00Z"; }},
    }));
    CAPTURE(row.reason);
    GivenPermit given = permit();
    row.change(given);
    const RollbackAnswer answer = ask(40, 3, given);
    REQUIRE(answer.refusal);
    CHECK(answer.refusal->code == Code::trust_permit);
    CHECK_FALSE(answer.uses_permit);
}

TEST_CASE("no permit goes below a floor or a security epoch", "[manifests][rollback]") {
    const RollbackAnswer answer =
        GENERATE(ask(39, 3, permit(39)), ask(40, 2, permit()), ask(40, 3, permit(), {{0, 4}, 1}));
    REQUIRE(answer.refusal);
    CHECK(answer.refusal->code == Code::trust_rollback);
    CHECK_FALSE(answer.uses_permit);
}

TEST_CASE("a permit is good once, also when the site is back where it was", "[manifests][rollback]") {
    SiteState state = site();
    const GivenPermit given = permit();
    const ReleaseClaim older{"llm-a", 40, 3, bundle(40)};
    const Digest file = Digest::of("file");
    CHECK(check_rollback(older, {{}, 1}, &state, given, now).uses_permit);
    state = manifests::after_install(state, file, {"llm-a", {40, 3, bundle(40)}, 1, given.payload}, now);

    // The install was interrupted and is run again: no permit is needed for what is there.
    const RollbackAnswer again = check_rollback(older, {{}, 1}, &state, given, now);
    CHECK_FALSE(again.refusal);
    CHECK_FALSE(again.uses_permit);

    state = manifests::after_install(state, file, {"llm-a", {42, 3, bundle(42)}, 2, std::nullopt}, now);
    const RollbackAnswer reused = check_rollback(older, {{}, 1}, &state, given, now);
    REQUIRE(reused.refusal);
    CHECK(reused.refusal->code == Code::trust_permit);
}

TEST_CASE("a permit's predicate reads as it was written", "[manifests][rollback]") {
    const RollbackPermit written = permit().permit;
    const std::string text = manifests::write_json(written.encode());
    CHECK(text ==
          R"({"product":"llm-a","from_counter":42,"to":{"sha256":")" + bundle(40).hex() +
              R"("},"sites":["line-6","line-7"],"expires":"2026-12-24T00:00:00Z","reason":"crashes"})");
    CHECK(RollbackPermit::parse(manifests::read_json(text)) == written);
}

TEST_CASE("a permit that is unclear is refused", "[manifests][rollback]") {
    const std::string good = manifests::write_json(permit().permit.encode());
    const auto with = [&](const std::string& found, const std::string& put) {
        std::string text = good;
        const std::size_t at = text.find(found);
        REQUIRE(at != std::string::npos);
        return text.replace(at, found.size(), put);
    };
    const std::vector<std::pair<std::string, std::string>> refused{
        {"a list", "[]"},
        {"no product", with(R"("product":"llm-a",)", "")},
        {"a bad product", with("llm-a", "llm/a")},
        {"a negative counter", with(":42", ":-1")},
        {"a bundle with its prefix", with(bundle(40).hex(), bundle(40).text())},
        {"another digest as well", with(R"({"sha256")", R"({"sm3":"x","sha256")")},
        {"no site", with(R"("line-6","line-7")", "")},
        {"every site", with(R"("line-6","line-7")", R"("*")")},
        {"sites out of order", with(R"("line-6","line-7")", R"("line-7","line-6")")},
        {"a site twice", with(R"("line-6","line-7")", R"("line-7","line-7")")},
        {"no end", with(R"("expires":"2026-12-24T00:00:00Z",)", "")},
        {"an end of null", with(R"("2026-12-24T00:00:00Z")", "null")},
        {"an end without a time", with("T00:00:00Z", "")},
        {"no reason", with(R"("crashes")", R"("")")},
        {"a reason of two lines", with("crashes", "a\\nb")},
        {"a reason that moves the cursor", with("crashes", "\\u001b[2J")},
        {"an unknown member", with(R"({"product")", R"({"floor":1,"product")")},
    };
    for (const auto& [reason, text] : refused) {
        CAPTURE(reason, text);
        const manifests::Json json = manifests::read_json(text);
        CHECK_THROWS_MATCHES(RollbackPermit::parse(json), Error,
                             faults_with(Fault::damaged, Code::trust_permit));
    }
}
