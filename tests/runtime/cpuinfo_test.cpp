#include "runtime/probes/cpuinfo.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "manifests/profile.hpp"
#include "runtime/fit.hpp"
#include "runtime/probe.hpp"
#include "tests/runtime/probe_tree.hpp"

using manifests::CpuFound;
using runtime::decode_cpuinfo;
using runtime::probe_machine;
using tests::Tree;

namespace {

const std::string zx_c =
    "processor\t: 0\n"
    "vendor_id\t:   Shanghai  \n"
    "cpu family\t: 6\n"
    "model\t\t: 25\n"
    "model name\t: ZHAOXIN KaiXian ZX-C+ C4701@2.0GHz\n"
    "stepping\t: 0\n"
    "flags\t\t: fpu cx8 cmov mmx fxsr sse sse2 lm pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm "
    "avx avx2 bmi1 bmi2 abm movbe\n"
    "bugs\t\t:\n\n"
    "processor\t: 1\nvendor_id\t: Other\nflags\t\t: fma f16c\n\n";

const std::string kunpeng =
    "processor\t: 0\n"
    "BogoMIPS\t: 200.00\n"
    "Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid "
    "asimdrdm jscvt fcma dcpop asimddp asimdfhm\n"
    "CPU implementer\t: 0x48\n"
    "CPU architecture: 8\n"
    "CPU variant\t: 0x1\n"
    "CPU part\t: 0xd01\n"
    "CPU revision\t: 0\n\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

bool has(const CpuFound& cpu, const std::string& feature) {
    return std::find(cpu.features.begin(), cpu.features.end(), feature) != cpu.features.end();
}

} // namespace

TEST_CASE("an x86 processor is read from its text, blanks of the vendor and all",
          "[runtime][probe][cpuinfo]") {
    const auto cpu = decode_cpuinfo(zx_c);
    REQUIRE(cpu.has_value());
    CHECK(cpu->architecture == "x86_64");
    CHECK(cpu->vendor == "  Shanghai  ");
    CHECK(cpu->brand == "ZHAOXIN KaiXian ZX-C+ C4701@2.0GHz");
    CHECK(cpu->family == 6);
    CHECK(cpu->model == 0x19);
    CHECK(has(*cpu, "sse3"));  // Linux: pni
    CHECK(has(*cpu, "lzcnt")); // Linux: abm
    CHECK(has(*cpu, "avx2"));
    CHECK_FALSE(has(*cpu, "fma")); // only the second processor's text has it
    CHECK_FALSE(has(*cpu, "lm"));  // not one of ours
    CHECK(std::is_sorted(cpu->features.begin(), cpu->features.end()));
}

TEST_CASE("AVX2 without FMA, and AVX-512 without BW, are not the level above", "[runtime][probe][cpuinfo]") {
    const auto fits = [](const std::string& level, const std::string& text) {
        manifests::Machine machine;
        machine.cpu = *decode_cpuinfo(text);
        const auto profile = manifests::Profile::parse(
            tests::read_file(tests::source_file("profiles/x86_64-" + level + ".json")));
        return runtime::fit(profile, machine).fits();
    };
    CHECK(fits("v2", zx_c));
    CHECK_FALSE(fits("v3", zx_c));
    const std::string v3 = replaced(zx_c, "avx avx2", "avx f16c fma avx2");
    CHECK(fits("v3", v3));
    const std::string knights_landing = replaced(v3, "avx2", "avx2 avx512f avx512cd");
    CHECK(fits("v3", knights_landing));
    CHECK_FALSE(fits("v4", knights_landing));
    CHECK(fits("v4", replaced(v3, "avx2", "avx2 avx512f avx512cd avx512bw avx512dq avx512vl")));
}

TEST_CASE("one part number is Kunpeng 920 of one maker and Cortex-A32 of another",
          "[runtime][probe][cpuinfo]") {
    const auto cpu = decode_cpuinfo(kunpeng);
    REQUIRE(cpu.has_value());
    CHECK(cpu->architecture == "aarch64");
    CHECK(cpu->family == 0x48);
    CHECK(cpu->model == 0xd01);
    CHECK(cpu->stepping == 16);
    CHECK(has(*cpu, "asimddp"));
    CHECK_FALSE(has(*cpu, "sve"));
    const auto other = decode_cpuinfo(replaced(kunpeng, "0x48", "0x41"));
    CHECK(other->family == 0x41);
    CHECK(other->model == 0xd01);
}

TEST_CASE("a processor of 32 bits or of an unknown kind is unknown", "[runtime][probe][cpuinfo]") {
    const std::string text = GENERATE_COPY(
        as<std::string>{}, "", "\n\n", "processor : 0\n", replaced(zx_c, " lm ", " "),
        replaced(kunpeng, "fp asimd", "half thumb fastmult vfp"),
        replaced(kunpeng, "CPU implementer", "CPU maker"),
        "system type : generic\nISA : loongarch32 loongarch64\n", "flags : \n", "POWER9, altivec supported");
    CAPTURE(text);
    CHECK_FALSE(decode_cpuinfo(text).has_value());
}

TEST_CASE("figures of a text that make no sense are unknown", "[runtime][probe][cpuinfo]") {
    CHECK(decode_cpuinfo(replaced(kunpeng, "0x48", "0xzz"))->family == 0);
    CHECK(decode_cpuinfo(replaced(kunpeng, "0x48", "0xzz"))->model == 0);
    CHECK(decode_cpuinfo(replaced(zx_c, ": 6\n", ": -6\n"))->family == 0);
    CHECK(decode_cpuinfo(replaced(zx_c, ": 6\n", ": 18446744073709551615\n"))->family == 0);
    CHECK(decode_cpuinfo(replaced(zx_c, "  Shanghai  ", "\x1b[2J"))->vendor == "\\x1b[2J");
}

TEST_CASE("the processor of a copied tree is what its kernel printed, and that is said",
          "[runtime][probe][cpuinfo]") {
    Tree tree;
    tree.write("/proc/cpuinfo", kunpeng);
    tree.write("/sys/devices/system/cpu/online", "0-127\n");
    const manifests::Machine machine = probe_machine(tree.path());
    CHECK(machine.cpu.model == 0xd01);
    CHECK(machine.cpu.source == "/proc/cpuinfo");
    CHECK(machine.cpu.logical_count == 128);
    CHECK(machine.unreadable.empty());
    CHECK(probe_machine().cpu.source.empty());
    tree.write("/proc/cpuinfo", "something else\n");
    CHECK(probe_machine(tree.path()).unreadable == std::vector<std::string>{"cpu"});
    CHECK(probe_machine(tree.path()).cpu.architecture.empty());
}

TEST_CASE("a text of more than 64 KiB is read as far as it is wanted", "[runtime][probe][cpuinfo]") {
    Tree tree;
    std::string text;
    while (text.size() < 200'000)
        text += kunpeng;
    tree.write("/proc/cpuinfo", text);
    CHECK(probe_machine(tree.path()).cpu.model == 0xd01);
}
