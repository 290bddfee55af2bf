#include "packager/kernel_check.hpp"

#include <catch2/catch.hpp>

#include "packager/kernel_claim.hpp"
#include "tests/support/device_code.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/plain_tree.hpp"

using manifests::BundlePath;
using manifests::Code;
using manifests::Report;
using manifests::Role;
using packager::check_binaries;
using packager::Inputs;

namespace {

constexpr std::uint16_t x86_64 = 62, aarch64 = 183, riscv = 243;

manifests::Profile profile() {
    manifests::Profile profile;
    profile.id = "sample";
    profile.title = "Sample chip";
    profile.cpu.architecture = "x86_64";
    profile.kernels.elf_machine = "x86_64";
    profile.kernels.features = {"avx2", "fma"};
    return profile;
}

void add(Inputs& inputs, const std::string& path, Role role, const std::string& bytes) {
    inputs.files.push_back(tests::file_of(path, role, bytes));
    inputs.sources.push_back({nullptr, nullptr});
    if (auto facts = packager::read_elf(bytes))
        inputs.sources.back().elf = std::make_unique<packager::ElfFacts>(std::move(*facts));
    if (role == Role::kernel || role == Role::engine)
        inputs.sources.back().kernel =
            std::make_unique<packager::KernelFacts>(packager::read_kernel_facts(bytes));
}

Inputs input(const std::string& path, Role role, const std::string& bytes) {
    Inputs inputs;
    add(inputs, path, role, bytes);
    return inputs;
}

std::string elf(std::uint16_t machine) {
    tests::ElfImage image;
    image.machine = machine;
    return tests::make_elf(image).bytes;
}

Report check(const Inputs& inputs) {
    return check_binaries({}, inputs, profile());
}

manifests::Profile gpu(const std::string& format, std::vector<std::string> targets, bool in_bytes = true) {
    manifests::Profile gpu = profile();
    gpu.id = "gpu";
    gpu.kernels.formats = {{format, std::move(targets), in_bytes, "source"}};
    return gpu;
}

manifests::Profile ascend() {
    manifests::Profile npu = profile();
    npu.id = "ascend-910b";
    const std::vector<std::string> chips{"Ascend910B1", "Ascend910B2", "Ascend910B3", "Ascend910B4"};
    npu.kernels.formats = {{"ascend-object", chips, false, "source"}, {"ascend-om", chips, false, "source"}};
    return npu;
}

manifests::RecipeKernel entry(const std::string& path, std::vector<std::string> targets) {
    manifests::RecipeKernel kernel{BundlePath::parse(path), {}, {}};
    kernel.targets = std::move(targets);
    return kernel;
}

// One kernel against a profile, with what the recipe declares of it.
Report check_kernel(const std::string& path, const std::string& bytes, const manifests::Profile& profile,
                    std::vector<std::string> declared = {}) {
    return check_binaries({entry(path, std::move(declared))}, input(path, Role::kernel, bytes), profile);
}

std::string library_with(const std::string& section, const std::string& content) {
    tests::ElfImage image;
    image.sections = {{section, content}};
    return tests::make_elf(image).bytes;
}

} // namespace

TEST_CASE("kernels and engines for the profile's architecture pass", "[packager][kernel_check]") {
    CHECK(check(input("kernels/k.so", Role::kernel, elf(x86_64))).findings().empty());
    CHECK(check(input("engine/e", Role::engine, elf(x86_64))).findings().empty());
    CHECK(check(input("engine/start.sh", Role::engine, "#!/bin/sh\n")).findings().empty());
}

TEST_CASE("a binary for another architecture is refused by name", "[packager][kernel_check]") {
    const auto [path, role, machine] =
        GENERATE(table<std::string, Role, std::uint16_t>({{"kernels/k.so", Role::kernel, aarch64},
                                                          {"engine/e", Role::engine, aarch64},
                                                          {"kernels/k.so", Role::kernel, riscv},
                                                          {"engine/e", Role::engine, std::uint16_t{3}}}));
    const Report report = check(input(path, role, elf(machine)));
    REQUIRE(report.findings().size() == 1);
    CHECK(report.findings()[0].code == Code::fit_architecture);
    CHECK(report.findings()[0].where == path);
    CHECK_FALSE(report.passed());
}

TEST_CASE("a kernel that is no ELF file is refused", "[packager][kernel_check]") {
    for (const char* bytes : {"",
                              "\x7f"
                              "EL",
                              "kernel", "GGUF"}) {
        const Report report = check(input("kernels/k.bin", Role::kernel, bytes));
        CHECK(report.has(Code::fit_kernel));
        CHECK(report.findings().size() == 1);
    }
}

TEST_CASE("an accelerator's kernels are asked for their own machine", "[packager][kernel_check]") {
    manifests::Profile other = profile();
    other.kernels.elf_machine = "aarch64";
    CHECK(check_binaries({}, input("kernels/k.o", Role::kernel, elf(aarch64)), other).passed());
    CHECK(check_binaries({}, input("kernels/k.o", Role::kernel, elf(x86_64)), other)
              .has(Code::fit_architecture));
    CHECK(
        check_binaries({}, input("engine/e", Role::engine, elf(aarch64)), other).has(Code::fit_architecture));
}

TEST_CASE("other roles are nobody's business", "[packager][kernel_check]") {
    for (const Role role : {Role::weights, Role::config, Role::doc, Role::model_config})
        CHECK(check(input("a", role, elf(aarch64))).findings().empty());
}

TEST_CASE("a kernel that requires what the chip lacks is refused with the names",
          "[packager][kernel_check]") {
    const auto path = BundlePath::parse("kernels/k.so");
    CHECK(check_binaries({{path, {"avx2", "fma"}, {}}}, {}, profile()).passed());
    CHECK(check_binaries({{path, {}, {}}}, {}, profile()).passed());
    const Report report = check_binaries({{path, {"amx_int8", "avx2", "avx512f"}, {}}}, {}, profile());
    REQUIRE(report.findings().size() == 1);
    CHECK(report.findings()[0].code == Code::fit_features);
    CHECK_THAT(report.findings()[0].text, Catch::Contains("amx_int8 avx512f"));
    CHECK_THAT(report.findings()[0].text, !Catch::Contains("avx2"));
}

TEST_CASE("every wrong binary is named, not only the first", "[packager][kernel_check]") {
    Inputs inputs;
    add(inputs, "engine/a", Role::engine, elf(aarch64));
    add(inputs, "engine/b", Role::engine, elf(x86_64));
    add(inputs, "kernels/c", Role::kernel, "text");
    const auto report = check_binaries({{BundlePath::parse("kernels/c"), {"sve"}, {}}}, inputs, profile());
    REQUIRE(report.findings().size() == 3);
    CHECK(report.has(Code::fit_architecture));
    CHECK(report.has(Code::fit_kernel));
    CHECK(report.has(Code::fit_features));
}

TEST_CASE("device code for the profile's chip passes", "[packager][kernel_check]") {
    const auto [bytes, wanted] = GENERATE_COPY(table<std::string, manifests::Profile>({
        {tests::cubin(80), gpu("cuda", {"sm_80"})},
        {tests::cubin(80), gpu("cuda", {"sm_86"})},
        {tests::cubin(80), gpu("cuda", {})},
        {tests::fat_binary({{2, 75, "x"}, {1, 80, "y"}}), gpu("cuda", {"sm_90"})},
        {library_with(".nv_fatbin", tests::fat_binary({{2, 80, "x"}, {2, 90, "y"}})), gpu("cuda", {"sm_90"})},
        {tests::code_object(0x4c), gpu("amdgpu", {"gfx942"})},
        {tests::code_object(0x5f), gpu("amdgpu", {"gfx942"})},
        {elf(x86_64), gpu("cuda", {"sm_90"})}, // a library of the host that launches others
    }));
    CHECK(check_kernel("kernels/k", bytes, wanted).findings().empty());
}

TEST_CASE("device code for another chip is refused with found, wanted and remedy",
          "[packager][kernel_check]") {
    const auto [bytes, wanted, found] = GENERATE_COPY(table<std::string, manifests::Profile, std::string>({
        {tests::cubin(90), gpu("cuda", {"sm_80"}), "sm_90"},
        {tests::cubin(80), gpu("cuda", {"sm_90"}), "sm_80"},
        {tests::cubin(90, true), gpu("cuda", {"sm_100"}), "sm_90a"},
        {tests::fat_binary({{2, 75, "x"}, {1, 90, "y"}}), gpu("cuda", {"sm_80"}), "compute_90, sm_75"},
        {library_with(".nv_fatbin", tests::fat_binary({{2, 90, "x"}})), gpu("cuda", {"sm_80"}), "sm_90"},
        {tests::code_object(0x3f), gpu("amdgpu", {"gfx942"}), "gfx90a"},
        {tests::cubin(90), gpu("amdgpu", {"gfx942"}), "CUDA cubin"},
        {tests::ascend_object(), gpu("cuda", {"sm_90"}), "Ascend operator object"},
        {"MUSA", gpu("cuda", {"sm_90"}), "no known binary format"},
    }));
    const Report report = check_kernel("kernels/k", bytes, wanted);
    REQUIRE(report.findings().size() == 1);
    const auto& finding = report.findings()[0];
    CHECK(finding.code == Code::fit_kernel);
    CHECK_THAT(finding.text, Catch::Contains("found ") && Catch::Contains(found) &&
                                 Catch::Contains(wanted.kernels.formats[0].targets[0]));
    CHECK_FALSE(finding.hint.empty());
    CHECK_FALSE(report.passed());
}

TEST_CASE("an engine's library with code for another chip is refused", "[packager][kernel_check]") {
    const std::string bytes = library_with(".nv_fatbin", tests::fat_binary({{2, 90, "x"}}));
    CHECK(check_binaries({}, input("engine/e", Role::engine, bytes), gpu("cuda", {"sm_90"})).passed());
    CHECK(check_binaries({}, input("engine/e", Role::engine, bytes), gpu("cuda", {"sm_80"}))
              .has(Code::fit_kernel));
    CHECK(check(input("engine/e", Role::engine, bytes)).findings().empty()); // a host says nothing of chips
}

TEST_CASE("device code beside an engine is held against the chip and not against the host",
          "[packager][kernel_check]") {
    const std::string cubin = tests::cubin(90);
    manifests::Profile open = gpu("cuda", {"sm_90"});
    open.cpu.architecture.clear();
    open.kernels.elf_machine.clear();
    Inputs inputs;
    add(inputs, "engine/a.cubin", Role::engine, cubin); // before the engine itself
    add(inputs, "engine/b", Role::engine, elf(aarch64));
    add(inputs, "engine/c.so", Role::engine, elf(aarch64));
    CHECK(check_binaries({}, inputs, open).findings().empty());
    CHECK(check(inputs).findings().size() == 2); // the host's are for another architecture, the cubin is not
    const Report other =
        check_binaries({}, input("engine/a.cubin", Role::engine, cubin), gpu("cuda", {"sm_80"}));
    REQUIRE(other.findings().size() == 1);
    CHECK(other.findings()[0].code == Code::fit_kernel);
}

TEST_CASE("an engine's code whose chip is not told is worth a note", "[packager][kernel_check]") {
    const std::string closed = library_with(".hip_fatbin", "CCOB compressed");
    const Inputs inputs = input("engine/libe.so", Role::engine, closed);
    const Report report = check_binaries({}, inputs, gpu("amdgpu", {"gfx942"}));
    REQUIRE(report.findings().size() == 1);
    CHECK(report.findings()[0].code == Code::fit_kernel);
    CHECK(report.findings()[0].severity == manifests::Severity::note);
    CHECK(report.passed());
    CHECK(check(inputs).findings().empty()); // a host says nothing of chips
    const std::string object = tests::ascend_object();
    CHECK(check_binaries({}, input("engine/op.o", Role::engine, object), ascend()).passed());
    CHECK_FALSE(
        check_binaries({}, input("engine/kernel/ascend310p/op.o", Role::engine, object), ascend()).passed());
}

TEST_CASE("code whose chip is not told cannot pass for the right one", "[packager][kernel_check]") {
    const std::string mixed = tests::fat_binary({{2, 90, "x"}, {64, 80, "?"}});
    const Report report = check_kernel("kernels/k", mixed, gpu("cuda", {"sm_80"}));
    REQUIRE(report.findings().size() == 1);
    CHECK(report.findings()[0].severity == manifests::Severity::not_checked);
    CHECK_FALSE(report.passed());
    CHECK(check_kernel("kernels/k", mixed, gpu("cuda", {"sm_90"})).passed());
    const std::string closed = library_with(".hip_fatbin", "CCOB compressed");
    CHECK_FALSE(check_kernel("kernels/k", closed, gpu("amdgpu", {"gfx942"})).passed());
    CHECK(check_kernel("kernels/k", closed, gpu("amdgpu", {"gfx942"}), {"gfx942"}).passed());
}

TEST_CASE("what only a declaration says has to be declared", "[packager][kernel_check]") {
    const std::string path = "kernels/add.o";
    const Report silent = check_kernel(path, tests::ascend_object(), ascend());
    REQUIRE(silent.findings().size() == 1);
    CHECK(silent.findings()[0].code == Code::fit_kernel);
    CHECK_THAT(silent.findings()[0].text, Catch::Contains("do not say for which chip"));
    CHECK_THAT(silent.findings()[0].hint, Catch::Contains("\"targets\": [\"Ascend910B1\"]"));
    CHECK(check_kernel(path, tests::ascend_object(), ascend(), {"Ascend910B3"}).findings().empty());
    const auto declared = GENERATE("Ascend310P3", "Ascend910B", "ascend910b3", "Ascend910_9391");
    const Report other = check_kernel(path, tests::ascend_object(), ascend(), {declared});
    REQUIRE(other.findings().size() == 1);
    CHECK_THAT(other.findings()[0].text, Catch::Contains(std::string("declared for ") + declared) &&
                                             Catch::Contains("wanted Ascend910B1"));
    CHECK_FALSE(other.passed());
}

TEST_CASE("a folder that contradicts the chip is refused before the engine says socversion does not match",
          "[packager][kernel_check]") {
    const auto [path, declared, text] = GENERATE(table<std::string, std::string, std::string>({
        {"kernels/ascend310p/add.o", "Ascend910B3", "folder says ascend310p, it is declared for Ascend910B3"},
        {"kernels/Ascend310P3/add.o", "Ascend910B3", "folder says ascend310p"},
        {"kernels/ascend910/add.o", "Ascend910B3", "folder says ascend910,"},
        {"kernels/ascend910_93/op/add.o", "Ascend910B3", "folder says ascend910_93"},
    }));
    const Report report = check_kernel(path, tests::ascend_object(), ascend(), {declared});
    REQUIRE(report.findings().size() == 1);
    CHECK(report.findings()[0].code == Code::fit_kernel);
    CHECK_THAT(report.findings()[0].text, Catch::Contains(text));
    CHECK(check_kernel("kernels/ascend910b/add.o", tests::ascend_object(), ascend(), {declared})
              .findings()
              .empty());
}

TEST_CASE("a folder is asked also of what needs no declaration", "[packager][kernel_check]") {
    const std::string json = R"({"binFileName": "add"})";
    CHECK(check_kernel("kernels/ascend910b/add.json", json, ascend()).findings().empty());
    const Report report = check_kernel("kernels/ascend310p/add.json", json, ascend());
    REQUIRE(report.findings().size() == 1);
    CHECK_THAT(report.findings()[0].text, Catch::Contains("wanted Ascend910B1, Ascend910B2") &&
                                              Catch::Contains("socversion does not match"));
    CHECK_FALSE(check_kernel("kernels/add.json", json, gpu("cuda", {"sm_80"})).passed());
}

TEST_CASE("a declaration that the bytes contradict is refused", "[packager][kernel_check]") {
    const auto cuda = gpu("cuda", {"sm_90"});
    CHECK(check_kernel("kernels/k", tests::cubin(90), cuda, {"sm_90"}).findings().empty());
    const Report report = check_kernel("kernels/k", tests::cubin(90), cuda, {"sm_80", "sm_90"});
    REQUIRE(report.findings().size() == 1);
    CHECK_THAT(report.findings()[0].text,
               Catch::Contains("the recipe declares it for sm_80, its bytes say sm_90"));
}

TEST_CASE("a format that nobody describes is taken by declaration alone", "[packager][kernel_check]") {
    const auto mlu = gpu("cnfatbin", {"mlu370"}, false);
    CHECK(check_kernel("kernels/k", "opaque", mlu, {"mlu370"}).passed());
    CHECK_FALSE(check_kernel("kernels/k", "opaque", mlu).passed());
    CHECK_FALSE(check_kernel("kernels/k", "opaque", mlu, {"mlu590"}).passed());
    CHECK_FALSE(check_kernel("kernels/k", tests::cubin(90), mlu, {"mlu370"}).passed());
}

TEST_CASE("an AI CPU library is for the device and not for the host", "[packager][kernel_check]") {
    const std::string path = "kernels/aicpu/libops.so";
    CHECK(check_kernel(path, elf(aarch64), ascend(), {"Ascend910B3"}).passed());
    CHECK_FALSE(check_kernel(path, elf(aarch64), ascend()).passed());
    CHECK(check_kernel("kernels/libops.so", elf(aarch64), ascend(), {"Ascend910B3"})
              .has(Code::fit_architecture));
    CHECK(check_kernel(path, elf(aarch64), gpu("cuda", {"sm_90"})).has(Code::fit_architecture));
}

TEST_CASE("a claim is what the bytes say, and what they do not say is marked as declared",
          "[packager][kernel_check]") {
    const auto claim = [](const std::string& bytes, std::vector<std::string> declared,
                          const std::string& path = "kernels/k") {
        return packager::claim_of(entry(path, std::move(declared)), packager::read_kernel_facts(bytes),
                                  ascend());
    };
    CHECK(claim(tests::cubin(90), {"sm_90"}).targets == std::vector<std::string>{"sm_90"});
    CHECK_FALSE(claim(tests::cubin(90), {"sm_90"}).declared);
    CHECK(claim(tests::ascend_object(), {"Ascend910B3"}).declared);
    CHECK(claim(tests::ascend_object(), {"Ascend910B3"}).format == "ascend-object");
    CHECK_FALSE(claim(tests::ascend_object(), {}).declared);
    CHECK(claim(tests::ascend_object(), {"b", "b"}).targets == std::vector<std::string>{"b"});
    CHECK(claim("opaque", {"x"}).format.empty());
    CHECK(claim(elf(aarch64), {"Ascend910B3"}, "kernels/aicpu/k").format == "ascend-aicpu");
    CHECK(claim(elf(aarch64), {"Ascend910B3"}).format == "elf-shared");
}

TEST_CASE("a level in the bytes that the chip does not reach is refused", "[packager][kernel_check]") {
    tests::ElfImage image;
    image.x86_isa_needed = 7; // v3
    const std::string bytes = tests::make_elf(image).bytes;
    manifests::Profile chip = profile();
    chip.cpu.features = {"avx2", "cx16", "fma", "lahf_lm", "popcnt", "sse3", "sse4_1", "sse4_2", "ssse3"};
    for (const auto& [path, role] :
         {std::pair{"engine/e", Role::engine}, std::pair{"kernels/k", Role::kernel}}) {
        const Report report = check_binaries({}, input(path, role, bytes), chip);
        REQUIRE(report.findings().size() == 1);
        CHECK(report.findings()[0].code == Code::fit_features);
        CHECK_THAT(report.findings()[0].text,
                   Catch::Contains("x86-64-v3") &&
                       Catch::EndsWith("does not have avx bmi1 bmi2 f16c lzcnt movbe"));
    }
    image.x86_isa_needed = 3;
    CHECK(check_binaries({}, input("engine/e", Role::engine, tests::make_elf(image).bytes), chip).passed());
}

TEST_CASE("a profile that leaves the host open takes one architecture for all", "[packager][kernel_check]") {
    manifests::Profile open = gpu("cuda", {"sm_90"});
    open.cpu.architecture.clear();
    open.kernels.elf_machine.clear();
    Inputs inputs;
    add(inputs, "engine/a", Role::engine, elf(aarch64));
    add(inputs, "kernels/k", Role::kernel, elf(aarch64));
    CHECK(check_binaries({}, inputs, open).findings().empty());
    add(inputs, "engine/b", Role::engine, elf(x86_64));
    add(inputs, "kernels/l", Role::kernel, elf(x86_64));
    CHECK(check_binaries({}, inputs, open).findings().size() == 2);
}

TEST_CASE("binaries of both worlds of LoongArch are refused together", "[packager][kernel_check]") {
    manifests::Profile loongson = profile();
    loongson.cpu.architecture = loongson.kernels.elf_machine = "loongarch64";
    tests::ElfImage image;
    image.machine = 258;
    image.flags = 0x43;
    Inputs inputs;
    add(inputs, "engine/a", Role::engine, tests::make_elf(image).bytes);
    add(inputs, "kernels/k", Role::kernel, tests::make_elf(image).bytes);
    CHECK(check_binaries({}, inputs, loongson).findings().empty());
    image.flags = 0x03;
    add(inputs, "kernels/l", Role::kernel, tests::make_elf(image).bytes);
    CHECK(check_binaries({}, inputs, loongson).has(Code::fit_abi));
}
