// Versions of drivers, firmware and toolkits, and the lines they stand in.

#include <algorithm>

#include <catch2/catch.hpp>

#include "runtime/probe.hpp"
#include "runtime/probes/key_text.hpp"
#include "tests/runtime/probe_tree.hpp"

using manifests::Machine;
using runtime::probe_machine;
using runtime::value_of;
using runtime::version_in;
using tests::Tree;

namespace {

bool has(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

std::vector<std::string> versions_in(const Machine& machine, const std::string& name) {
    std::vector<std::string> versions;
    for (const auto& found : machine.software) {
        if (found.name == name) versions.push_back(found.version);
    }
    return versions;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("a value stands behind its key and nothing else", "[runtime][probe][versions]") {
    CHECK(value_of("A=1\nVersion=25.2.0\n", "Version") == "25.2.0");
    CHECK(value_of("Version : \"25.2.0\" \r\n", "Version") == "25.2.0");
    CHECK(value_of("Version='1'", "Version") == "1");
    CHECK(value_of("model name\t: X\nmodel\t: 3\n", "model") == "3");
    for (const char* text : {"", "Version", "Version=", "Version=\n", "Version=\"\"", "version=1",
                             "XVersion=1", "Versions=1", " Version=1", "#Version=1", "Version 1"}) {
        CAPTURE(text);
        CHECK_FALSE(value_of(text, "Version").has_value());
    }
}

TEST_CASE("a version is told from the words around it", "[runtime][probe][versions]") {
    CHECK(version_in("6.3.30-V1.4.1a\n", "") == "6.3.30-V1.4.1a");
    CHECK(version_in("v1.2\n", "") == "1.2");
    CHECK(version_in("Neuware Version 4.7.2\nmore 9.9", "") == "4.7.2");
    CHECK(version_in(
              "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\n",
              "") == "535.104.05");
    CHECK(version_in("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build\n",
                     "") == "550.54.14");
    CHECK(version_in("Version=8.2.RC1\n", "Version") == "8.2.RC1");
    for (const char* text :
         {"", "\n", "none", "-", "1 2 3", "v", ".5", "rc.1", "1.2;rm", "\x1b[2J1.2", "on 1,5 o'clock"}) {
        CAPTURE(text);
        CHECK_FALSE(version_in(text, "").has_value());
    }
    CHECK_FALSE(version_in(std::string(65, '1'), "").has_value());
    CHECK_FALSE(version_in("Version=see there\n", "Version").has_value());
}

TEST_CASE("versions are read where vendors put them", "[runtime][probe][versions]") {
    struct Row {
        std::string path, text, kind, name, version;
    };
    const std::vector<Row> rows{
        {"/usr/local/Ascend/driver/version.info", "Version=25.2.0\nascendhal_version=7.35.23\n", "driver",
         "Ascend HDK driver", "25.2.0"},
        {"/usr/local/Ascend/firmware/version.info", "Version=7.7.0.6.236\n", "firmware",
         "Ascend HDK firmware", "7.7.0.6.236"},
        {"/usr/local/Ascend/cann/share/info/runtime/version.info", "Version=9.1.0\n", "toolkit", "CANN",
         "9.1.0"},
        {"/usr/local/Ascend/ascend-toolkit/latest/runtime/version.info", "Version=8.2.RC1\n", "toolkit",
         "CANN", "8.2.RC1"},
        {"/sys/module/hycu/version", "6.3.30-V1.4.1a\n", "driver", "Hygon DCU driver", "6.3.30-V1.4.1a"},
        {"/sys/module/hydcu/version", "6.3.8\n", "driver", "Hygon DCU driver", "6.3.8"},
        {"/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat\n",
         "driver", "NVIDIA driver", "535.104.05"},
        {"/sys/module/amdgpu/version", "6.10.5\n", "driver", "amdgpu", "6.10.5"},
        {"/opt/rocm-7.0.0/.info/version", "7.0.0-38\n", "toolkit", "ROCm", "7.0.0-38"},
        {"/opt/dtk-25.04.1/bin/x", "", "toolkit", "DTK", "25.04.1"},
        {"/usr/local/neuware/version.txt", "Neuware Version 4.7.2\n", "toolkit", "Neuware", "4.7.2"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.path);
        Tree tree;
        tree.write(row.path, row.text);
        const Machine machine = probe_machine(tree.path());
        REQUIRE(machine.software.size() == 1);
        CHECK(machine.software[0].kind == row.kind);
        CHECK(machine.software[0].name == row.name);
        CHECK(machine.software[0].version == row.version);
        CHECK(row.path.starts_with(machine.software[0].path));
        CHECK(machine.unreadable == Texts{"cpu"});
    }
}

TEST_CASE("Huawei's installer says where it put things", "[runtime][probe][versions]") {
    Tree tree;
    tree.write(
        "/etc/ascend_install.info",
        "UserName=HwHiAiUser\nDriver_Install_Path_Param=/data/npu\nFirmware_Install_Path_Param=/data/fw\n");
    tree.write("/data/npu/driver/version.info", "Version=25.2.0\n");
    tree.write("/data/fw/firmware/version.info", "Version=7.7\n");
    tree.write("/usr/local/Ascend/driver/version.info", "Version=23.0\n"); // left from before
    const Machine machine = probe_machine(tree.path());
    CHECK(versions_in(machine, "Ascend HDK driver") == Texts{"25.2.0"});
    CHECK(versions_in(machine, "Ascend HDK firmware") == Texts{"7.7"});
    tree.write("/etc/ascend_install.info", "Driver_Install_Path_Param=../npu\n");
    CHECK(versions_in(probe_machine(tree.path()), "Ascend HDK driver") == Texts{"23.0"});
}

TEST_CASE("a version file that is there and says none is unreadable", "[runtime][probe][versions]") {
    const std::string path = "/usr/local/Ascend/driver/version.info";
    const std::string text =
        GENERATE(as<std::string>{}, "", "Version=\n", "version=25.2.0\n", "Version=soon\n");
    CAPTURE(text);
    Tree tree;
    tree.write(path, text);
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.software.empty());
    CHECK(has(machine.unreadable, path));
    Tree large;
    large.write(path, "Version=25.2.0\n" + std::string(70'000, '\n'));
    CHECK(probe_machine(large.path()).software.empty());
    CHECK(has(probe_machine(large.path()).unreadable, path));
    Tree folder;
    folder.unreadable(path);
    CHECK(has(probe_machine(folder.path()).unreadable, path));
}

TEST_CASE("a toolkit that is there without a version is unknown, not absent", "[runtime][probe][versions]") {
    const std::string path =
        GENERATE(as<std::string>{}, "/opt/maca", "/usr/local/musa", "/usr/local/corex", "/opt/dtk");
    CAPTURE(path);
    Tree tree;
    tree.folder(path);
    const Machine machine = probe_machine(tree.path());
    CHECK(machine.software.empty());
    CHECK(has(machine.unreadable, path));
    runtime::ProbeRequest request{.sysroot = tree.path()};
    tree.write(path + "/version.txt", "3.8.1.3\n"); // a profile knows better
    const std::string name = path == "/opt/maca"          ? "MACA"
                             : path == "/usr/local/musa"  ? "MUSA"
                             : path == "/usr/local/corex" ? "CoreX"
                                                          : "DTK";
    request.places = {{"toolkit", name, path + "/version.txt", ""}};
    CHECK(versions_in(probe_machine(request), name) == Texts{"3.8.1.3"});
    CHECK_FALSE(has(probe_machine(request).unreadable, path));
}

TEST_CASE("one thing in two places is listed once, two versions are listed both",
          "[runtime][probe][versions]") {
    Tree tree;
    tree.folder("/opt/dtk-25.04");
    tree.link("/opt/dtk", "dtk-25.04");
    tree.write("/usr/local/Ascend/cann-9.1/runtime/version.info", "Version=9.1.0\n");
    tree.link("/usr/local/Ascend/cann", "cann-9.1");
    tree.write("/usr/local/Ascend/ascend-toolkit/latest/runtime/version.info", "Version=8.2\n");
    const Machine machine = probe_machine(tree.path());
    CHECK(versions_in(machine, "DTK") == Texts{"25.04"});
    CHECK(versions_in(machine, "CANN") == Texts{"8.2", "9.1.0"}); // rising by path
    CHECK_FALSE(has(machine.unreadable, "/opt/dtk"));
}

TEST_CASE("places of profiles are read too, links inside the tree", "[runtime][probe][versions]") {
    manifests::Profile profile;
    manifests::SoftwareRequirement driver;
    driver.name = "MetaX driver";
    driver.places = {{"/etc/metax/version", "Driver"}};
    manifests::SoftwareRequirement system;
    system.kind = manifests::SoftwareRequirement::Kind::operating_system;
    system.name = "Linux";
    system.places = {{"/etc/system-release", ""}};
    profile.software = {driver, system};
    Tree tree;
    tree.link("/etc/metax", "/opt/metax");
    tree.write("/opt/metax/version", "Driver: 3.9.6\n");
    tree.write("/etc/system-release", "7.9\n");
    const Machine machine =
        probe_machine({.sysroot = tree.path(), .places = runtime::version_places_of(profile)});
    REQUIRE(machine.software.size() == 1);
    CHECK(machine.software[0].kind == "driver");
    CHECK(machine.software[0].version == "3.9.6");
    CHECK(machine.software[0].path == "/etc/metax/version");
}
