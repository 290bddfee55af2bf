#include "packager/abi_needs.hpp"

#include <catch2/catch.hpp>

#include "tests/support/elf_image.hpp"
#include "tests/support/plain_tree.hpp"

using manifests::AbiNeed;
using manifests::Role;
using packager::abi_needs;
using packager::Inputs;
using tests::ElfImage;
using Needs = std::vector<AbiNeed>;

namespace {

void add(Inputs& inputs, const std::string& path, Role role, const ElfImage& image) {
    const std::string bytes = tests::make_elf(image).bytes;
    inputs.files.push_back(tests::file_of(path, role, bytes));
    inputs.sources.push_back(
        {nullptr, std::make_unique<packager::ElfFacts>(packager::read_elf(bytes).value())});
}

ElfImage wants(std::vector<packager::ElfVersionNeed> needs, std::uint16_t machine = 62) {
    ElfImage image;
    image.machine = machine;
    image.version_needs = std::move(needs);
    return image;
}

} // namespace

TEST_CASE("the highest versions over all binaries are what the host has to have", "[packager][abi_needs]") {
    Inputs inputs;
    add(inputs, "engine/a", Role::engine,
        wants({{"libc.so.6", {"GLIBC_2.4", "GLIBC_2.9"}}, {"libstdc++.so.6", {"GLIBCXX_3.4.29"}}}));
    add(inputs, "engine/b", Role::engine, wants({{"libm.so.6", {"GLIBC_2.34"}}}));
    add(inputs, "kernels/k", Role::kernel,
        wants({{"libc.so.6", {"GLIBC_2.17"}}, {"libstdc++.so.6", {"CXXABI_1.3.13", "GLIBCXX_3.4.9"}}}));
    CHECK(packager::engine_architecture(inputs) == "x86_64");
    CHECK(abi_needs(inputs) == Needs{{"CXXABI", "1.3.13"}, {"GLIBC", "2.34"}, {"GLIBCXX", "3.4.29"}});
}

TEST_CASE("what the bundle brings along is not wanted of the host", "[packager][abi_needs]") {
    Inputs inputs;
    ElfImage library = wants({{"libc.so.6", {"GLIBC_2.18"}}});
    library.soname = "libstdc++.so.6";
    add(inputs, "engine/a", Role::engine, wants({{"libstdc++.so.6", {"CXXABI_1.3.14", "GLIBCXX_3.4.32"}}}));
    add(inputs, "engine/lib/cxx", Role::engine, library);
    CHECK(abi_needs(inputs) == Needs{{"GLIBC", "2.18"}});
}

TEST_CASE("kernels that a device loads want nothing of the host", "[packager][abi_needs]") {
    Inputs inputs;
    add(inputs, "engine/a", Role::engine, wants({{"libc.so.6", {"GLIBC_2.17"}}}));
    add(inputs, "kernels/aicpu.so", Role::kernel, wants({{"libc.so.6", {"GLIBC_2.38"}}}, 183));
    CHECK(abi_needs(inputs) == Needs{{"GLIBC", "2.17"}});
}

TEST_CASE("device code in an engine is not the engine's architecture", "[packager][abi_needs]") {
    const std::uint16_t machine = GENERATE(as<std::uint16_t>{}, 190, 224, 0x1029);
    Inputs inputs;
    add(inputs, "engine/a.o", Role::engine, wants({}, machine));
    CHECK(packager::engine_architecture(inputs).empty());
    add(inputs, "engine/b", Role::engine, wants({}, 3));
    CHECK(packager::engine_architecture(inputs) == "elf-machine-3");
    add(inputs, "engine/c", Role::engine, wants({{"libc.so.6", {"GLIBC_2.28"}}}));
    CHECK(packager::engine_architecture(inputs) == "x86_64");
    CHECK(abi_needs(inputs) == Needs{{"GLIBC", "2.28"}});
}

TEST_CASE("an engine without binaries has no architecture", "[packager][abi_needs]") {
    Inputs inputs;
    CHECK(packager::engine_architecture(inputs).empty());
    CHECK(abi_needs(inputs).empty());
    add(inputs, "kernels/k", Role::kernel, wants({{"libc.so.6", {"GLIBC_2.28"}}}, 183));
    add(inputs, "kernels/o", Role::kernel, wants({{"libc.so.6", {"GLIBC_2.38"}}}, 0x1029));
    add(inputs, "weights/w", Role::weights, wants({{"libc.so.6", {"GLIBC_2.38"}}}));
    CHECK(packager::engine_architecture(inputs).empty());
    CHECK(abi_needs(inputs) == Needs{{"GLIBC", "2.28"}});
}
