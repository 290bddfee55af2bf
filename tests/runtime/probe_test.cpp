#include "runtime/probe.hpp"

#include <algorithm>
#include <fstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "runtime/probes/probes.hpp"
#include "tests/runtime/probe_tree.hpp"

using manifests::Machine;
using runtime::probe_machine;
using tests::Tree;

namespace {

std::vector<std::string> ids_in(const Tree& tree) {
    std::vector<std::string> ids;
    for (const manifests::PciFound& device : probe_machine(tree.path()).accelerators)
        ids.push_back(device.id);
    return ids;
}

bool has(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

} // namespace

TEST_CASE("an empty tree says nothing, and its processor is unknown", "[runtime][probe]") {
    const Tree tree;
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.cpu.architecture.empty());
    CHECK(machine.cpu.features.empty());
    CHECK(machine.memory_bytes == 0);
    CHECK(machine.kernel_release.empty());
    CHECK(machine.accelerators.empty());
    CHECK(machine.unreadable == std::vector<std::string>{"cpu"});
}

TEST_CASE("a tree that is not there is an error", "[runtime][probe]") {
    CHECK_THROWS_AS(probe_machine("/nowhere/at/all"), manifests::Error);
}

TEST_CASE("a tree with this machine's boot id is this machine", "[runtime][probe]") {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    if (!std::getline(file, id)) return; // no procfs here
    Tree tree;
    tree.write("/proc/sys/kernel/random/boot_id", id + "\n");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.cpu.features == probe_machine().cpu.features);
    CHECK(machine.kernel_release == probe_machine().kernel_release);
    CHECK_FALSE(has(machine.unreadable, "cpu"));
    tree.write("/proc/sys/kernel/random/boot_id", "00000000-0000-4000-8000-000000000000\n");
    CHECK(probe_machine(tree.path()).cpu.features.empty());
}

TEST_CASE("accelerators are found by class, whoever makes them", "[runtime][probe]") {
    struct Row {
        std::string vendor, device, class_code, maker;
    };
    const std::vector<Row> rows{
        {"19e5", "d802", "120000", "Huawei"},        {"20c6", "d802", "120000", "Huawei"},
        {"10de", "2330", "030200", "NVIDIA"},        {"1002", "74a1", "120000", "AMD"},
        {"8086", "0bd5", "038000", "Intel"},         {"1d94", "6211", "0b4000", "Hygon"},
        {"1d94", "62b7", "038000", "Hygon"},         {"9999", "4001", "038000", "MetaX"},
        {"1ed5", "0400", "030200", "Moore Threads"}, {"1d22", "3684", "078000", "Kunlunxin"},
        {"1e3e", "0002", "120000", "Iluvatar"},      {"1e36", "c035", "120000", "Enflame"},
        {"1ee0", "0001", "ff0000", "Biren"},         {"cabc", "0370", "120000", "Cambricon"},
        {"1bcf", "001c", "0b4000", "NEC"},           {"abcd", "0001", "120000", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.vendor, row.device);
        Tree tree;
        tree.pci("0000:01:00.0", row.vendor, row.device, row.class_code);
        const Machine machine = probe_machine(tree.path());
        REQUIRE(machine.accelerators.size() == 1);
        CHECK(machine.accelerators[0].id == row.vendor + ":" + row.device);
        CHECK(machine.accelerators[0].class_code == row.class_code);
        CHECK(machine.accelerators[0].vendor == row.maker);
    }
}

TEST_CASE("what looks like an accelerator and is none does not count", "[runtime][probe]") {
    struct Row {
        std::string what, vendor, device, class_code;
    };
    const std::vector<Row> rows{
        {"display of a management controller", "1a03", "2000", "030000"},
        {"the same of Huawei", "19e5", "1711", "030000"},
        {"Huawei network adapter", "19e5", "0222", "020000"},
        {"Huawei PCIe port", "19e5", "a121", "060400"},
        {"Huawei NVMe disk", "19e5", "3714", "010802"},
        {"Hygon PCIe bridge", "1d94", "1453", "060400"},
        {"Hygon security processor", "1d94", "1456", "108000"},
        {"Hygon USB controller", "1d94", "145c", "0c0330"},
        {"NVSwitch", "10de", "22a3", "068000"},
        {"NVIDIA audio function", "10de", "22ba", "040300"},
        {"Moore Threads audio function", "1ed5", "03ff", "040300"},
        {"Alibaba RDMA adapter", "1ded", "107f", "020000"},
        {"Baidu storage", "1d22", "1380", "010802"},
        {"serial console of another maker", "1d0f", "8250", "078000"},
        {"virtual display", "1234", "1111", "030000"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Tree tree;
        tree.pci("0000:01:00.0", row.vendor, row.device, row.class_code);
        CHECK(probe_machine(tree.path()).accelerators.empty());
        CHECK(probe_machine(tree.path()).unreadable == std::vector<std::string>{"cpu"});
    }
}

TEST_CASE("addresses with a domain of 32 bits are read and sorted", "[runtime][probe]") {
    Tree tree;
    tree.pci("10000:00:04.0", "19e5", "d802", "120000");
    tree.pci("0000:c1:00.0", "19e5", "d803", "120000");
    tree.pci("0000:01:00.0", "19e5", "d500", "120000");
    CHECK(ids_in(tree) == std::vector<std::string>{"19e5:d500", "19e5:d803", "19e5:d802"});
    CHECK(probe_machine(tree.path()).accelerators[2].address == "10000:00:04.0");
}

TEST_CASE("names that are no PCI addresses are left alone", "[runtime][probe]") {
    Tree tree;
    for (const char* name : {"0000:01:00", "000:01:00.0", "0000:01:00.00", "0000-01:00.0", "0000:01:00.g",
                             "x", "123456789:01:00.0"})
        tree.pci(name, "19e5", "d802", "120000");
    CHECK(ids_in(tree).empty());
}

TEST_CASE("a virtual function of a visible function is not counted", "[runtime][probe]") {
    Tree tree;
    tree.pci("0000:01:00.0", "19e5", "d802", "120000");
    tree.pci("0000:01:00.1", "19e5", "d805", "120000");
    tree.link("/sys/bus/pci/devices/0000:01:00.1/physfn", "../0000:01:00.0");
    CHECK(ids_in(tree) == std::vector<std::string>{"19e5:d802"});
}

TEST_CASE("driver and subsystem of an accelerator are told", "[runtime][probe]") {
    Tree tree;
    tree.pci("0000:01:00.0", "19e5", "d500", "120000");
    const std::string folder = "/sys/bus/pci/devices/0000:01:00.0";
    tree.link(folder + "/driver", "../../../bus/pci/drivers/devdrv_device_driver");
    tree.write(folder + "/subsystem_vendor", "0x19e5\n");
    tree.write(folder + "/subsystem_device", "0x0110\n");
    const Machine machine = probe_machine(tree.path());
    REQUIRE(machine.accelerators.size() == 1);
    CHECK(machine.accelerators[0].driver == "devdrv_device_driver");
    CHECK(machine.accelerators[0].subsystem_id == "19e5:0110");
}

TEST_CASE("an accelerator that cannot be named is listed as unreadable", "[runtime][probe]") {
    Tree tree;
    tree.write("/sys/bus/pci/devices/0000:01:00.0/class", "0x120000\n");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.accelerators.empty());
    CHECK(has(machine.unreadable, "/sys/bus/pci/devices/0000:01:00.0"));
}

TEST_CASE("a file that is there and cannot be read is listed", "[runtime][probe]") {
    Tree tree;
    tree.unreadable("/sys/class/dmi/id/bios_version");
    tree.unreadable("/proc/meminfo");
    tree.write("/sys/class/dmi/id/bios_date", "01/02/2024\n");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.firmware.bios_date == "01/02/2024");
    CHECK(machine.firmware.bios_version.empty());
    CHECK(machine.memory_bytes == 0);
    CHECK(machine.unreadable ==
          std::vector<std::string>{"/proc/meminfo", "/sys/class/dmi/id/bios_version", "cpu"});
}

TEST_CASE("names that board makers left unfilled are absent", "[runtime][probe]") {
    const std::string name =
        GENERATE(as<std::string>{}, "To be filled by O.E.M.", "Default string", "Not Specified",
                 "System Product Name", "SYSTEM PRODUCT NAME", " Default string ", "None", "N/A", "", "\n",
                 "0", "xxxxxxxx", "........", "00000000");
    CAPTURE(name);
    Tree tree;
    tree.write("/sys/class/dmi/id/product_name", name + "\n");
    tree.write("/sys/class/dmi/id/sys_vendor", "  Huawei \n");
    CHECK(probe_machine(tree.path()).firmware.product_name.empty());
    CHECK(probe_machine(tree.path()).firmware.system_vendor == "Huawei");
}

TEST_CASE("SMBIOS is read where a tree has lost the link to it", "[runtime][probe]") {
    Tree tree;
    tree.write("/sys/devices/virtual/dmi/id/board_name", "SX-Aurora\n");
    CHECK(probe_machine(tree.path()).firmware.board_name == "SX-Aurora");
}

TEST_CASE("serial numbers and host names are not read", "[runtime][probe]") {
    Tree tree;
    for (const char* name :
         {"product_serial", "product_uuid", "board_serial", "chassis_serial", "board_asset_tag"})
        tree.write(std::string("/sys/class/dmi/id/") + name, "SECRET-4711\n");
    tree.write("/proc/sys/kernel/hostname", "SECRET-4711\n");
    tree.write("/etc/hostname", "SECRET-4711\n");
    tree.write("/etc/machine-id", "SECRET-4711\n");
    const std::string json = manifests::write_json(probe_machine(tree.path()).to_json());
    CHECK(json.find("SECRET") == std::string::npos);
}

TEST_CASE("a link in a copied tree leads to the tree and never out of it", "[runtime][probe]") {
    Tree tree;
    tree.write("/sys/devices/virtual/dmi/id/sys_vendor", "Inside\n");
    tree.link("/sys/class/dmi/id", "/sys/devices/virtual/dmi/id");
    tree.link("/proc/meminfo", "../../../../../../../../proc/meminfo");
    tree.link("/proc/sys/kernel/osrelease", "/proc/sys/kernel/ostype");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.firmware.system_vendor == "Inside");
    CHECK(machine.memory_bytes == 0);
    CHECK(machine.kernel_release.empty());
    CHECK(has(machine.unreadable, "/proc/meminfo")); // a link to itself
}

TEST_CASE("memory is MemTotal less that of nodes without processors", "[runtime][probe]") {
    Tree tree;
    tree.write("/proc/meminfo", "MemTotal:       1000 kB\nMemFree:        10 kB\n");
    CHECK(probe_machine(tree.path()).memory_bytes == 1024000);
    tree.write("/sys/devices/system/node/node0/cpulist", "0-3\n");
    tree.write("/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal:       600 kB\n");
    tree.write("/sys/devices/system/node/node255/cpulist", "\n");
    tree.write("/sys/devices/system/node/node255/meminfo", "Node 255 MemTotal:       400 kB\n");
    CHECK(probe_machine(tree.path()).memory_bytes == 600 * 1024);
}

TEST_CASE("memory that makes no sense is unreadable, not zero", "[runtime][probe]") {
    const std::string text =
        GENERATE(as<std::string>{}, "", "MemTotal: many kB\n", "MemTotal: 5 MB\n",
                 "MemTotal: 99999999999999999999 kB\n", "MemTotal: 9223372036854775807 kB\n", "MemTotal:");
    CAPTURE(text);
    Tree tree;
    tree.write("/proc/meminfo", text);
    CHECK(probe_machine(tree.path()).memory_bytes == 0);
    CHECK(has(probe_machine(tree.path()).unreadable, "/proc/meminfo"));
}

TEST_CASE("kernel and processor count of a copied tree are its own", "[runtime][probe]") {
    Tree tree;
    tree.write("/proc/sys/kernel/ostype", "Linux\n");
    tree.write("/proc/sys/kernel/osrelease", "4.19.90-1.ky10.aarch64\n");
    const auto [list, count] = GENERATE(table<std::string, std::uint64_t>({{"0-127", 128},
                                                                           {"0", 1},
                                                                           {"0-1,4,6-7", 5},
                                                                           {"3-1", 0},
                                                                           {"0-", 0},
                                                                           {"a", 0},
                                                                           {"0-99999999", 0},
                                                                           {"1,,2", 0}}));
    tree.write("/sys/devices/system/cpu/online", list + "\n");
    const Machine machine = probe_machine(tree.path());
    CAPTURE(list);
    CHECK(machine.kernel_name == "Linux");
    CHECK(machine.kernel_release == "4.19.90-1.ky10.aarch64");
    CHECK(machine.cpu.logical_count == count);
    CHECK(has(machine.unreadable, "/sys/devices/system/cpu/online") == (count == 0));
}

TEST_CASE("bytes that are no text do not break the JSON", "[runtime][probe]") {
    Tree tree;
    tree.write("/sys/class/dmi/id/product_name", "\xff\xfe\x1b[2J\n");
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.firmware.product_name == "\\xff\\xfe\\x1b[2J");
    CHECK_NOTHROW(Machine::parse(manifests::write_json(machine.to_json())));
}

TEST_CASE("the same machine gives the same bytes", "[runtime][probe]") {
    const std::string once = manifests::write_json(probe_machine().to_json());
    CHECK(manifests::write_json(probe_machine().to_json()) == once);
    CHECK(manifests::write_json(Machine::parse(once).to_json()) == once);
}
