#include "runtime/cpu.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/runtime/cpu_registers.hpp"

using manifests::CpuFound;
using runtime::decode_arm;
using runtime::decode_x86;
using runtime::X86Registers;

namespace {

bool has(const std::vector<std::string>& list, const std::string& name) {
    return std::binary_search(list.begin(), list.end(), name);
}

X86Registers with_xcr0(X86Registers registers, std::uint64_t xcr0) {
    registers.xcr0 = xcr0;
    return registers;
}

} // namespace

TEST_CASE("processors are identified by vendor, family, model and stepping", "[runtime][cpu]") {
    struct Row {
        X86Registers registers;
        std::string vendor, brand;
        std::uint64_t family, model, stepping;
    };
    const std::vector<Row> rows{
        {tests::zen4_registers(), "AuthenticAMD", "AMD EPYC", 25, 17, 1},
        {tests::sapphire_rapids_registers(), "GenuineIntel", "Intel(R) Xeon(R) Processor", 6, 143, 8},
        {tests::dhyana_registers(), "HygonGenuine", "Hygon Dhyana Processor", 24, 0, 1},
        {tests::haswell_registers(), "GenuineIntel", "Intel Core Processor (Haswell, no TSX, IBRS)", 6, 60,
         1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.brand);
        const CpuFound cpu = decode_x86(row.registers);
        CHECK(cpu.architecture == "x86_64");
        CHECK(cpu.vendor == row.vendor);
        CHECK(cpu.brand == row.brand);
        CHECK(cpu.family == row.family);
        CHECK(cpu.model == row.model);
        CHECK(cpu.stepping == row.stepping);
        CHECK(std::is_sorted(cpu.features.begin(), cpu.features.end()));
        CHECK(cpu.disabled_features.empty());
    }
}

TEST_CASE("Zen 4 has just the instructions that it has", "[runtime][cpu]") {
    // The reference is what Linux prints on that machine, without what no kernel asks for.
    const std::vector<std::string> wanted{"aes",          "avx",           "avx2",
                                          "avx512_bf16",  "avx512_bitalg", "avx512_vbmi",
                                          "avx512_vbmi2", "avx512_vnni",   "avx512_vpopcntdq",
                                          "avx512bw",     "avx512cd",      "avx512dq",
                                          "avx512f",      "avx512ifma",    "avx512vl",
                                          "bmi1",         "bmi2",          "cmov",
                                          "cx16",         "cx8",           "f16c",
                                          "fma",          "fxsr",          "gfni",
                                          "lahf_lm",      "lzcnt",         "mmx",
                                          "movbe",        "pclmulqdq",     "popcnt",
                                          "sha_ni",       "sse",           "sse2",
                                          "sse3",         "sse4_1",        "sse4_2",
                                          "ssse3",        "vaes",          "vpclmulqdq"};
    CHECK(decode_x86(tests::zen4_registers()).features == wanted);
}

TEST_CASE("Sapphire Rapids has tile and VNNI instructions that Zen 4 has not", "[runtime][cpu]") {
    const CpuFound cpu = decode_x86(tests::sapphire_rapids_registers());
    for (const char* name : {"amx_tile", "amx_int8", "amx_bf16", "avx_vnni", "avx512_bf16", "avx512_fp16"}) {
        CAPTURE(name);
        CHECK(has(cpu.features, name));
    }
}

TEST_CASE("an AVX2 processor whose system does not save YMM has no AVX", "[runtime][cpu]") {
    const CpuFound cpu = decode_x86(with_xcr0(tests::haswell_registers(), 0x3));
    for (const char* name : {"avx", "avx2", "fma", "f16c"}) {
        CAPTURE(name);
        CHECK_FALSE(has(cpu.features, name));
        CHECK(has(cpu.disabled_features, name));
    }
    CHECK(has(cpu.features, "sse4_2"));
    CHECK(has(cpu.features, "bmi2")); // on general registers, so no state is needed
}

TEST_CASE("an AVX-512 processor whose system does not save ZMM has AVX2 and no more", "[runtime][cpu]") {
    // 0x67 lacks only the upper 16 registers; all three of mask, ZMM_Hi256 and Hi16_ZMM are needed
    const std::uint64_t xcr0 = GENERATE(0x7, 0x27, 0x67, 0xc7);
    CAPTURE(xcr0);
    const CpuFound cpu = decode_x86(with_xcr0(tests::zen4_registers(), xcr0));
    CHECK(has(cpu.features, "avx2"));
    CHECK(has(cpu.features, "vaes"));
    for (const std::string& name : cpu.features) {
        CAPTURE(name);
        CHECK(name.rfind("avx512", 0) != 0);
    }
    CHECK(has(cpu.disabled_features, "avx512f"));
    CHECK(has(cpu.disabled_features, "avx512_bf16"));
}

TEST_CASE("tile instructions need both tile states", "[runtime][cpu]") {
    const std::uint64_t xcr0 = GENERATE(0x2e7, 0x202e7, 0x402e7);
    const CpuFound cpu = decode_x86(with_xcr0(tests::sapphire_rapids_registers(), xcr0));
    CHECK_FALSE(has(cpu.features, "amx_tile"));
    CHECK(has(cpu.disabled_features, "amx_int8"));
    CHECK(has(cpu.features, "avx512f"));
}

TEST_CASE("XCR0 counts for nothing when the system has not switched XSAVE on", "[runtime][cpu]") {
    X86Registers registers = tests::zen4_registers();
    registers.leaves[1].ecx &= ~(1U << 27);
    const CpuFound cpu = decode_x86(registers);
    CHECK_FALSE(has(cpu.features, "avx"));
    CHECK_FALSE(has(cpu.features, "avx512f"));
    CHECK(has(cpu.features, "sse4_2"));
}

TEST_CASE("leaves beyond the highest one are not believed", "[runtime][cpu]") {
    X86Registers registers = tests::zen4_registers();
    SECTION("leaf 7") {
        registers.leaves[0].eax = 6;
        CHECK_FALSE(has(decode_x86(registers).features, "avx2"));
    }
    SECTION("subleaf 1 of leaf 7") {
        registers.leaves[2].eax = 0;
        CHECK_FALSE(has(decode_x86(registers).features, "avx512_bf16"));
        CHECK(has(decode_x86(registers).features, "avx512f"));
    }
    SECTION("extended leaves") {
        registers.leaves[4].eax = 0x80000000;
        CHECK_FALSE(has(decode_x86(registers).features, "lzcnt"));
        CHECK(decode_x86(registers).brand.empty());
    }
}

TEST_CASE("no registers at all make a processor without instructions", "[runtime][cpu]") {
    const CpuFound cpu = decode_x86({});
    CHECK(cpu.vendor.empty());
    CHECK(cpu.family == 0);
    CHECK(cpu.features.empty());
    CHECK(cpu.disabled_features.empty());
}

TEST_CASE("a vendor text keeps its blanks and shows its control characters as escapes", "[runtime][cpu]") {
    X86Registers registers;
    // "  Shanghai  ", the vendor text of Zhaoxin
    registers.leaves = {{0, 0, 0, 0x68532020, 0x20206961, 0x68676e61}};
    CHECK(decode_x86(registers).vendor == "  Shanghai  ");
    registers.leaves = {{0, 0, 0, 0x1b5b411b, 0x41414141, 0x41414141}};
    CHECK(decode_x86(registers).vendor == "\\x1bA[\\x1bAAAAAAAA");
}

TEST_CASE("an Arm processor is told by HWCAP and MIDR", "[runtime][cpu]") {
    // Kunpeng 920: implementer 0x48, part 0xd01, variant 1; HWCAP as Linux gives it there
    const CpuFound cpu = decode_arm({.hwcap = 0x98fffULL | (1ULL << 20), .hwcap2 = 0, .midr = 0x481fd010});
    CHECK(cpu.architecture == "aarch64");
    CHECK(cpu.vendor.empty());
    CHECK(cpu.family == 0x48);
    CHECK(cpu.model == 0xd01);
    CHECK(cpu.stepping == 16);
    for (const char* name :
         {"fp", "asimd", "aes", "sha1", "sha2", "crc32", "atomics", "fphp", "asimdhp", "asimddp"}) {
        CAPTURE(name);
        CHECK(has(cpu.features, name));
    }
    CHECK_FALSE(has(cpu.features, "sve"));
}

TEST_CASE("the bits of HWCAP and HWCAP2 have Linux's names", "[runtime][cpu]") {
    const auto [bit, name] = GENERATE(table<int, std::string>({{0, "fp"},
                                                               {1, "asimd"},
                                                               {8, "atomics"},
                                                               {12, "asimdrdm"},
                                                               {20, "asimddp"},
                                                               {22, "sve"},
                                                               {23, "asimdfhm"},
                                                               {31, "pacg"}}));
    CHECK(decode_arm({.hwcap = 1ULL << bit, .hwcap2 = 0, .midr = {}}).features ==
          std::vector<std::string>{name});
    const auto [bit2, name2] = GENERATE(table<int, std::string>({{1, "sve2"},
                                                                 {9, "svei8mm"},
                                                                 {13, "i8mm"},
                                                                 {14, "bf16"},
                                                                 {23, "sme"},
                                                                 {31, "wfxt"},
                                                                 {33, "sveebf16"}}));
    CHECK(decode_arm({.hwcap = 0, .hwcap2 = 1ULL << bit2, .midr = {}}).features ==
          std::vector<std::string>{name2});
}

TEST_CASE("an Arm processor without a readable MIDR has no identity", "[runtime][cpu]") {
    const CpuFound cpu = decode_arm({.hwcap = 1, .hwcap2 = 0, .midr = {}});
    CHECK(cpu.family == 0);
    CHECK(cpu.features == std::vector<std::string>{"fp"});
}

TEST_CASE("this machine's processor says what it is", "[runtime][cpu]") {
    std::vector<std::string> unreadable;
    const CpuFound cpu = runtime::read_cpu(unreadable);
    CHECK_FALSE(cpu.features.empty());
    const std::vector<std::string> known = runtime::known_cpu_features(cpu.architecture);
    CHECK(std::includes(known.begin(), known.end(), cpu.features.begin(), cpu.features.end()));
}
