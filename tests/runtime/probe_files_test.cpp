// Device nodes, disks, NUMA nodes, the distribution, identities: files that say one thing each.

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runtime/probe.hpp"
#include "runtime/probe_output.hpp"
#include "tests/runtime/probe_tree.hpp"

using manifests::Machine;
using runtime::probe_machine;
using runtime::ProbeRequest;
using tests::Tree;
using Texts = std::vector<std::string>;

namespace {

bool has(const Texts& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

Texts nodes_in(const Tree& tree) {
    Texts texts;
    for (const auto& node : probe_machine(tree.path()).device_nodes)
        texts.push_back(node.path + " " + node.mode);
    return texts;
}

} // namespace

TEST_CASE("device nodes of accelerators are listed with their rights", "[runtime][probe][nodes]") {
    Tree tree;
    tree.device("/dev/davinci0", 0660);
    tree.device("/dev/davinci10", 0600);
    tree.device("/dev/davinci_manager", 0666);
    tree.device("/dev/dri/renderD128", 0660);
    tree.device("/dev/biren/card_0", 0666);
    tree.device("/dev/mtgpu.0", 0666);
    tree.folder("/dev/cambricon-caps");
    for (const char* other : {"/dev/null", "/dev/davinci", "/dev/davinciX", "/dev/davinci1x", "/dev/nvidia",
                              "/dev/dri/by-path", "/dev/tty0", "/dev/card_0", "/dev/davinci12345678"})
        tree.device(other, 0666);
    const Texts nodes = nodes_in(tree);
    CHECK(nodes.size() == 7);
    for (const char* wanted : {"/dev/davinci0 0660", "/dev/davinci10 0600", "/dev/davinci_manager 0666",
                               "/dev/dri/renderD128 0660", "/dev/biren/card_0 0666", "/dev/mtgpu.0 0666"}) {
        CAPTURE(wanted);
        CHECK(has(nodes, wanted));
    }
    CHECK(std::is_sorted(nodes.begin(), nodes.end()));
}

TEST_CASE("nodes that a profile names are listed besides those that are known", "[runtime][probe][nodes]") {
    Tree tree;
    for (const char* node : {"/dev/foo0", "/dev/foo12", "/dev/foo", "/dev/foox", "/dev/bar/card1-x",
                             "/dev/bar/card-x", "/dev/foo_ctl", "/dev/davinci0", "/dev/tty0"})
        tree.device(node, 0660);
    CHECK(probe_machine(tree.path()).device_nodes.size() == 1);
    const Machine machine = probe_machine(
        {.sysroot = tree.path(),
         .nodes = {"/dev/bar/card{n}-x", "/dev/davinci{n}", "/dev/foo_ctl", "/dev/foo{n}", "/dev/gone/x"}});
    Texts paths;
    for (const auto& node : machine.device_nodes)
        paths.push_back(node.path);
    CHECK(paths == Texts{"/dev/bar/card1-x", "/dev/davinci0", "/dev/foo0", "/dev/foo12", "/dev/foo_ctl"});
}

TEST_CASE("a device that a copy took for a file is unknown, not absent", "[runtime][probe][nodes]") {
    Tree tree;
    tree.write("/dev/davinci0", "");
    tree.link("/dev/davinci1", "/dev/missing");
    CHECK(nodes_in(tree).empty());
    CHECK(has(probe_machine(tree.path()).unreadable, "/dev/davinci0"));
}

TEST_CASE("numbers of device nodes say nothing about the order of functions", "[runtime][probe][nodes]") {
    // 8 x 910B2: davinci 0 to 7 are c1, 01, c2, 02, 81, 41, 82, 42. So nothing ties a node to an address.
    Tree tree;
    for (const char* bus : {"c1", "01", "c2", "02", "81", "41", "82", "42"})
        tree.pci(std::string("0000:") + bus + ":00.0", "19e5", "d802", "120000");
    for (int i = 0; i < 8; ++i)
        tree.device("/dev/davinci" + std::to_string(i), 0660);
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.accelerators.at(0).address == "0000:01:00.0");
    CHECK(machine.device_nodes.size() == 8);
    const std::string json = manifests::write_json(machine.to_json());
    CHECK(json.find(R"({"path":"/dev/davinci0","mode":"0660","user":)") != std::string::npos);
    const std::string function =
        R"({"address":"0000:c1:00.0","id":"19e5:d802","class":"120000","vendor":"Huawei"})";
    CHECK(json.find(function) != std::string::npos);
}

TEST_CASE("disks are those with a device behind them", "[runtime][probe][disks]") {
    Tree tree;
    for (const char* made : {"loop0", "ram0", "zram0", "dm-0", "md127"})
        tree.write(std::string("/sys/block/") + made + "/size", "2048\n");
    tree.write("/sys/block/nvme0n1/size", "3750748848\n");
    tree.write("/sys/block/nvme0n1/queue/logical_block_size", "4096\n");
    tree.write("/sys/block/nvme0n1/queue/rotational", "0\n");
    tree.write("/sys/block/nvme0n1/device/model", "A disk of ours  \n");
    tree.write("/sys/block/nvme0n1/device/serial", "SECRET\n");
    tree.write("/sys/block/nvme0c0n1/size", "3750748848\n");
    tree.write("/sys/block/nvme0c0n1/hidden", "1\n");
    tree.folder("/sys/block/nvme0c0n1/device");
    tree.write("/sys/block/sda/size", "lots\n");
    tree.write("/sys/block/sda/removable", "1\n");
    tree.write("/sys/block/sda/queue/rotational", "1\n");
    tree.link("/sys/block/sda/device", "../../devices/gone");
    const Machine machine = probe_machine(tree.path());
    REQUIRE(machine.block_devices.size() == 2);
    CHECK(machine.block_devices[0].name == "nvme0n1");
    CHECK(machine.block_devices[0].size_bytes == 1920383410176ULL); // sectors of 512 bytes, always
    CHECK(machine.block_devices[0].logical_block_bytes == 4096);
    CHECK(machine.block_devices[0].model == "A disk of ours");
    CHECK_FALSE(machine.block_devices[0].rotational);
    CHECK(machine.block_devices[1].rotational);
    CHECK(machine.block_devices[1].removable);
    CHECK(machine.block_devices[1].size_bytes == 0);
    CHECK(has(machine.unreadable, "/sys/block/sda/size"));
    CHECK(manifests::write_json(machine.to_json()).find("SECRET") == std::string::npos);
}

TEST_CASE("memory of GPUs on POWER9 is no memory of the host", "[runtime][probe][numa]") {
    Tree tree;
    tree.write("/proc/meminfo", "MemTotal:       358612992 kB\n"); // 342 GiB, of which 90 are six GPUs'
    const auto add = [&](int node, const std::string& processors, const std::string& memory) {
        const std::string folder = "/sys/devices/system/node/node" + std::to_string(node);
        tree.write(folder + "/cpulist", processors + "\n");
        tree.write(folder + "/meminfo",
                   "Node " + std::to_string(node) + " MemTotal:       " + memory + " kB\n");
    };
    add(0, "0-79", "132120576");
    add(8, "80-159", "132120576");
    for (int node = 250; node < 256; ++node)
        add(node, "", "15728640");
    tree.folder("/sys/devices/system/node/has_cpu_not");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.memory_bytes == (358612992ULL - 6 * 15728640ULL) * 1024);
    REQUIRE(machine.numa_nodes.size() == 8);
    CHECK(machine.numa_nodes[1].node == 8); // by number, not by name
    CHECK(machine.numa_nodes[1].processors == "80-159");
    CHECK(machine.numa_nodes[7].memory_bytes == 15728640ULL * 1024);
}

TEST_CASE("a NUMA node whose processors cannot be read is not one without any", "[runtime][probe][numa]") {
    Tree tree;
    tree.write("/proc/meminfo", "MemTotal:       1000 kB\n");
    tree.unreadable("/sys/devices/system/node/node0/cpulist");
    tree.write("/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal:       600 kB\n");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.memory_bytes == 1000 * 1024);
    CHECK(has(machine.unreadable, "/sys/devices/system/node/node0/cpulist"));
}

TEST_CASE("the distribution says what it is", "[runtime][probe][system]") {
    Tree tree;
    tree.write("/usr/lib/os-release", "NAME=\"openEuler\"\nID=\"openEuler\"\nVERSION_ID=\"22.03\"\n");
    CHECK(probe_machine(tree.path()).system_id == "openEuler");
    CHECK(probe_machine(tree.path()).system_version == "22.03");
    tree.write("/etc/os-release", "ID=kylin\nID_LIKE=debian\n");
    CHECK(probe_machine(tree.path()).system_id == "kylin");
    CHECK(probe_machine(tree.path()).system_version.empty());
    tree.write("/etc/os-release", "ID=\"\x1b[2J\"\n");
    CHECK(probe_machine(tree.path()).system_id == "\\x1b[2J");
}

TEST_CASE("identities are read only for who asks, and fillers are none", "[runtime][probe][identities]") {
    Tree tree;
    tree.write("/sys/class/dmi/id/product_serial", "S-1\n");
    tree.write("/sys/class/dmi/id/product_uuid", "4c4c4544-0042-3010-8053-c3c04f4e3433\n");
    tree.write("/sys/class/dmi/id/board_serial", "To be filled by O.E.M.\n");
    tree.write("/sys/class/dmi/id/chassis_serial", "Not Specified\n");
    tree.write("/etc/hostname", "node7\n");
    tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    CHECK_FALSE(probe_machine(tree.path()).identities.has_value());
    const ProbeRequest request{.sysroot = tree.path(), .identities = ProbeRequest::Identities::include};
    const Machine machine = probe_machine(request);
    REQUIRE(machine.identities.has_value());
    CHECK(machine.identities->host_name == "node7");
    CHECK(machine.identities->machine_id == "0123456789abcdef0123456789abcdef");
    CHECK(machine.identities->system_serial == "S-1");
    CHECK(machine.identities->system_uuid == "4c4c4544-0042-3010-8053-c3c04f4e3433");
    CHECK(machine.identities->board_serial.empty());
    CHECK(machine.identities->chassis_serial.empty());
    tree.write("/proc/sys/kernel/hostname", "running\n");
    CHECK(probe_machine(request).identities->host_name == "running");
    const Tree empty;
    const Machine nobody =
        probe_machine({.sysroot = empty.path(), .identities = ProbeRequest::Identities::include});
    CHECK(nobody.identities.has_value());
    CHECK(nobody.identities->host_name.empty());
}

TEST_CASE("equal functions share one line, and so do nodes that differ in number",
          "[runtime][probe][output]") {
    Machine machine;
    for (const char* address : {"0000:01:00.0", "0000:02:00.0", "0000:c1:00.0"})
        machine.accelerators.push_back({address, "19e5:d802", "", "120000", "devdrv", "Huawei"});
    machine.accelerators[2].model = "Ascend910B3";
    machine.accelerators[2].memory_bytes = 68719476736ULL;
    machine.accelerators[2].devices = 2;
    CHECK(runtime::grouped_functions(machine.accelerators) ==
          Texts{"2 x 19e5:d802 Huawei, driver devdrv (0000:01:00.0 0000:02:00.0)",
                "19e5:d802 Huawei Ascend910B3, 2 devices each, 68.7 GB, driver devdrv (0000:c1:00.0)"});
    CHECK(runtime::grouped_nodes({{"/dev/davinci0", "0660", 0, 1001},
                                  {"/dev/davinci1", "0660", 0, 1001},
                                  {"/dev/davinci10", "0660", 0, 1001},
                                  {"/dev/davinci2", "0666", 0, 1001},
                                  {"/dev/davinci_manager", "0660", 0, 1001},
                                  {"/dev/davinci", "0660", 0, 1001},
                                  {"/dev/davinci007", "0660", 0, 1001}}) ==
          Texts{"/dev/davinci0-1,10 0660 0:1001", "/dev/davinci2 0666 0:1001",
                "/dev/davinci_manager 0660 0:1001", "/dev/davinci 0660 0:1001",
                "/dev/davinci007 0660 0:1001"});
}
