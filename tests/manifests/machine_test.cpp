#include "manifests/machine.hpp"

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"

using manifests::Error;
using manifests::Json;
using manifests::Machine;
using manifests::write_json;

namespace {

Machine sample() {
    Machine machine;
    machine.cpu = {.architecture = "x86_64",
                   .vendor = "  Shanghai  ",
                   .brand = "A processor",
                   .family = 6,
                   .model = 0,
                   .stepping = 0,
                   .logical_count = 128,
                   .features = {"avx", "sse2"},
                   .disabled_features = {"avx512f"}};
    machine.memory_bytes = 9223372036854775807ULL;
    machine.kernel_name = "Linux";
    machine.kernel_release = "6.1.0";
    machine.accelerators = {{"0000:c1:00.0", "19e5:d802", "19e5:0100", "120000", "devdrv", "Huawei"},
                            {"10000:01:00.0", "1bcf:001c", "", "0b4000", "", ""}};
    machine.firmware.product_name = "Board \xe5\x8c\x85";
    machine.unreadable = {"/sys/class/dmi/id/bios_date"};
    return machine;
}

// Everything that a machine can say besides.
Machine talkative() {
    Machine machine = sample();
    machine.cpu.source = "/proc/cpuinfo";
    machine.numa_nodes = {{0, 1024, "0-3"}, {1, 0, "4-7"}, {255, 2048, ""}};
    machine.system_id = "openEuler";
    machine.system_version = "22.03";
    machine.accelerators[0].numa_node = 0;
    machine.accelerators[0].devices = 2;
    machine.accelerators[0].memory_bytes = 68719476736ULL;
    machine.accelerators[0].model = "Ascend910B3";
    machine.accelerators[0].revision = "00";
    machine.networks = {{"0000:05:00.0", "19e5:0222", "", "020000", "hinic", "Huawei"}};
    machine.device_nodes = {{"/dev/davinci0", "0660", 0, 1001}, {"/dev/davinci_manager", "0660", 0, 1001}};
    machine.software = {
        {"driver", "Ascend HDK driver", "25.2.0", "/usr/local/Ascend/driver/version.info"},
        {"toolkit", "CANN", "8.2.RC1", "/usr/local/Ascend/cann/runtime/version.info"},
        {"toolkit", "CANN", "8.3.RC1", "/usr/local/Ascend/ascend-toolkit/latest/runtime/version.info"}};
    std::swap(machine.software[1], machine.software[2]);
    machine.abi = {{"GLIBC", "2.34", "/lib64/libc.so.6"}, {"GLIBCXX", "3.4.30", "/lib64/libstdc++.so.6"}};
    machine.block_devices = {{"nvme0n1", 1920383410176ULL, 512, false, false, "A disk"},
                             {"sda", 0, 512, true, true, ""}};
    machine.identities.emplace().host_name = "node7";
    machine.evidence = {{.tool = "npu-smi",
                         .version = "25.2.0",
                         .digest = manifests::Digest::of("what it said").text(),
                         .devices = {{"0000:c1:00.0", "Ascend910B3", 68719476736ULL, 1}},
                         .software = {{"firmware", "Ascend firmware", "7.7.0.6.236", "npu-smi"}}}};
    return machine;
}

} // namespace

TEST_CASE("a machine comes back from its JSON unchanged", "[manifests][machine]") {
    const std::string bytes = write_json(sample().to_json());
    const Machine again = Machine::parse(bytes);
    CHECK(write_json(again.to_json()) == bytes);
    CHECK(again.cpu.vendor == "  Shanghai  ");
    CHECK(again.cpu.stepping == 0);
    CHECK(again.memory_bytes == 9223372036854775807ULL);
    CHECK(again.accelerators.at(1).driver.empty());
    CHECK(again.unreadable.size() == 1);
}

TEST_CASE("all that a machine says comes back from its JSON unchanged", "[manifests][machine]") {
    const std::string bytes = write_json(talkative().to_json());
    const Machine again = Machine::parse(bytes);
    CHECK(write_json(again.to_json()) == bytes);
    CHECK(again.numa_nodes.at(2).processors.empty());
    CHECK(again.accelerators.at(0).devices == 2);
    CHECK(again.accelerators.at(0).numa_node == 0U); // node 0 is said; not saying one is something else
    CHECK_FALSE(again.accelerators.at(1).numa_node.has_value());
    CHECK(again.block_devices.at(1).rotational);
    CHECK(again.evidence.at(0).devices.at(0).model == "Ascend910B3");
    CHECK(again.identities.value().host_name == "node7");
}

TEST_CASE("identities that were asked for and are not there are not those that nobody asked for",
          "[manifests][machine]") {
    Machine machine;
    machine.identities.emplace();
    const std::string bytes = write_json(machine.to_json());
    CHECK(bytes == R"({"schema":"sealift.machine/1","accelerators":[],"identities":{}})");
    CHECK(Machine::parse(bytes).identities.has_value());
    CHECK_FALSE(Machine::parse(write_json(Machine{}.to_json())).identities.has_value());
}

TEST_CASE("a machine is found in what a probe printed", "[manifests][machine]") {
    const Json machine = Json::parse(write_json(talkative().to_json()));
    const Json probe = {{"schema", "sealift.probe/1"}, {"machine", machine}, {"best_profile", nullptr}};
    const auto text_of = [](const Machine& found) { return write_json(found.to_json()); };
    CHECK(text_of(Machine::parse_found(probe.dump())) == text_of(talkative()));
    CHECK(text_of(Machine::parse_found(machine.dump())) == text_of(talkative()));
    CHECK_THROWS_AS(Machine::parse(probe.dump()), Error);
    const Json without = {{"schema", "sealift.probe/1"}};
    CHECK_THROWS_AS(Machine::parse_found(without.dump()), Error);
    const Json other = {{"schema", "sealift.probe/2"}, {"machine", machine}};
    CHECK_THROWS_AS(Machine::parse_found(other.dump()), Error);
    CHECK_THROWS_AS(Machine::parse_found("[]"), Error);
}

TEST_CASE("the JSON of a machine is always the same bytes", "[manifests][machine]") {
    CHECK(write_json(Machine{}.to_json()) == R"({"schema":"sealift.machine/1","accelerators":[]})");
    CHECK(
        write_json(sample().to_json()) ==
        R"({"schema":"sealift.machine/1","cpu":{"architecture":"x86_64","vendor":"  Shanghai  ",)"
        R"("brand":"A processor","family":6,"model":0,"stepping":0,"logical_count":128,)"
        R"("features":["avx","sse2"],"disabled_features":["avx512f"]},"memory_bytes":9223372036854775807,)"
        R"("kernel":{"name":"Linux","release":"6.1.0"},"accelerators":[{"address":"0000:c1:00.0",)"
        R"("id":"19e5:d802","subsystem_id":"19e5:0100","class":"120000","driver":"devdrv","vendor":"Huawei"},)"
        R"({"address":"10000:01:00.0","id":"1bcf:001c","class":"0b4000"}],)"
        "\"firmware\":{\"product_name\":\"Board \xe5\x8c\x85\"},"
        R"("unreadable":["/sys/class/dmi/id/bios_date"]})");
}

TEST_CASE("what a machine must not say is refused", "[manifests][machine]") {
    using Change = std::function<void(Json&)>;
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"another schema", [](Json& m) { m["schema"] = "sealift.machine/2"; }},
        {"an unknown member", [](Json& m) { m["hostname"] = "db1"; }},
        {"an unknown member of the processor", [](Json& m) { m["cpu"]["serial"] = "1"; }},
        {"an unknown member of the firmware", [](Json& m) { m["firmware"]["serial"] = "1"; }},
        {"an unknown member of an accelerator", [](Json& m) { m["accelerators"][0]["uuid"] = "1"; }},
        {"an unknown member of the kernel", [](Json& m) { m["kernel"]["builder"] = "me"; }},
        {"no list of accelerators", [](Json& m) { m.erase("accelerators"); }},
        {"an accelerator without an id", [](Json& m) { m["accelerators"][0].erase("id"); }},
        {"accelerators out of order", [](Json& m) { std::swap(m["accelerators"][0], m["accelerators"][1]); }},
        {"an accelerator twice", [](Json& m) { m["accelerators"][1] = m["accelerators"][0]; }},
        {"features out of order", [](Json& m) { m["cpu"]["features"] = {"sse2", "avx"}; }},
        {"a feature twice", [](Json& m) { m["cpu"]["features"] = {"avx", "avx"}; }},
        {"an empty text", [](Json& m) { m["cpu"]["brand"] = ""; }},
        {"a model without a family", [](Json& m) { m["cpu"].erase("family"); }},
        {"memory of nothing", [](Json& m) { m["memory_bytes"] = 0; }},
        {"less than no memory", [](Json& m) { m["memory_bytes"] = -1; }},
        {"an empty processor", [](Json& m) { m["cpu"] = Json::object(); }},
        {"an empty list of what could not be read", [](Json& m) { m["unreadable"] = Json::array(); }},
    }));
    CAPTURE(reason);
    Json machine = Json::parse(write_json(sample().to_json()));
    change(machine);
    CHECK_THROWS_AS(Machine::parse(machine.dump()), Error);
}

TEST_CASE("what a talkative machine must not say is refused", "[manifests][machine]") {
    using Change = std::function<void(Json&)>;
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"NUMA nodes out of order", [](Json& m) { std::swap(m["numa_nodes"][0], m["numa_nodes"][1]); }},
        {"a NUMA node without a number", [](Json& m) { m["numa_nodes"][0].erase("node"); }},
        {"an address that is none", [](Json& m) { m["accelerators"][0]["address"] = "c1:00.0"; }},
        {"an address in capitals", [](Json& m) { m["accelerators"][0]["address"] = "0000:C1:00.0"; }},
        {"an id that is none", [](Json& m) { m["accelerators"][0]["id"] = "19e5"; }},
        {"a subsystem that is none", [](Json& m) { m["accelerators"][0]["subsystem_id"] = "19e5:110"; }},
        {"a class that is none", [](Json& m) { m["accelerators"][0]["class"] = "0x120000"; }},
        {"a revision that is none", [](Json& m) { m["accelerators"][0]["revision"] = "0x00"; }},
        {"no device behind a function", [](Json& m) { m["accelerators"][0]["devices"] = 0; }},
        {"one device, said", [](Json& m) { m["accelerators"][0]["devices"] = 1; }},
        {"half a device", [](Json& m) { m["accelerators"][0]["devices"] = 1.5; }},
        {"memory of nothing", [](Json& m) { m["accelerators"][0]["memory_bytes"] = 0; }},
        {"no NUMA node, said", [](Json& m) { m["accelerators"][0]["numa_node"] = -1; }},
        {"networks, empty", [](Json& m) { m["networks"] = Json::array(); }},
        {"a network twice", [](Json& m) { m["networks"].push_back(m["networks"][0]); }},
        {"a mode of three digits", [](Json& m) { m["device_nodes"][0]["mode"] = "660"; }},
        {"a mode that is no octal", [](Json& m) { m["device_nodes"][0]["mode"] = "0680"; }},
        {"a device node somewhere", [](Json& m) { m["device_nodes"][0]["path"] = "davinci0"; }},
        {"device nodes out of order", [](Json& m) { std::swap(m["device_nodes"][0], m["device_nodes"][1]); }},
        {"another kind of software", [](Json& m) { m["software"][0]["kind"] = "engine"; }},
        {"software without a version", [](Json& m) { m["software"][0]["version"] = ""; }},
        {"software of an unknown version", [](Json& m) { m["software"][0]["version"] = "unknown"; }},
        {"software from nowhere", [](Json& m) { m["software"][0].erase("path"); }},
        {"software out of order", [](Json& m) { std::swap(m["software"][1], m["software"][2]); }},
        {"an abi version of letters", [](Json& m) { m["abi"][0]["version"] = "PRIVATE"; }},
        {"an abi twice", [](Json& m) { m["abi"][1] = m["abi"][0]; }},
        {"a disk without a name", [](Json& m) { m["block_devices"][0].erase("name"); }},
        {"a disk's serial number", [](Json& m) { m["block_devices"][0]["serial"] = "1"; }},
        {"a disk that does not turn, said", [](Json& m) { m["block_devices"][0]["rotational"] = false; }},
        {"an unknown member of the identities", [](Json& m) { m["identities"]["user"] = "me"; }},
        {"evidence without a digest", [](Json& m) { m["evidence"][0].erase("digest"); }},
        {"evidence with half a digest", [](Json& m) { m["evidence"][0]["digest"] = "sha256:00"; }},
        {"evidence of nobody", [](Json& m) { m["evidence"][0]["tool"] = ""; }},
        {"evidence twice", [](Json& m) { m["evidence"].push_back(m["evidence"][0]); }},
        {"an unknown member of evidence", [](Json& m) { m["evidence"][0]["date"] = "today"; }},
        {"evidence about no address", [](Json& m) { m["evidence"][0]["devices"][0]["address"] = "0"; }},
        {"an empty system", [](Json& m) { m["system"] = Json::object(); }},
    }));
    CAPTURE(reason);
    Json machine = Json::parse(write_json(talkative().to_json()));
    change(machine);
    CHECK_THROWS_AS(Machine::parse(machine.dump()), Error);
}
