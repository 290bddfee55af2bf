// What the system's C and C++ libraries offer.

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "runtime/probe.hpp"
#include "runtime/probes/version_definitions.hpp"
#include "tests/runtime/library_image.hpp"
#include "tests/runtime/probe_tree.hpp"
#include "tests/support/process.hpp"

using manifests::Machine;
using runtime::probe_machine;
using runtime::VersionDefinitions;
using tests::LibraryImage;
using tests::Tree;

namespace {

VersionDefinitions read(const std::string& bytes) {
    return runtime::read_version_definitions(bytes.size(), [&](std::uint64_t offset, std::size_t length) {
        return offset > bytes.size() ? "" : bytes.substr(offset, length);
    });
}

std::string offer(const Machine& machine, const std::string& name) {
    for (const auto& abi : machine.abi) {
        if (abi.name == name) return abi.version + " " + abi.path;
    }
    return "";
}

bool has(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

} // namespace

TEST_CASE("versions are read as the dynamic linker finds them", "[runtime][probe][libraries]") {
    const VersionDefinitions found = read(LibraryImage{}.bytes());
    CHECK(found.architecture == "x86_64");
    CHECK(found.names == std::vector<std::string>{"GLIBC_2.2.5", "GLIBC_2.36", "GLIBC_2.9", "GLIBC_PRIVATE"});
    CHECK(runtime::highest_version(found, "GLIBC") == "2.36"); // and not 2.9
    CHECK(runtime::highest_version(found, "GLIBCXX").empty());
    CHECK(read(LibraryImage{.machine = 183}.bytes()).architecture == "aarch64");
    const VersionDefinitions cxx = read(
        LibraryImage{.versions = {"CXXABI_1.3", "CXXABI_1.3.13", "CXXABI_TM_1", "CXXABI_FLOAT128"}}.bytes());
    CHECK(runtime::highest_version(cxx, "CXXABI") == "1.3.13");
}

TEST_CASE("a library that lies about itself is refused", "[runtime][probe][libraries]") {
    using Image = LibraryImage;
    struct Row {
        const char* what;
        std::size_t offset, length;
        std::uint64_t value;
    };
    const std::vector<Row> rows{
        {"no ELF", 0, 1, 'X'},
        {"32 bits", 4, 1, 1},
        {"big-endian", 5, 1, 2},
        {"program headers beyond the end", 32, 8, 1ULL << 40},
        {"no program headers", Image::program_header_count, 2, 0},
        {"thousands of program headers", Image::program_header_count, 2, 65535},
        {"program headers of another size", 54, 2, 32},
        {"no dynamic section", 64 + 56, 4, 4},
        {"dynamic section beyond the end", Image::dynamic_offset, 8, 1ULL << 62},
        {"strings nowhere", Image::dynamic + 8, 8, 5},
        {"no strings", Image::dynamic, 8, 99},
        {"definitions nowhere", Image::dynamic + 2 * 16 + 8, 8, 1ULL << 50},
        {"no number of definitions", Image::dynamic + 3 * 16, 8, 99},
        {"millions of definitions", Image::dynamic + 3 * 16 + 8, 8, 1U << 30},
        {"a definition of another kind", Image::definitions, 2, 2},
        {"a name beyond the end", Image::definitions + 28 + 20, 4, 1U << 30},
        {"names of a definition beyond the end", Image::definitions + 28 + 12, 4, 1U << 30},
        {"definitions that overlap", Image::definitions + 16, 4, 4},
        {"the next definition beyond the end", Image::definitions + 16, 4, 1U << 30},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        std::string bytes = Image{}.bytes();
        std::string lie;
        Image::put(lie, row.value, row.length);
        bytes.replace(row.offset, row.length, lie);
        CHECK_THROWS_AS(read(bytes), manifests::Error);
    }
    const std::string whole = Image{}.bytes();
    for (std::size_t length = 0; length < whole.size(); length += 7) {
        CAPTURE(length);
        CHECK_THROWS_AS(read(whole.substr(0, length)), manifests::Error);
    }
}

TEST_CASE("libraries are found in the folders of the dynamic linker", "[runtime][probe][libraries]") {
    Tree tree;
    tree.write("/lib/x86_64-linux-gnu/libc.so.6", LibraryImage{}.bytes());
    tree.write("/usr/lib64/libstdc++.so.6",
               LibraryImage{.versions = {"GLIBCXX_3.4", "GLIBCXX_3.4.30", "CXXABI_1.3.13"}}.bytes());
    const Machine machine = probe_machine(tree.path());
    CHECK(offer(machine, "GLIBC") == "2.36 /lib/x86_64-linux-gnu/libc.so.6");
    CHECK(offer(machine, "GLIBCXX") == "3.4.30 /usr/lib64/libstdc++.so.6");
    CHECK(offer(machine, "CXXABI") == "1.3.13 /usr/lib64/libstdc++.so.6");
    CHECK_NOTHROW(Machine::parse(manifests::write_json(machine.to_json())));
}

TEST_CASE("folders that are configured come before the linker's own", "[runtime][probe][libraries]") {
    Tree tree;
    const std::string newer = LibraryImage{.versions = {"GLIBCXX_3.4.33"}}.bytes();
    tree.write("/usr/lib64/libstdc++.so.6", LibraryImage{.versions = {"GLIBCXX_3.4.30"}}.bytes());
    tree.write("/opt/newer/libstdc++.so.6", newer);
    tree.write("/etc/ld.so.conf", "# ours\ninclude ld.so.conf.d/*.conf\n");
    tree.write("/etc/ld.so.conf.d/a.txt", "/opt/nothing\n");
    CHECK(offer(probe_machine(tree.path()), "GLIBCXX") == "3.4.30 /usr/lib64/libstdc++.so.6");
    tree.write("/etc/ld.so.conf.d/b.conf", "  /opt/newer # the compiler's\ninclude /etc/ld.so.conf\n");
    CHECK(offer(probe_machine(tree.path()), "GLIBCXX") == "3.4.33 /opt/newer/libstdc++.so.6");
}

TEST_CASE("a library for other programs is passed over", "[runtime][probe][libraries]") {
    Tree tree;
    tree.write("/proc/cpuinfo", "Features\t: fp asimd\nCPU implementer\t: 0x48\nCPU part\t: 0xd01\n");
    tree.write("/lib64/libc.so.6", LibraryImage{.bits = 1}.bytes());
    tree.write("/usr/lib64/libc.so.6", LibraryImage{.versions = {"GLIBC_2.40"}}.bytes());
    CHECK(offer(probe_machine(tree.path()), "GLIBC").empty());
    CHECK(has(probe_machine(tree.path()).unreadable, "/lib64/libc.so.6"));
    tree.write("/usr/lib/libc.so.6", LibraryImage{.machine = 183, .versions = {"GLIBC_2.34"}}.bytes());
    CHECK(offer(probe_machine(tree.path()), "GLIBC") == "2.34 /usr/lib/libc.so.6");
    CHECK(probe_machine(tree.path()).unreadable.empty());
}

TEST_CASE("a link to a library leads into the tree and nowhere else", "[runtime][probe][libraries]") {
    Tree tree;
    tree.link("/lib64", "usr/lib64");
    tree.write("/usr/lib64/libc-2.28.so", LibraryImage{.versions = {"GLIBC_2.28"}}.bytes());
    tree.link("/usr/lib64/libc.so.6", "/usr/lib64/libc-2.28.so");
    CHECK(offer(probe_machine(tree.path()), "GLIBC") == "2.28 /lib64/libc.so.6");
    Tree outside;
    outside.link("/lib64/libc.so.6", "/../../../../../../lib/x86_64-linux-gnu/libc.so.6");
    CHECK(probe_machine(outside.path()).abi.empty());
}

TEST_CASE("what this machine offers is what another reader finds in the same file",
          "[runtime][probe][libraries]") {
    const Machine machine = probe_machine();
    for (const auto& abi : machine.abi) {
        CAPTURE(abi.name, abi.path);
        const std::string bytes = tests::read_file(abi.path);
        CHECK(bytes.find(abi.name + "_" + abi.version + '\0') != std::string::npos);
    }
    if (!tests::have_tool("getconf")) return;
    const tests::ProcessResult libc = tests::run({"getconf", "GNU_LIBC_VERSION"});
    if (libc.status == 0)
        CHECK(libc.out == "glibc " + offer(machine, "GLIBC").substr(0, libc.out.size() - 7) + "\n");
}

TEST_CASE("a list of folders that includes itself two thousand times is read once",
          "[runtime][probe][libraries]") {
    Tree tree;
    std::string lines = "/opt/lib\n";
    for (int i = 0; i < 2000; ++i)
        lines += i % 2 == 0 ? "include /etc/ld.so.conf\n" : "include ld.so.conf*\n";
    tree.write("/etc/ld.so.conf", lines);
    tree.write("/opt/lib/libc.so.6", LibraryImage{.versions = {"GLIBC_2.31"}}.bytes());
    CHECK(offer(probe_machine(tree.path()), "GLIBC") == "2.31 /opt/lib/libc.so.6");
}
