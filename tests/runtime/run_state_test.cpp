#include "runtime/run_state.hpp"

#include <catch2/catch.hpp>

#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using runtime::RunState;
using runtime::Site;
using tests::faults_with;

TEST_CASE("a run state reads back as it was written", "[runtime][run_state]") {
    const tests::TempDir folder;
    const Site site(folder / "site");
    site.prepare();
    CHECK(!runtime::read_run_state(site));
    RunState state;
    state.phase = RunState::Phase::failed;
    state.supervisor_pid = 12;
    state.engine_pid = 13;
    state.name = "sample";
    state.endpoint = "127.0.0.1:80";
    state.reason = "signal 9";
    state.findings.push_back({Code::boot_answer, "engine", "a \"text\"\n", "a hint"});
    runtime::write_run_state(site, state);
    const auto read = runtime::read_run_state(site);
    REQUIRE(read);
    CHECK(read->encode() == state.encode());
    CHECK(read->phase == RunState::Phase::failed);
    CHECK(read->findings.at(0).code == Code::boot_answer);
}

TEST_CASE("a run state that nobody wrote is no answer", "[runtime][run_state]") {
    const tests::TempDir folder;
    const Site site(folder / "site");
    const std::string good = RunState().encode();
    const auto replaced = [&](const std::string& what, const std::string& by) {
        std::string text = good;
        const std::size_t at = text.find(what);
        REQUIRE(at != std::string::npos);
        return text.replace(at, what.size(), by);
    };
    CHECK_NOTHROW(RunState::parse(good));
    for (const std::string& bytes :
         {std::string(), std::string("{}"), good.substr(0, good.size() / 2), replaced("starting", "sleeping"),
          replaced("sealift.run/1", "sealift.run/2"), replaced("\"engine_pid\": 0", "\"engine_pid\": -1"),
          replaced("\"reason\": \"\"", "\"reason\": \"\", \"more\": 1")}) {
        CAPTURE(bytes);
        CHECK_THROWS_MATCHES(RunState::parse(bytes), Error, faults_with(Fault::damaged));
        tests::write_file(runtime::state_path(site), bytes);
        CHECK_THROWS_MATCHES(runtime::read_run_state(site), Error, faults_with(Fault::io));
    }
}
