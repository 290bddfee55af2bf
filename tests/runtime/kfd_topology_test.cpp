#include "runtime/probes/kfd_topology.hpp"

#include <algorithm>
#include <cstdio>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runtime/probe.hpp"
#include "tests/runtime/probe_tree.hpp"

using manifests::Machine;
using runtime::group_kfd_nodes;
using runtime::KfdGroup;
using runtime::KfdNode;
using runtime::probe_machine;
using runtime::read_kfd_bank;
using runtime::read_kfd_node;
using tests::Tree;

namespace {

constexpr std::uint64_t gib = 1ULL << 30;

std::string properties(std::uint64_t location, const std::string& unique_id, std::uint64_t domain = 0) {
    return "cpu_cores_count 0\nsimd_count 152\nmem_banks_count 1\nvendor_id 4098\nlocation_id " +
           std::to_string(location) + "\ndomain " + std::to_string(domain) + "\nunique_id " + unique_id +
           "\nnum_xcc 1\n";
}

std::string bank(std::uint64_t size_bytes, int heap = 1) {
    return "heap_type " + std::to_string(heap) + "\nsize_in_bytes " + std::to_string(size_bytes) +
           "\nflags 0\nwidth 8192\n";
}

void add_node(Tree& tree, int number, const std::string& text, std::uint64_t memory_bytes) {
    const std::string folder = "/sys/class/kfd/kfd/topology/nodes/" + std::to_string(number);
    tree.write(folder + "/properties", text);
    tree.write(folder + "/mem_banks/0/properties", bank(memory_bytes));
}

} // namespace

TEST_CASE("a node says where it is; its unique id is text", "[runtime][probe][kfd]") {
    const auto node = read_kfd_node(properties(0xc100, "18446744073709551557", 1));
    REQUIRE(node.has_value());
    CHECK(node->bus == "0001:c1:00");
    CHECK(node->unique_id == "18446744073709551557"); // 2^64 - 59: no double holds it
    CHECK(read_kfd_node(properties(0xc148, "0"))->bus == "0000:c1:09");
    CHECK(read_kfd_node("simd_count 4\nlocation_id 256\n")->bus == "0000:01:00");
}

TEST_CASE("a node that is a processor, or makes no sense, is no device", "[runtime][probe][kfd]") {
    const std::string text =
        GENERATE(as<std::string>{}, "", "cpu_cores_count 64\nsimd_count 0\nlocation_id 0\n", "simd_count 4\n",
                 "simd_count 4\nlocation_id 65536\n", "simd_count -4\nlocation_id 256\n",
                 "simd_count 4\nlocation_id x\n", "simd_count 4\nlocation_id 256\ndomain 4294967296\n",
                 "simd_count4\nlocation_id 256\n");
    CAPTURE(text);
    CHECK_FALSE(read_kfd_node(text).has_value());
}

TEST_CASE("only a device's own memory counts", "[runtime][probe][kfd]") {
    CHECK(read_kfd_bank(bank(gib, 1)) == gib);
    CHECK(read_kfd_bank(bank(gib, 2)) == gib);
    CHECK(read_kfd_bank(bank(gib, 0)) == 0U); // of the system
    CHECK(read_kfd_bank(bank(65536, 4)) == 0U);
    const std::string bad = GENERATE(as<std::string>{}, "", "heap_type 1\n", "size_in_bytes 5\n",
                                     "heap_type 1\nsize_in_bytes 99999999999999999999\n",
                                     "heap_type 1\nsize_in_bytes 9223372036854775807\n");
    CAPTURE(bad);
    CHECK_FALSE(read_kfd_bank(bad).has_value());
}

TEST_CASE("nodes are grouped by unique id, else by where they are", "[runtime][probe][kfd]") {
    const std::vector<KfdGroup> groups = group_kfd_nodes({{"7", "0000:01:00", 24 * gib},
                                                          {"7", "0000:01:01", 22 * gib},
                                                          {"8", "0000:02:00", 24 * gib},
                                                          {"0", "0000:03:00", 24 * gib},
                                                          {"", "0000:03:00", 0},
                                                          {"0", "0000:04:00", 24 * gib}});
    REQUIRE(groups.size() == 4);
    CHECK(groups[0].devices == 2);
    CHECK(groups[0].bus == "0000:01:00");
    CHECK(groups[0].memory_bytes == 22 * gib); // an engine gets no more on each
    CHECK(groups[2].devices == 2);
    CHECK(groups[2].memory_bytes == 0); // of one it is unknown
    CHECK(groups[3].devices == 1);
}

TEST_CASE("63 nodes are the 8 GPUs that they are", "[runtime][probe][kfd]") {
    Tree tree;
    int number = 0;
    for (; number < 2; ++number) // two sockets
        tree.write("/sys/class/kfd/kfd/topology/nodes/" + std::to_string(number) + "/properties",
                   "cpu_cores_count 96\nsimd_count 0\nlocation_id 0\n");
    for (int gpu = 0; gpu < 8; ++gpu) {
        char address[16];
        std::snprintf(address, sizeof address, "0000:%02x:00.0", 0x10 + gpu);
        tree.pci(address, "1002", "74a1", "120000");
        const int partitions = gpu == 7 ? 7 : 8;
        for (int partition = 0; partition < partitions; ++partition)
            add_node(tree, number++,
                     properties(static_cast<std::uint64_t>((0x10 + gpu) << 8 | partition),
                                "1757409281706721" + std::to_string(4990 + gpu)),
                     24 * gib);
    }
    REQUIRE(number == 2 + 63);
    const Machine machine = probe_machine(tree.path());
    REQUIRE(machine.accelerators.size() == 8);
    CHECK(machine.accelerators[0].devices == 8);
    CHECK(machine.accelerators[7].devices == 7);
    CHECK(machine.accelerators[0].memory_bytes == 24 * gib);
    const std::string json = manifests::write_json(machine.to_json());
    CHECK(json.find("1757409281706721") == std::string::npos); // it tells this GPU from all others
}

TEST_CASE("a device that computes and that PCI does not show is unknown, not absent",
          "[runtime][probe][kfd]") {
    Tree tree;
    add_node(tree, 1, properties(0xc100, "5"), gib);
    tree.write("/sys/class/kfd/kfd/topology/nodes/2/properties", "simd_count 4\nlocation_id nowhere\n");
    tree.write("/sys/class/kfd/kfd/topology/nodes/3/mem_banks/0/properties", bank(gib));
    tree.unreadable("/sys/class/kfd/kfd/topology/nodes/3/properties");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.unreadable == std::vector<std::string>{"/sys/bus/pci/devices/0000:c1:00.0",
                                                         "/sys/class/kfd/kfd/topology/nodes/2/properties",
                                                         "/sys/class/kfd/kfd/topology/nodes/3/properties",
                                                         "cpu"});
}

TEST_CASE("memory of a bank that makes no sense is unknown", "[runtime][probe][kfd]") {
    Tree tree;
    tree.pci("0000:c1:00.0", "1d94", "6211", "0b4000");
    add_node(tree, 0, properties(0xc100, "5"), gib);
    const std::string second = "/sys/class/kfd/kfd/topology/nodes/0/mem_banks/1/properties";
    tree.write(second, "heap_type 1\nsize_in_bytes much\n");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.accelerators.at(0).memory_bytes == 0);
    CHECK(std::find(machine.unreadable.begin(), machine.unreadable.end(), second) !=
          machine.unreadable.end());
}
