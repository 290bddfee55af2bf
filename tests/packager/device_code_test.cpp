#include "packager/device_code.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/device_code.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Fault;
using packager::DeviceCode;
using tests::cubin;
using tests::fat_binary;
using tests::faults_with;
using tests::offload_bundle;
using tests::put;
using Targets = std::set<std::string>;

namespace {

template<typename Read>
DeviceCode read(const std::string& bytes, Read reader) {
    const packager::ReadAt read_at = [&](std::uint64_t offset, std::size_t length) {
        REQUIRE(offset + length <= bytes.size());
        return bytes.substr(static_cast<std::size_t>(offset), length);
    };
    return reader(packager::FileView(bytes.size(), read_at), 0, bytes.size());
}
DeviceCode fat(const std::string& bytes) {
    return read(bytes, packager::read_fat_binaries);
}
DeviceCode bundle(const std::string& bytes) {
    return read(bytes, packager::read_offload_bundles);
}

packager::ElfFacts header(std::uint8_t abi_version, std::uint32_t flags) {
    packager::ElfFacts facts;
    facts.machine = 190;
    facts.abi_version = abi_version;
    facts.flags = flags;
    return facts;
}

const std::string gfx942 = "hipv4-amdgcn-amd-amdhsa--gfx942";

} // namespace

TEST_CASE("a cubin's header says the chip by the rules of its ABI version", "[packager][device_code]") {
    const auto [version, flags, target] = GENERATE(table<std::uint8_t, std::uint32_t, std::string>({
        {8, 0x06005a04, "sm_90"},
        {8, 0x0600640c, "sm_100a"},
        {8, 0x06006404, "sm_100"},
        {7, 0x005a055a, "sm_90"},
        {7, 0x005a0d5a, "sm_90a"},
        {7, 0x00500550, "sm_80"},
        {7, 0x004b054b, "sm_75"},
    }));
    CHECK(packager::cuda_target(header(version, flags)) == target);
}

TEST_CASE("of other ABI versions of CUDA nothing is guessed", "[packager][device_code]") {
    for (const int version : {0, 6, 9})
        CHECK_FALSE(packager::cuda_target(header(static_cast<std::uint8_t>(version), 0x06005a04)));
}

TEST_CASE("a code object's header says the chip, if its number is known", "[packager][device_code]") {
    const auto [flags, target] =
        GENERATE(table<std::uint32_t, std::string>({{0x2f, "gfx906"},
                                                    {0x3f, "gfx90a"},
                                                    {0x54c, "gfx942"},
                                                    {0xf4f, "gfx950"},
                                                    {0x41, "gfx1100"},
                                                    {0x0100005f, "gfx9-4-generic"}}));
    CHECK(packager::amdgpu_target(header(2, flags)) == target);
    for (const std::uint32_t unknown : {0x00U, 0x27U, 0x4dU, 0x7fU, 0xffU})
        CHECK_FALSE(packager::amdgpu_target(header(2, unknown)));
}

TEST_CASE("fat binaries list their images", "[packager][device_code]") {
    const DeviceCode one = fat(fat_binary({{2, 80, "packed"}, {2, 90, cubin(90)}, {1, 90, "packed PTX"}}));
    CHECK(one.targets == Targets{"sm_80", "sm_90", "compute_90"});
    CHECK(one.images == 3);
    CHECK(one.all_told);
    const DeviceCode two =
        fat(fat_binary({{2, 75, "x"}}) + std::string(4096, '\0') + fat_binary({{1, 120, "y"}}));
    CHECK(two.targets == Targets{"sm_75", "compute_120"});
    CHECK(fat(fat_binary({{2, 90, cubin(90, true)}})).targets == Targets{"sm_90a"});
    CHECK(fat(fat_binary({})).targets.empty());
    CHECK(fat(std::string(100, '\0')).images == 0);
}

TEST_CASE("images of a kind that is not described are counted and not guessed", "[packager][device_code]") {
    const DeviceCode code = fat(fat_binary({{16, 90, "?"}, {2, 80, "packed"}}));
    CHECK(code.targets == Targets{"sm_80"});
    CHECK_FALSE(code.all_told);
    CHECK_FALSE(fat(fat_binary({{2, 80, "packed"}}) + "more").all_told);
}

TEST_CASE("fat binaries that contradict themselves are refused", "[packager][device_code]") {
    const std::string good = fat_binary({{2, 80, "packed 8"}, {2, 90, cubin(90)}});
    REQUIRE(fat(good).images == 2);
    const auto [why, offset, length, value] =
        GENERATE(table<std::string, std::uint64_t, std::size_t, std::uint64_t>({
            {"header of 8 bytes", 6, 2, 8},
            {"header longer than the file", 6, 2, 0xffff},
            {"content beyond the end", 8, 8, 1ULL << 40},
            {"content whose end wraps", 8, 8, ~std::uint64_t{0}},
            {"content that cuts an image header", 8, 8, 40},
            {"image header of 0 bytes", 16 + 4, 4, 0},
            {"image header beyond the end", 16 + 4, 4, 0xffffffff},
            {"image beyond the end", 16 + 8, 8, 1ULL << 40},
            {"image whose end wraps", 16 + 8, 8, ~std::uint64_t{0}},
            {"row that says sm_80 of a cubin for sm_90", 16 + 72 + 28, 4, 80},
            {"image for another machine", 16 + 72 + 64 + 18, 2, 62},
        }));
    CAPTURE(why);
    std::string bytes = good;
    put(bytes, offset, length, value);
    REQUIRE_THROWS_MATCHES(fat(bytes), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("fat binaries that are cut anywhere are refused", "[packager][device_code]") {
    const std::string good = fat_binary({{2, 80, "packed 8"}, {1, 90, "packed 8"}});
    for (std::size_t length = 4; length < good.size(); ++length) {
        CAPTURE(length);
        REQUIRE_THROWS_MATCHES(fat(good.substr(0, length)), manifests::Error, faults_with(Fault::damaged));
    }
}

TEST_CASE("offload bundles list their code objects", "[packager][device_code]") {
    const std::string one = offload_bundle({{"host-x86_64-unknown-linux--", ""},
                                            {gfx942, tests::code_object(0x4c)},
                                            {"hipv4-amdgcn-amd-amdhsa--gfx90a:sramecc+:xnack-", "bitcode"},
                                            {"hip-amdgcn-amd-amdhsa-gfx906", "bitcode"},
                                            {"openmp-amdgcn-amd-amdhsa--gfx9-4-generic", "bitcode"}});
    const DeviceCode code = bundle(one);
    CHECK(code.targets == Targets{"gfx906", "gfx90a", "gfx942", "gfx9-4-generic"});
    CHECK(code.images == 4);
    CHECK(code.all_told);
    // Hygon's chips have no number that is known, and a name that a bundle spells out.
    const std::string two = offload_bundle({{"hipv4-amdgcn-amd-amdhsa--gfx928", "bitcode"}});
    CHECK(bundle(one + std::string(5000, '\0') + two).targets.size() == 5);
}

TEST_CASE("compressed bundles and other vendors' entries tell nothing", "[packager][device_code]") {
    for (const std::string& bytes : {std::string("CCOB\x02\0\x01\0 and more", 17),
                                     offload_bundle({{"sycl-spir64-unknown-unknown-", "code"}}),
                                     offload_bundle({{"hipv4-amdgcn-amd-amdhsa--\x1b[2J", "code"}}),
                                     offload_bundle({{"hipv4-amdgcn-amd-amdhsa--", "code"}})}) {
        const DeviceCode code = bundle(bytes);
        CHECK(code.targets.empty());
        CHECK(code.images == 1);
        CHECK_FALSE(code.all_told);
    }
}

TEST_CASE("offload bundles that contradict themselves are refused", "[packager][device_code]") {
    const std::string good = offload_bundle({{gfx942, tests::code_object(0x4c)}});
    REQUIRE(bundle(good).images == 1);
    const auto [why, offset, value] = GENERATE(table<std::string, std::uint64_t, std::uint64_t>({
        {"more entries than there are", 24, 2},
        {"entries without end", 24, ~std::uint64_t{0}},
        {"code object beyond the end", 32, 1ULL << 40},
        {"code object whose place wraps", 32, ~std::uint64_t{0}},
        {"code object longer than the bundle", 40, 1ULL << 40},
        {"id longer than the bundle", 48, 1000},
        {"id whose end wraps", 48, ~std::uint64_t{0}},
    }));
    CAPTURE(why);
    std::string bytes = good;
    put(bytes, offset, 8, value);
    REQUIRE_THROWS_MATCHES(bundle(bytes), manifests::Error, faults_with(Fault::damaged));
    REQUIRE_THROWS_MATCHES(bundle(offload_bundle({{gfx942, tests::code_object(0x3f)}})), manifests::Error,
                           faults_with(Fault::damaged));
}

TEST_CASE("clang writes code objects and bundles that are read so", "[packager][device_code]") {
    if (!tests::have_tool("clang") || !tests::have_tool("clang-offload-bundler-14")) return;
    const tests::TempDir folder;
    tests::write_file(folder / "k.c", "void add(int *a) { *a += 1; }\n");
    tests::write_file(folder / "host.o", "host");
    std::string inputs = folder / "host.o", targets = "host-x86_64-unknown-linux-gnu-";
    for (const char* chip : {"gfx906", "gfx90a", "gfx1030"}) {
        const std::string object = folder / (std::string(chip) + ".o");
        const auto built = tests::run({"clang", "--target=amdgcn-amd-amdhsa", "-nogpulib",
                                       std::string("-mcpu=") + chip, "-c", "-o", object, folder / "k.c"});
        CAPTURE(built.error);
        REQUIRE(built.status == 0);
        const auto elf = packager::read_elf(tests::read_file(object));
        REQUIRE(elf);
        CHECK(elf->machine == packager::elf_machine::amdgpu);
        CHECK(packager::amdgpu_target(*elf) == chip);
        inputs += "," + object;
        targets += std::string(",hipv4-amdgcn-amd-amdhsa--") + chip;
    }
    const auto raw = tests::run({"clang-offload-bundler-14", "-type=bc", "-targets=" + targets,
                                 "-inputs=" + inputs, "-outputs=" + (folder / "bundle")});
    CAPTURE(raw.error);
    REQUIRE(raw.status == 0);
    CHECK(bundle(tests::read_file(folder / "bundle")).targets == Targets{"gfx1030", "gfx906", "gfx90a"});
}
