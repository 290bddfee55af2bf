#include "packager/elf.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <tuple>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

using manifests::Fault;
using packager::read_elf;
using tests::ElfImage;
using tests::faults_with;
using tests::make_elf;
using tests::put;

namespace {

ElfImage sample() {
    ElfImage image;
    image.soname = "libkernel.so.1";
    image.needed = {"libm.so.6", "libc.so.6"};
    image.version_needs = {{"libm.so.6", {"GLIBC_2.29"}}, {"libc.so.6", {"GLIBC_2.4", "GLIBC_2.34"}}};
    return image;
}

// The texts between `before` and `after` on the lines of readelf that have `mark`.
std::vector<std::string> found_by_readelf(const std::string& output, const std::string& mark,
                                          const std::string& before, const std::string& after) {
    std::vector<std::string> found;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t start = line.find(before, line.find(mark));
        if (line.find(mark) == std::string::npos || start == std::string::npos) continue;
        const std::size_t from = start + before.size();
        found.push_back(line.substr(from, line.find(after, from) - from));
    }
    return found;
}

void agrees_with_readelf(const std::string& path) {
    CAPTURE(path);
    const auto facts = read_elf(tests::read_file(path));
    REQUIRE(facts);
    const auto dynamic = tests::run({"readelf", "-dW", path});
    CHECK(facts->needed == found_by_readelf(dynamic.out, "(NEEDED)", "[", "]"));
    const auto soname = found_by_readelf(dynamic.out, "(SONAME)", "[", "]");
    CHECK(facts->soname == (soname.empty() ? "" : soname.front()));
    const auto versions = tests::run({"readelf", "-VW", path});
    std::vector<std::string> ours;
    for (const auto& need : facts->version_needs)
        ours.insert(ours.end(), need.versions.begin(), need.versions.end());
    std::vector<std::string> theirs_needed;
    bool in_needs = false;
    std::istringstream lines(versions.out);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("Version needs section") != std::string::npos)
            in_needs = true;
        else if (line.find(" section '") != std::string::npos)
            in_needs = false;
        const std::size_t name = line.find("Name: ");
        if (!in_needs || name == std::string::npos || line.find("Flags: none") == std::string::npos) continue;
        theirs_needed.push_back(line.substr(name + 6, line.find(' ', name + 6) - name - 6));
    }
    std::sort(ours.begin(), ours.end());
    std::sort(theirs_needed.begin(), theirs_needed.end());
    CHECK(ours == theirs_needed);
}

} // namespace

TEST_CASE("an ELF file says what it needs", "[packager][elf]") {
    ElfImage image = sample();
    image.run_path = "$ORIGIN";
    image.big_endian = GENERATE(false, true);
    const auto facts = read_elf(make_elf(image).bytes);
    REQUIRE(facts);
    CHECK(facts->soname == "libkernel.so.1");
    CHECK(facts->needed == std::vector<std::string>{"libm.so.6", "libc.so.6"});
    CHECK(facts->run_path == "$ORIGIN");
    CHECK(facts->has_dynamic);
    CHECK(facts->version_needs.size() == 2);
    CHECK(facts->version_needs.at(0).library == "libc.so.6");
    CHECK(packager::minimum_version(*facts, "GLIBC") == "2.34");
    CHECK(packager::minimum_version(facts->version_needs.at(1), "GLIBC") == "2.29");
    CHECK_FALSE(packager::minimum_version(*facts, "GLIBCXX"));
    CHECK_FALSE(facts->is_program());
    CHECK(packager::machine_name(*facts) == (image.big_endian ? "elf-machine-62" : "x86_64"));
}

TEST_CASE("machines are named as uname names them, others by number", "[packager][elf]") {
    ElfImage image;
    std::string name;
    std::tie(image.machine, name) =
        GENERATE(table<std::uint16_t, std::string>({{62, "x86_64"},
                                                    {183, "aarch64"},
                                                    {243, "riscv64"},
                                                    {258, "loongarch64"},
                                                    {0x1029, "elf-machine-4137"}}));
    CHECK(packager::machine_name(read_elf(make_elf(image).bytes).value()) == name);
}

TEST_CASE("programs are told from libraries", "[packager][elf]") {
    ElfImage image;
    SECTION("a fixed address") {
        image.type = 2;
    }
    SECTION("an interpreter") {
        image.interpreter = "/lib64/ld-linux-x86-64.so.2";
    }
    SECTION("static and position independent") {
        image.flags_1 = 0x08000000;
    }
    const auto facts = read_elf(make_elf(image).bytes).value();
    CHECK(facts.is_program());
    CHECK(facts.interpreter == image.interpreter);
    image.soname = "libc.so.6"; // glibc can be started too, and is a library
    image.type = 3;
    CHECK_FALSE(read_elf(make_elf(image).bytes).value().is_program());
}

TEST_CASE("what is not ELF is an answer and no error", "[packager][elf]") {
    for (const std::string bytes : {"", "\x7f",
                                    "\x7f"
                                    "ELG and more",
                                    "#!/bin/sh\n", "GGUF\x03"})
        CHECK_FALSE(read_elf(bytes));
}

TEST_CASE("object files and 32-bit files give their header", "[packager][elf]") {
    std::string bytes = make_elf(sample()).bytes;
    put(bytes, 4, 1, 1);
    const auto small = read_elf(bytes).value();
    CHECK(small.elf_class == packager::ElfClass::bits32);
    CHECK(small.needed.empty());
    CHECK(packager::machine_name(small) == "elf-machine-62");
    bytes = make_elf({}).bytes.substr(0, 64);
    put(bytes, 16, 2, 1); // ET_REL
    put(bytes, 56, 2, 0); // no segments
    CHECK(read_elf(bytes).value().type == packager::ElfType::relocatable);
}

TEST_CASE("an ELF file that is cut anywhere is refused", "[packager][elf]") {
    const std::string bytes = make_elf(sample()).bytes;
    for (std::size_t length = 4; length < bytes.size(); ++length) {
        CAPTURE(length);
        REQUIRE_THROWS_MATCHES(read_elf(bytes.substr(0, length)), manifests::Error,
                               faults_with(Fault::damaged));
    }
}

TEST_CASE("an ELF file that lies is refused", "[packager][elf]") {
    ElfImage image = sample();
    image.interpreter = "/lib64/ld-linux-x86-64.so.2";
    auto elf = make_elf(image);
    const std::uint64_t all = ~std::uint64_t{0};
    const std::uint64_t entries =
        elf.dynamic; // needed, needed, soname, strtab, strsz, verneed, verneednum, null
    struct Lie {
        const char* why;
        std::uint64_t offset;
        std::size_t length;
        std::uint64_t value;
    };
    const Lie lie = GENERATE_COPY(values<Lie>({
        {"class 3", 4, 1, 3},
        {"byte order 0", 5, 1, 0},
        {"version 2", 6, 1, 2},
        {"program headers beyond the end", 32, 8, all},
        {"program headers that wrap", 32, 8, all - 100},
        {"65535 segments", 56, 2, 0xffff},
        {"program headers of 32 bytes", 54, 2, 32},
        {"section headers beyond the end", 40, 8, 1ULL << 40},
        {"segment offset that wraps", 64 + 8, 8, all},
        {"segment longer than the file", 64 + 32, 8, 1ULL << 40},
        {"dynamic section beyond the end", 64 + 56 + 8, 8, elf.bytes.size()},
        {"dynamic section without an end mark", 64 + 56 + 32, 8, 16},
        {"two dynamic sections", 64 + 112, 4, 2},
        {"interpreter without an end", 64 + 112 + 32, 8, 5},
        {"interpreter of no bytes", 64 + 112 + 32, 8, 0},
        {"needed name outside of the strings", entries + 8, 8, all},
        {"needed name that is empty", entries + 8, 8, 0},
        {"string table at an address that nothing loads", entries + 3 * 16 + 8, 8, 0x10},
        {"string table address that wraps", entries + 3 * 16 + 8, 8, all},
        {"string table larger than its segment", entries + 4 * 16 + 8, 8, all},
        {"empty string table", entries + 4 * 16 + 8, 8, 0},
        {"no string table", entries + 3 * 16, 8, 0x12345},
        {"version needs at an address that nothing loads", entries + 5 * 16 + 8, 8, 0x10},
        {"more version needs than there are", entries + 6 * 16 + 8, 8, all},
        {"version need of format 2", elf.versions, 2, 2},
        {"version need with entries beyond the end", elf.versions + 8, 4, 0xffffffff},
        {"version need with 65535 entries", elf.versions + 2, 2, 0xffff},
        {"version need that follows itself", elf.versions + 16 + 12, 4, 0},
        {"version name outside of the strings", elf.versions + 16 + 8, 4, 0xffffffff},
        {"next version need beyond the end", elf.versions + 12, 4, 0xffffffff},
    }));
    CAPTURE(lie.why);
    if (std::string_view(lie.why) == "version need that follows itself")
        put(elf.bytes, elf.versions + 2, 2, 2);
    put(elf.bytes, 60, 2, 1); // one section header, which counts once its table has a place
    put(elf.bytes, lie.offset, lie.length, lie.value);
    REQUIRE_THROWS_MATCHES(read_elf(elf.bytes), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("library names that cannot be shown as they are are refused", "[packager][elf]") {
    ElfImage image;
    image.needed = {GENERATE("lib\x1b[2J.so", "lib\xff.so", "lib\xe2\x80\xae.so", "lib\n.so")};
    REQUIRE_THROWS_MATCHES(read_elf(make_elf(image).bytes), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("a file that becomes shorter while it is read is refused", "[packager][elf]") {
    const std::string bytes = make_elf(sample()).bytes;
    const auto shrinking = [&](std::uint64_t offset, std::size_t length) {
        return offset < 64 ? bytes.substr(offset, length) : std::string();
    };
    REQUIRE_THROWS_MATCHES(read_elf(bytes.size(), shrinking), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("only a small part of a large file is read", "[packager][elf]") {
    ElfImage image = sample();
    image.payload = std::string(50'000'000, 'k');
    const std::string bytes = make_elf(image).bytes;
    std::uint64_t read_bytes = 0;
    const auto counting = [&](std::uint64_t offset, std::size_t length) {
        read_bytes += length;
        return bytes.substr(offset, length);
    };
    REQUIRE(read_elf(bytes.size(), counting));
    CHECK(read_bytes < 50'000);
}

TEST_CASE("versions are compared by their numbers", "[packager][elf]") {
    CHECK(packager::is_lower_version("2.9", "2.34"));
    CHECK(packager::is_lower_version("2", "2.0.1"));
    CHECK(packager::is_lower_version("3.4.9", "3.4.29"));
    CHECK_FALSE(packager::is_lower_version("2.34", "2.9"));
    CHECK_FALSE(packager::is_lower_version("2.0", "2"));
    CHECK_FALSE(packager::is_lower_version("2.34", "2.34"));
    packager::ElfVersionNeed need{"libc.so.6",
                                  {"GLIBC_PRIVATE", "GLIBC_2.4", "GLIBC_ABI_DT_RELR", "GLIBC_2..9"}};
    CHECK(packager::minimum_version(need, "GLIBC") == "2.4");
    CHECK_FALSE(packager::minimum_version(need, "GLIB"));
}

TEST_CASE("readelf finds the same in programs and libraries of this machine", "[packager][elf]") {
    if (!tests::have_tool("readelf")) return;
    agrees_with_readelf(std::filesystem::read_symlink("/proc/self/exe").string());
    agrees_with_readelf("/bin/sh");
    const auto own = read_elf(tests::read_file("/proc/self/exe"));
    REQUIRE(own);
    CHECK(own->is_program());
    for (const std::string& name : own->needed) {
        const auto where = tests::run({"sh", "-c", "ldconfig -p 2>/dev/null || /sbin/ldconfig -p"});
        const std::size_t line = where.out.find("\t" + name + " ");
        if (line == std::string::npos) continue;
        const std::size_t path = where.out.find("=> ", line) + 3;
        agrees_with_readelf(where.out.substr(path, where.out.find('\n', path) - path));
    }
}

TEST_CASE("an ELF header gives flags and ABI version in either class and byte order", "[packager][elf]") {
    ElfImage image;
    image.machine = 190;
    image.flags = 0x06005a04;
    image.os_abi = 0x33;
    image.abi_version = 8;
    image.big_endian = GENERATE(false, true);
    std::string bytes = make_elf(image).bytes;
    for (const auto& facts : {read_elf(bytes).value(), packager::read_elf_header(bytes.substr(0, 64))}) {
        CHECK(facts.flags == 0x06005a04);
        CHECK(facts.os_abi == 0x33);
        CHECK(facts.abi_version == 8);
        CHECK(facts.machine == 190);
    }
    bytes[4] = 1; // 32 bit: flags stand at 36
    put(bytes, image.big_endian ? 39 : 36, 1, 0x5a);
    CHECK(read_elf(bytes).value().flags % 256 == 0x5a);
    for (const std::size_t length : {0, 4, 16, 51, 63})
        CHECK_THROWS_MATCHES(packager::read_elf_header(make_elf({}).bytes.substr(0, length)),
                             manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("the x86-64 level that a linker was told to demand is read", "[packager][elf]") {
    ElfImage image;
    int level = 0;
    std::tie(image.x86_isa_needed, level) = GENERATE(
        table<std::uint32_t, int>({{0, 0}, {1, 1}, {3, 2}, {7, 3}, {15, 4}, {4, 3}, {0x10, 0}, {0x12, 2}}));
    CHECK(read_elf(make_elf(image).bytes).value().x86_level_needed == level);
    image.machine = 183; // Arm counts its properties from the same number
    CHECK(read_elf(make_elf(image).bytes).value().x86_level_needed == 0);
}

TEST_CASE("a note of GNU properties that lies is refused", "[packager][elf]") {
    ElfImage image;
    image.x86_isa_needed = 3;
    auto elf = make_elf(image);
    const auto [why, offset, value] = GENERATE(table<std::string, std::uint64_t, std::uint64_t>({
        {"note longer than its segment", 4, 24},
        {"note whose end wraps", 4, 0xffffffff},
        {"property longer than its note", 20, 16},
        {"property whose end wraps", 20, 0xfffffffc},
        {"level of 2 bytes", 20, 2},
        {"property that is cut short", 4, 4},
    }));
    CAPTURE(why);
    put(elf.bytes, elf.property + offset, 4, value);
    REQUIRE_THROWS_MATCHES(read_elf(elf.bytes), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("notes of other owners say nothing", "[packager][elf]") {
    ElfImage image;
    image.x86_isa_needed = 15;
    auto elf = make_elf(image);
    put(elf.bytes, elf.property + 12, 1, 'X');
    CHECK(read_elf(elf.bytes).value().x86_level_needed == 0);
}

TEST_CASE("LoongArch files name their ABI", "[packager][elf]") {
    ElfImage image;
    image.machine = 258;
    std::string name;
    std::tie(image.flags, name) =
        GENERATE(table<std::uint32_t, std::string>({{0x43, "lp64d, object ABI 1"},
                                                    {0x03, "lp64d, object ABI 0"},
                                                    {0x41, "lp64s, object ABI 1"},
                                                    {0x42, "lp64f, object ABI 1"},
                                                    {0x47, "base ABI 7, object ABI 1"}}));
    CHECK(packager::loongarch_abi(read_elf(make_elf(image).bytes).value()) == name);
    image.machine = 62;
    CHECK(packager::loongarch_abi(read_elf(make_elf(image).bytes).value()).empty());
}
