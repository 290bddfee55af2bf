#include "runtime/found_machine.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Error;
using manifests::Fault;

namespace {

manifests::Machine sample() {
    manifests::Machine machine;
    machine.cpu.architecture = "aarch64";
    machine.memory_bytes = 1ULL << 40;
    return machine;
}

} // namespace

TEST_CASE("a probe's answer and the machine in it are the same machine", "[runtime][fit]") {
    const tests::TempDir folder;
    const manifests::OrderedJson machine = sample().to_json();
    tests::write_file(folder / "machine.json", manifests::write_json(machine));
    tests::write_file(folder / "probe.json",
                      manifests::write_json_for_people(
                          {{"schema", "sealift.probe/1"}, {"machine", machine}, {"profiles", {{"x", 1}}}}));
    for (const char* name : {"machine.json", "probe.json"}) {
        CAPTURE(name);
        CHECK(runtime::load_machine(folder / name).to_json() == machine);
    }
}

TEST_CASE("what is no probed machine is no answer", "[runtime][fit]") {
    const auto [why, text] = GENERATE(table<const char*, const char*>({
        {"nothing", ""},
        {"no JSON", "MACHINE  FOUND"},
        {"a list", "[]"},
        {"another document", R"({"schema": "sealift.check/1"})"},
        {"a probe without a machine", R"({"schema": "sealift.probe/1"})"},
        {"a machine that is a text", R"({"schema": "sealift.probe/1", "machine": "x86_64"})"},
        {"a machine of the future",
         R"({"schema": "sealift.probe/1", "machine": {"schema": "sealift.machine/2", "accelerators": []}})"},
        {"a member twice",
         R"({"schema": "sealift.machine/1", "schema": "sealift.machine/1", "accelerators": []})"},
        {"a member that nobody knows", R"({"schema": "sealift.machine/1", "accelerators": [], "x": 1})"},
    }));
    CAPTURE(why);
    const tests::TempDir folder;
    tests::write_file(folder / "found.json", text);
    REQUIRE_THROWS_MATCHES(runtime::load_machine(folder / "found.json"), Error,
                           tests::faults_with(Fault::missing));
    REQUIRE_THROWS_MATCHES(runtime::load_machine(folder / "none.json"), Error, tests::faults_with(Fault::io));
}
