#include "packager/kernel_check.hpp"

#include <catch2/catch.hpp>

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
    inputs.sources.push_back({nullptr, nullptr, std::nullopt});
    if (auto facts = packager::read_elf(bytes))
        inputs.sources.back().elf = std::make_unique<packager::ElfFacts>(std::move(*facts));
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
