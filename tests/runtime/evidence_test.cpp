#include "runtime/evidence.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "runtime/probe.hpp"
#include "tests/runtime/probe_tree.hpp"

using manifests::EvidenceFound;
using manifests::Machine;
using runtime::add_evidence;
using Texts = std::vector<std::string>;

namespace {

constexpr std::uint64_t gib = 1ULL << 30;

Machine two_cards() {
    Machine machine;
    machine.accelerators = {{"0000:01:00.0", "19e5:d802", "", "120000", "", "Huawei"},
                            {"0000:02:00.0", "19e5:d802", "", "120000", "", "Huawei"}};
    return machine;
}

EvidenceFound said_by(const std::string& tool, std::vector<EvidenceFound::Device> devices) {
    return {.tool = tool,
            .version = "1",
            .digest = manifests::Digest::of(tool).text(),
            .devices = std::move(devices),
            .software = {}};
}

} // namespace

TEST_CASE("a tool is believed where files do not speak, and is recorded", "[runtime][probe][evidence]") {
    Machine machine = two_cards();
    add_evidence(
        {said_by("npu-smi", {{"0000:01:00.0", "Ascend910B3", 64 * gib, 1}, {"0000:02:00.0", "", 0, 2}})},
        machine);
    CHECK(machine.accelerators[0].memory_bytes == 64 * gib);
    CHECK(machine.accelerators[0].model == "Ascend910B3");
    CHECK(machine.accelerators[0].devices == 1);
    CHECK(machine.accelerators[1].memory_bytes == 0);
    CHECK(machine.accelerators[1].devices == 2);
    CHECK(machine.unreadable.empty());
    REQUIRE(machine.evidence.size() == 1);
    CHECK(machine.evidence[0].tool == "npu-smi");
    CHECK_NOTHROW(Machine::parse(manifests::write_json(machine.to_json())));
}

TEST_CASE("files win over a tool, and never in silence", "[runtime][probe][evidence]") {
    Machine machine = two_cards();
    machine.accelerators[0].memory_bytes = 64 * gib;
    machine.accelerators[0].model = "A";
    machine.accelerators[0].devices = 2;
    add_evidence(
        {said_by("npu-smi", {{"0000:01:00.0", "B", 32 * gib, 1}, {"0000:09:00.0", "B", 32 * gib, 1}})},
        machine);
    CHECK(machine.accelerators[0].memory_bytes == 64 * gib);
    CHECK(machine.accelerators[0].model == "A");
    CHECK(machine.accelerators[0].devices == 2);
    CHECK(machine.unreadable ==
          Texts{"npu-smi: 0000:09:00.0 is no accelerator on PCI",
                "npu-smi: devices behind 0000:01:00.0: 1, and files say 2",
                "npu-smi: memory of 0000:01:00.0: 34359738368 bytes, and files say 68719476736 bytes",
                "npu-smi: model of 0000:01:00.0: B, and files say A"});
}

TEST_CASE("two tools that contradict each other leave a thing unknown, in either order",
          "[runtime][probe][evidence]") {
    const EvidenceFound one = said_by("a-smi", {{"0000:01:00.0", "A", 64 * gib, 0}});
    const EvidenceFound other = said_by("b-smi", {{"0000:01:00.0", "A", 32 * gib, 0}});
    Machine machine = two_cards();
    add_evidence({one, other}, machine);
    CHECK(machine.accelerators[0].memory_bytes == 0);
    CHECK(machine.accelerators[0].model == "A");
    CHECK(machine.unreadable.size() == 2);
    Machine again = two_cards();
    add_evidence({other, one}, again);
    CHECK(manifests::write_json(again.to_json()) == manifests::write_json(machine.to_json()));
}

TEST_CASE("evidence of one tool is given once", "[runtime][probe][evidence]") {
    Machine machine = two_cards();
    CHECK_THROWS_AS(add_evidence({said_by("a", {}), said_by("a", {})}, machine), manifests::Error);
}

TEST_CASE("versions that a tool says stand where no file says one", "[runtime][probe][evidence]") {
    Machine machine = two_cards();
    machine.software = {{"driver", "Ascend HDK driver", "25.2.0", "/a"}};
    EvidenceFound evidence = said_by("npu-smi", {});
    evidence.software = {{"driver", "Ascend HDK driver", "24.1", "npu-smi"},
                         {"firmware", "Ascend HDK firmware", "7.7", "npu-smi"}};
    add_evidence({evidence}, machine);
    REQUIRE(machine.software.size() == 2);
    CHECK(machine.software[0].version == "25.2.0");
    CHECK(machine.software[1].path == "npu-smi");
    CHECK(machine.unreadable == Texts{"npu-smi: driver Ascend HDK driver: 24.1, and files say 25.2.0"});
}

TEST_CASE("evidence comes into a probe with the request", "[runtime][probe][evidence]") {
    tests::Tree tree;
    tree.pci("0000:01:00.0", "19e5", "d500", "120000");
    tree.subsystem("0000:01:00.0", "0200", "0110");
    const Machine machine = runtime::probe_machine(
        {.sysroot = tree.path(), .evidence = {said_by("npu-smi", {{"0000:01:00.0", "310P3", 24 * gib, 2}})}});
    CHECK(machine.accelerators.at(0).memory_bytes == 24 * gib);
    CHECK(machine.accelerators.at(0).devices == 2);
    CHECK(machine.unreadable == Texts{"cpu"});
}

TEST_CASE("letters of any case spell the same software", "[runtime][probe][evidence]") {
    Machine machine = two_cards();
    machine.software = {{"toolkit", "CANN", "8.0", "/a"}};
    EvidenceFound evidence = said_by("npu-smi", {});
    evidence.software = {{"toolkit", "cann", "9.1.0", "npu-smi"}};
    add_evidence({evidence}, machine);
    REQUIRE(machine.software.size() == 1);
    CHECK(machine.software[0].version == "8.0");
    CHECK(machine.unreadable == Texts{"npu-smi: toolkit cann: 9.1.0, and files say 8.0"});
    Machine without = two_cards();
    EvidenceFound other = said_by("other-smi", {});
    other.software = {{"toolkit", "CANN", "8.0", "other-smi"}};
    add_evidence({evidence, other}, without);
    CHECK(without.software.empty());
    CHECK(without.unreadable.size() == 2);
}
