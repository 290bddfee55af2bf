// Traps that real machines set for whoever counts accelerators.

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runtime/probe.hpp"
#include "tests/runtime/probe_tree.hpp"

using manifests::Machine;
using runtime::probe_machine;
using tests::Tree;

namespace {

bool has(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

std::uint64_t devices_in(const Machine& machine) {
    std::uint64_t count = 0;
    for (const auto& one : machine.accelerators)
        count += one.devices;
    return count;
}

} // namespace

TEST_CASE("two NPUs stand behind one function where the subsystem says so", "[runtime][probe][pci]") {
    struct Row {
        std::string vendor, device, subsystem;
        std::uint64_t devices;
    };
    const std::vector<Row> rows{
        {"19e5", "d500", "0110", 2}, {"19e5", "d500", "011f", 2}, {"19e5", "d501", "0110", 2},
        {"20c6", "d500", "0110", 2}, // the same chip under an OEM's id
        {"19e5", "d500", "0100", 1}, {"19e5", "d500", "0120", 1}, {"19e5", "d500", "1110", 1},
        {"19e5", "d501", "0100", 1}, // two chips on the board, one behind each function
        {"19e5", "d804", "0110", 1}, {"19e5", "d802", "0110", 1}, {"10de", "d500", "0110", 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.vendor, row.device, row.subsystem);
        Tree tree;
        tree.pci("0000:01:00.0", row.vendor, row.device, "120000");
        tree.subsystem("0000:01:00.0", "0200", row.subsystem);
        const Machine machine = probe_machine(tree.path());
        REQUIRE(machine.accelerators.size() == 1);
        CHECK(machine.accelerators[0].devices == row.devices);
    }
    Tree silent;
    silent.pci("0000:01:00.0", "19e5", "d500", "120000");
    CHECK(probe_machine(silent.path()).accelerators.at(0).devices == 1);
}

TEST_CASE("eight cards of a 910C are sixteen functions and sixteen devices", "[runtime][probe][pci]") {
    Tree tree;
    for (int card = 0; card < 8; ++card) {
        for (const char* die : {"0", "1"})
            tree.pci("000" + std::to_string(card) + ":0" + die + ":00.0", "19e5", "d803", "120000");
    }
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.accelerators.size() == 16);
    CHECK(devices_in(machine) == 16);
}

TEST_CASE("what a 310P is while its bus is reset is unknown, not absent", "[runtime][probe][pci]") {
    const std::string class_code = GENERATE(as<std::string>{}, "ff0000", "058000", "120000");
    CAPTURE(class_code);
    Tree tree;
    tree.pci("0000:01:00.0", "1000", "02b2", class_code);
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.accelerators.empty());
    CHECK(has(machine.unreadable, "/sys/bus/pci/devices/0000:01:00.0"));
    Tree controller; // the same maker's storage controller is none
    controller.pci("0000:01:00.0", "1000", "00ce", "010400");
    CHECK(probe_machine(controller.path()).unreadable == std::vector<std::string>{"cpu"});
}

TEST_CASE("a domain of more than four digits is one", "[runtime][probe][pci]") {
    Tree tree;
    tree.pci("10000:00:04.0", "19e5", "d802", "120000");
    tree.pci("0000:c1:00.0", "19e5", "d802", "120000");
    const Machine machine = probe_machine(tree.path());
    REQUIRE(machine.accelerators.size() == 2);
    CHECK(machine.accelerators[1].address == "10000:00:04.0");
    CHECK_NOTHROW(Machine::parse(manifests::write_json(machine.to_json())));
}

TEST_CASE("NUMA node and revision of a function are read, and -1 is no node", "[runtime][probe][pci]") {
    Tree tree;
    for (const char* address : {"0000:01:00.0", "0000:02:00.0", "0000:03:00.0"})
        tree.pci(address, "19e5", "d802", "120000");
    tree.write("/sys/bus/pci/devices/0000:01:00.0/numa_node", "0\n");
    tree.write("/sys/bus/pci/devices/0000:02:00.0/numa_node", "-1\n");
    tree.write("/sys/bus/pci/devices/0000:01:00.0/revision", "0x20\n");
    tree.write("/sys/bus/pci/devices/0000:02:00.0/revision", "high\n");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.accelerators.at(0).numa_node == 0U);
    CHECK_FALSE(machine.accelerators.at(1).numa_node.has_value());
    CHECK_FALSE(machine.accelerators.at(2).numa_node.has_value());
    CHECK(machine.accelerators.at(0).revision == "20");
    CHECK(machine.accelerators.at(1).revision.empty());
}

TEST_CASE("a virtual function is left out where its link has become a folder", "[runtime][probe][pci]") {
    Tree tree;
    for (const char* address : {"0000:01:00.0", "0000:01:00.1", "0000:01:00.2"})
        tree.pci(address, "cabc", "0370", "120000");
    tree.link("/sys/bus/pci/devices/0000:01:00.1/physfn", "../0000:01:00.0");
    tree.folder("/sys/bus/pci/devices/0000:01:00.2/physfn");
    CHECK(probe_machine(tree.path()).accelerators.size() == 1);
}

TEST_CASE("uevent says what other files of a copied tree do not", "[runtime][probe][pci]") {
    Tree tree;
    tree.write("/sys/bus/pci/devices/0000:01:00.0/uevent",
               "DRIVER=devdrv_device_driver\nPCI_CLASS=120000\nPCI_ID=19E5:D802\nPCI_SUBSYS_ID=0200:0100\n");
    tree.write("/sys/bus/pci/devices/0000:02:00.0/uevent", "PCI_CLASS=30200\nPCI_ID=10DE:2330\n");
    tree.write("/sys/bus/pci/devices/0000:03:00.0/uevent", "PCI_CLASS=120000\nPCI_ID=nobody\n");
    const Machine machine = probe_machine(tree.path());
    REQUIRE(machine.accelerators.size() == 2);
    CHECK(machine.accelerators[0].id == "19e5:d802");
    CHECK(machine.accelerators[0].driver == "devdrv_device_driver");
    CHECK(machine.accelerators[0].subsystem_id == "0200:0100");
    CHECK(machine.accelerators[1].class_code == "030200");
    CHECK(has(machine.unreadable, "/sys/bus/pci/devices/0000:03:00.0"));
}

TEST_CASE("networks are listed apart from accelerators, also of the same maker", "[runtime][probe][pci]") {
    Tree tree;
    tree.pci("0000:01:00.0", "19e5", "d802", "120000");
    tree.pci("0000:02:00.0", "19e5", "0222", "020000");
    tree.pci("0000:03:00.0", "1ded", "107f", "020000"); // RDMA under T-Head's vendor id
    tree.pci("0000:04:00.0", "15b3", "101b", "020700"); // InfiniBand
    tree.pci("0000:05:00.0", "1d22", "1380", "010802"); // Baidu's storage
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.accelerators.size() == 1);
    REQUIRE(machine.networks.size() == 3);
    CHECK(machine.networks[2].id == "15b3:101b");
}

TEST_CASE("an accelerator on a bus that is not PCI is unknown, not absent", "[runtime][probe][pci]") {
    Tree tree;
    tree.write("/sys/bus/ub/devices/00001/vendor", "0xe0fc\n");
    CHECK(has(probe_machine(tree.path()).unreadable, "/sys/bus/ub/devices"));
    Tree other;
    other.write("/sys/bus/ub/devices/00001/vendor", "0xcc08\n");
    CHECK_FALSE(has(probe_machine(other.path()).unreadable, "/sys/bus/ub/devices"));
}

TEST_CASE("the driver of NVIDIA names products, and no identity comes along", "[runtime][probe][pci]") {
    Tree tree;
    tree.pci("0000:c1:00.0", "10de", "2330", "030200");
    tree.write("/proc/driver/nvidia/gpus/0000:c1:00.0/information",
               "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 100\nGPU UUID: \t GPU-SECRET\n");
    tree.write("/proc/driver/nvidia/gpus/0000:c2:00.0/information", "Model: \t\t NVIDIA H100 80GB HBM3\n");
    const Machine machine = probe_machine(tree.path());
    REQUIRE(machine.accelerators.size() == 1);
    CHECK(machine.accelerators[0].model == "NVIDIA H100 80GB HBM3");
    CHECK(has(machine.unreadable, "/sys/bus/pci/devices/0000:c2:00.0"));
    CHECK(manifests::write_json(machine.to_json()).find("SECRET") == std::string::npos);
}
