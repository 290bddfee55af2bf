#include "runtime/fit.hpp"

#include <catch2/catch.hpp>

#include "runtime/cpu.hpp"
#include "tests/runtime/cpu_registers.hpp"

using manifests::Code;
using manifests::Machine;
using manifests::Profile;
using manifests::Severity;
using runtime::Fit;
using runtime::FitLine;
using Verdict = FitLine::Verdict;

namespace {

Machine machine_with(const runtime::X86Registers& registers) {
    Machine machine;
    machine.cpu = runtime::decode_x86(registers);
    machine.memory_bytes = 64'000'000'000;
    machine.kernel_name = "Linux";
    machine.kernel_release = "5.10.0-136.12.0.oe2203sp1.x86_64";
    machine.accelerators = {{"0000:01:00.0", "19e5:d802", "", "120000", "", "Huawei"},
                            {"0000:02:00.0", "19e5:d802", "", "120000", "", "Huawei"}};
    return machine;
}

Profile zen4() {
    Profile profile;
    profile.cpu = {.architecture = "x86_64",
                   .vendors = {"AuthenticAMD"},
                   .models = {{25, 16, 31}},
                   .identity_blocks = false,
                   .features = {"avx2", "avx512f"},
                   .source = "",
                   .identity_source = ""};
    return profile;
}

const FitLine& line_with(const Fit& fit, Code code) {
    for (const FitLine& line : fit.lines) {
        if (line.code == code) return line;
    }
    FAIL("no line with " << name_of(code));
    return fit.lines.front();
}

bool has_line(const Fit& fit, Code code) {
    for (const FitLine& line : fit.lines) {
        if (line.code == code) return true;
    }
    return false;
}

} // namespace

TEST_CASE("a machine that has everything fits and gives no finding", "[runtime][fit]") {
    const Fit fit = runtime::fit(zen4(), machine_with(tests::zen4_registers()));
    CHECK(fit.fits());
    CHECK(fit.lines.size() == 3);
    CHECK(runtime::report_of(fit).findings().empty());
}

TEST_CASE("another architecture is one refusal and not ten", "[runtime][fit]") {
    Profile profile = zen4();
    profile.cpu.architecture = "aarch64";
    profile.cpu.features = {"asimd", "fp"};
    const Fit fit = runtime::fit(profile, machine_with(tests::zen4_registers()));
    CHECK_FALSE(fit.fits());
    REQUIRE(fit.lines.size() == 1);
    CHECK(fit.lines[0].code == Code::fit_architecture);
    CHECK(fit.lines[0].verdict == Verdict::not_met);
    CHECK(fit.lines[0].found == "x86_64");
    CHECK(fit.lines[0].wanted == "aarch64");
    CHECK_FALSE(fit.lines[0].remedy.empty());
}

TEST_CASE("a processor that nobody asked is no pass", "[runtime][fit]") {
    const Fit fit = runtime::fit(zen4(), Machine{});
    CHECK_FALSE(fit.fits());
    REQUIRE(fit.lines.size() == 1);
    CHECK(fit.lines[0].verdict == Verdict::cannot_tell);
    CHECK(runtime::report_of(fit).findings().at(0).severity == Severity::not_checked);
    CHECK_FALSE(runtime::report_of(fit).passed());
}

TEST_CASE("another processor is a note unless the profile makes it a refusal", "[runtime][fit]") {
    Profile profile = zen4();
    profile.cpu.features = {"avx2"};
    const Machine haswell = machine_with(tests::haswell_registers());
    const Fit noted = runtime::fit(profile, haswell);
    CHECK(noted.fits());
    CHECK(line_with(noted, Code::fit_cpu).verdict == Verdict::note);
    CHECK(runtime::report_of(noted).passed());
    CHECK(runtime::report_of(noted).has(Code::fit_cpu));
    profile.cpu.identity_blocks = true;
    const Fit refused = runtime::fit(profile, haswell);
    CHECK_FALSE(refused.fits());
    CHECK(line_with(refused, Code::fit_cpu).verdict == Verdict::not_met);
    CHECK(line_with(refused, Code::fit_cpu).found.find("GenuineIntel, family 6 model 60") == 0);
}

TEST_CASE("a blocking identity that the machine does not tell is undecided", "[runtime][fit]") {
    Profile profile = zen4();
    profile.cpu.identity_blocks = true;
    Machine machine = machine_with(tests::zen4_registers());
    machine.cpu.vendor.clear();
    const Fit fit = runtime::fit(profile, machine);
    CHECK_FALSE(fit.fits());
    CHECK(line_with(fit, Code::fit_cpu).verdict == Verdict::cannot_tell);
}

TEST_CASE("model ranges hold both their ends", "[runtime][fit]") {
    using runtime::IdentityMatch;
    const auto [model, match] = GENERATE(table<std::uint64_t, IdentityMatch>({{15, IdentityMatch::other},
                                                                              {16, IdentityMatch::same},
                                                                              {31, IdentityMatch::same},
                                                                              {32, IdentityMatch::other}}));
    Machine machine = machine_with(tests::zen4_registers());
    machine.cpu.model = model;
    CHECK(runtime::match_identity(zen4().cpu, machine.cpu) == match);
    machine.cpu.family = 26;
    CHECK(runtime::match_identity(zen4().cpu, machine.cpu) == IdentityMatch::other);
}

TEST_CASE("missing instructions are named, and so are those that the system switched off", "[runtime][fit]") {
    Profile profile = zen4();
    profile.cpu.features = {"amx_int8", "avx2", "avx512_bf16", "avx512f"};
    runtime::X86Registers registers = tests::zen4_registers();
    const FitLine missing = line_with(runtime::fit(profile, machine_with(registers)), Code::fit_features);
    CHECK(missing.verdict == Verdict::not_met);
    CHECK(missing.found == "without amx_int8");
    registers.xcr0 = 0x7;
    const FitLine both = line_with(runtime::fit(profile, machine_with(registers)), Code::fit_features);
    CHECK(both.found == "without amx_int8; switched off by the operating system: avx512_bf16 avx512f");
    profile.cpu.features = {"avx512f"};
    const FitLine disabled = line_with(runtime::fit(profile, machine_with(registers)), Code::fit_features);
    CHECK(disabled.verdict == Verdict::not_met);
    CHECK(disabled.found == "switched off by the operating system: avx512f");
    CHECK(disabled.remedy.find("switch them on") == 0);
}

TEST_CASE("memory is enough, too little or unknown", "[runtime][fit]") {
    Profile profile = zen4();
    Machine machine = machine_with(tests::zen4_registers());
    CHECK_FALSE(has_line(runtime::fit(profile, machine), Code::fit_memory));
    profile.memory_bytes = 64'000'000'000;
    CHECK(runtime::fit(profile, machine).fits());
    profile.memory_bytes += 1;
    CHECK(line_with(runtime::fit(profile, machine), Code::fit_memory).verdict == Verdict::not_met);
    machine.memory_bytes = 0;
    CHECK(line_with(runtime::fit(profile, machine), Code::fit_memory).verdict == Verdict::cannot_tell);
    CHECK_FALSE(runtime::fit(profile, machine).fits());
}

TEST_CASE("accelerators are counted by PCI id", "[runtime][fit]") {
    struct Row {
        std::vector<std::string> ids;
        std::uint64_t quantity;
        Verdict verdict;
    };
    const std::vector<Row> rows{{{"19e5:d802"}, 2, Verdict::met},
                                {{"19e5:d801", "19e5:d802"}, 1, Verdict::met},
                                {{"19e5:d802"}, 3, Verdict::not_met},
                                {{"19e5:d803"}, 1, Verdict::not_met}};
    const Machine machine = machine_with(tests::zen4_registers());
    for (const Row& row : rows) {
        Profile profile = zen4();
        profile.accelerators = {
            {.name = "NPU", .pci_ids = row.ids, .quantity = row.quantity, .memory_bytes = 0, .source = ""}};
        const Fit fit = runtime::fit(profile, machine);
        CHECK(line_with(fit, Code::fit_accelerator).verdict == row.verdict);
        CHECK(line_with(fit, Code::fit_accelerator).found == "2 x 19e5:d802 Huawei");
        CHECK(fit.fits() == (row.verdict == Verdict::met));
    }
}

TEST_CASE("accelerators that could not be read are undecided, not absent", "[runtime][fit]") {
    Profile profile = zen4();
    profile.accelerators = {
        {.name = "NPU", .pci_ids = {"19e5:d802"}, .quantity = 3, .memory_bytes = 0, .source = ""}};
    Machine machine = machine_with(tests::zen4_registers());
    machine.unreadable = {"/sys/bus/pci/devices/0000:03:00.0/class"};
    CHECK(line_with(runtime::fit(profile, machine), Code::fit_accelerator).verdict == Verdict::cannot_tell);
    CHECK_FALSE(runtime::fit(profile, machine).fits());
}

TEST_CASE("a PCI id does not stand for the memory of a board", "[runtime][fit]") {
    Profile profile = zen4();
    profile.accelerators = {
        {.name = "NPU", .pci_ids = {"19e5:d802"}, .quantity = 2, .memory_bytes = 68719476736, .source = ""}};
    const Fit fit = runtime::fit(profile, machine_with(tests::zen4_registers()));
    CHECK_FALSE(fit.fits());
    CHECK(fit.lines.back().verdict == Verdict::cannot_tell);
    CHECK(fit.lines.back().code == Code::fit_accelerator);
}

TEST_CASE("software that is not probed is undecided, and that is no pass", "[runtime][fit]") {
    using Kind = manifests::SoftwareRequirement::Kind;
    const Kind kind = GENERATE(Kind::driver, Kind::firmware, Kind::toolkit);
    Profile profile = zen4();
    profile.software = {
        {.kind = kind, .name = "npu", .vendor = "", .version_range = "vers:generic/*", .source = ""}};
    const Fit fit = runtime::fit(profile, machine_with(tests::zen4_registers()));
    CHECK_FALSE(fit.fits());
    CHECK(line_with(fit, Code::fit_driver).verdict == Verdict::cannot_tell);
}

TEST_CASE("the kernel's release is held against its range", "[runtime][fit]") {
    const auto [name, range, verdict] = GENERATE(table<std::string, std::string, Verdict>({
        {"Linux", "vers:generic/>=5.10", Verdict::met},
        {"Linux", "vers:generic/>=5.10.0|<5.11", Verdict::met},
        {"Linux", "vers:generic/>=5.15", Verdict::not_met},
        {"Linux", "vers:generic/<5", Verdict::not_met},
        {"linux", "vers:generic/*", Verdict::met},
        {"FreeBSD", "vers:generic/*", Verdict::cannot_tell}, // nothing says which system this Linux is
    }));
    Profile profile = zen4();
    profile.software = {{.kind = manifests::SoftwareRequirement::Kind::operating_system,
                         .name = name,
                         .vendor = "",
                         .version_range = range,
                         .source = ""}};
    Machine machine = machine_with(tests::zen4_registers());
    CAPTURE(name, range);
    CHECK(line_with(runtime::fit(profile, machine), Code::fit_host).verdict == verdict);
    machine.kernel_name.clear();
    CHECK(line_with(runtime::fit(profile, machine), Code::fit_host).verdict == Verdict::cannot_tell);
}

TEST_CASE("what a machine says of itself cannot move a cursor", "[runtime][fit]") {
    Machine machine = machine_with(tests::zen4_registers());
    machine.cpu.architecture = "\x1b[2Jaarch64";
    CHECK(runtime::fit(zen4(), machine).lines.at(0).found == "\\x1b[2Jaarch64");
}
