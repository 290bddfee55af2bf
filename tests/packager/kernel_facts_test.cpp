#include "packager/kernel_facts.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "packager/operator_sidecar.hpp"
#include "tests/support/device_code.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Fault;
using packager::KernelFacts;
using packager::read_kernel_facts;
using tests::ElfImage;
using tests::faults_with;
using tests::make_elf;
using Texts = std::vector<std::string>;

namespace {

std::string library_with(const std::string& section, const std::string& content) {
    ElfImage image;
    image.soname = "libk.so";
    image.sections = {{".text", "code"}, {section, content}};
    return make_elf(image).bytes;
}

std::string offline_model(std::uint32_t header_bytes = 256, std::size_t size = 300) {
    std::string bytes = "IMOD" + std::string(size - 4, '\0');
    tests::put(bytes, 4, 4, header_bytes);
    return bytes;
}

} // namespace

TEST_CASE("a kernel's format and chips are read from its bytes", "[packager][kernel_facts]") {
    ElfImage program;
    program.type = 2;
    ElfImage object;
    object.type = 1;
    const auto [bytes, format, targets] = GENERATE_COPY(table<std::string, std::string, Texts>({
        {make_elf({}).bytes, "elf-shared", {}},
        {make_elf(program).bytes, "elf-program", {}},
        {make_elf(object).bytes, "elf-object", {}},
        {tests::cubin(90), "cuda", {"sm_90"}},
        {tests::cubin(100, true), "cuda", {"sm_100a"}},
        {tests::fat_binary({{2, 80, "x"}, {1, 80, "y"}}), "cuda", {"compute_80", "sm_80"}},
        {library_with(".nv_fatbin", tests::fat_binary({{2, 75, "x"}})), "cuda", {"sm_75"}},
        {library_with("__nv_relfatbin", tests::fat_binary({{2, 75, "x"}})), "cuda", {"sm_75"}},
        {tests::code_object(0x4c), "amdgpu", {"gfx942"}},
        {tests::offload_bundle({{"hip-amdgcn-amd-amdhsa-gfx906", "x"}}), "amdgpu", {"gfx906"}},
        {library_with(".hip_fatbin", tests::offload_bundle({{"hip-amdgcn-amd-amdhsa--gfx90a", "x"}})),
         "amdgpu",
         {"gfx90a"}},
    }));
    const KernelFacts facts = read_kernel_facts(bytes);
    CHECK(facts.format == format);
    CHECK(facts.targets == targets);
    CHECK(facts.all_told);
    CHECK_FALSE(facts.what.empty());
}

TEST_CASE("what the bytes do not tell is not told", "[packager][kernel_facts]") {
    ElfImage odd;
    odd.machine = 0x9999;
    const auto [bytes, format] = GENERATE_COPY(table<std::string, std::string>({
        {tests::ascend_object(), "ascend-object"},
        {offline_model(), "ascend-om"},
        {R"({"binFileName": "Add_1"})", "ascend-sidecar"},
        {tests::code_object(0xe8), "amdgpu"},
        {library_with(".hip_fatbin", "CCOB compressed"), "amdgpu"},
        {make_elf(odd).bytes, "unknown"},
        {"", "unknown"},
        {"CAMBRICON", "unknown"},
        {"IMOD", "unknown"},
        {offline_model(128), "unknown"},
        {offline_model(256, 255), "unknown"},
        {R"(["binFileName"])", "unknown"},
        {R"({"name": "Add_1"})", "unknown"},
    }));
    CAPTURE(bytes.substr(0, 40));
    const KernelFacts facts = read_kernel_facts(bytes);
    CHECK(facts.format == format);
    CHECK(facts.targets.empty());
    CHECK_FALSE(facts.all_told);
    CHECK(facts.host.empty() == (bytes.find("libk.so") == std::string::npos));
}

TEST_CASE("a host library says its machine and its level", "[packager][kernel_facts]") {
    ElfImage image;
    image.x86_isa_needed = 7;
    CHECK(read_kernel_facts(make_elf(image).bytes).host == "x86_64");
    CHECK(read_kernel_facts(make_elf(image).bytes).x86_level_needed == 3);
    image.machine = 258;
    image.flags = 0x43;
    CHECK(read_kernel_facts(make_elf(image).bytes).host == "loongarch64");
    CHECK(read_kernel_facts(make_elf(image).bytes).abi == "lp64d, object ABI 1");
}

TEST_CASE("without section names device code in a library is not seen", "[packager][kernel_facts]") {
    std::string bytes = library_with(".nv_fatbin", tests::fat_binary({{2, 75, "x"}}));
    tests::put(bytes, 62, 2, 0);
    CHECK(read_kernel_facts(bytes).format == "elf-shared");
    CHECK(read_kernel_facts(library_with(".rodata", tests::fat_binary({{2, 75, "x"}}))).targets.empty());
}

TEST_CASE("sections that lie are refused", "[packager][kernel_facts]") {
    ElfImage image;
    image.sections = {{".nv_fatbin", tests::fat_binary({{2, 75, "x"}})}};
    auto elf = make_elf(image);
    const auto [why, offset, value] = GENERATE(table<std::string, std::uint64_t, std::uint64_t>({
        {"section beyond the end", 64 + 24, 1ULL << 40},
        {"section whose end wraps", 64 + 32, ~std::uint64_t{0}},
        {"section that cuts its fat binary", 64 + 32, 20},
        {"section that is no fat binary's but its middle", 64 + 32, 8},
    }));
    CAPTURE(why);
    tests::put(elf.bytes, elf.sections + offset, 8, value);
    REQUIRE_THROWS_MATCHES(read_kernel_facts(elf.bytes), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("sections that share one fat binary are no work without end", "[packager][kernel_facts]") {
    ElfImage image;
    image.sections = {{".nv_fatbin", tests::fat_binary({{2, 75, std::string(5000, 'x')}})},
                      {".nv_fatbin", "12345678"}};
    auto elf = make_elf(image);
    for (const std::uint64_t member : {24, 32}) // the second is where the first is
        elf.bytes.replace(elf.sections + 128 + member, 8, elf.bytes.substr(elf.sections + 64 + member, 8));
    REQUIRE_THROWS_MATCHES(read_kernel_facts(elf.bytes), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("little of a large library is read for its kernels", "[packager][kernel_facts]") {
    const std::string bytes =
        library_with(".nv_fatbin", tests::fat_binary({{2, 75, std::string(30'000'000, 'x')}, {2, 80, "y"}}));
    std::uint64_t read_bytes = 0;
    const packager::ReadAt counting = [&](std::uint64_t offset, std::size_t length) {
        read_bytes += length;
        return bytes.substr(static_cast<std::size_t>(offset), length);
    };
    const auto elf = packager::read_elf(bytes.size(), counting);
    CHECK(read_kernel_facts(bytes.size(), counting, &*elf).targets == Texts{"sm_75", "sm_80"});
    CHECK(read_bytes < 20'000);
}

TEST_CASE("the description of an operator names its object", "[packager][operator_sidecar]") {
    const auto sidecar = packager::read_operator_sidecar(
        R"({"binFileName": "Add_1", "binFileSuffix": ".o", "coreType": "MIX", "kernelName": "Add_1_0",
            "magic": "RT_DEV_BINARY_MAGIC_ELF", "blockDim": -1, "ratio": 0.5,
            "sha256": "D5158DF2FF2E64743EEC7F527DDD9078B99C1D670F5ADBD8B789224657AB0F91"})");
    CHECK(sidecar.file_name == "Add_1.o");
    CHECK(sidecar.core_type == "MIX");
    CHECK(sidecar.kernel_name == "Add_1_0");
    CHECK(sidecar.sha256 == "d5158df2ff2e64743eec7f527ddd9078b99c1d670f5adbd8b789224657ab0f91");
    CHECK(packager::read_operator_sidecar(R"({"binFileName": "a"})").file_name == "a.o");
}

TEST_CASE("a description that is none is refused", "[packager][operator_sidecar]") {
    const std::string text =
        GENERATE(R"({})", R"([])", R"({"binFileName": 1})", R"({"binFileName": "a", "sha256": "12345"})",
                 R"({"binFileName": "../a"})", R"({"binFileName": "a", "binFileSuffix": "/b"})",
                 R"({"binFileName": "a", "binFileName": "b"})", R"({"binFileName": "a")",
                 "{\"binFileName\": \"a\0\"}");
    CAPTURE(text);
    CHECK_THROWS_MATCHES(packager::read_operator_sidecar(text), manifests::Error,
                         faults_with(Fault::damaged));
}

TEST_CASE("the linker's demand for a level is found in a real library", "[packager][kernel_facts]") {
    if (!tests::have_tool("g++")) return;
    const tests::TempDir folder;
    tests::write_file(folder / "k.cpp", "int answer() { return 42; }\n");
    for (const int level : {2, 3, 4}) {
        const auto built = tests::run({"g++", "-shared", "-fPIC", "-o", folder / "k.so", folder / "k.cpp",
                                       "-Wl,-z,x86-64-v" + std::to_string(level)});
        if (built.status != 0) continue; // no x86-64, or a linker that does not know it
        const KernelFacts facts = read_kernel_facts(tests::read_file(folder / "k.so"));
        CHECK(facts.x86_level_needed == level);
        CHECK(facts.format == "elf-shared");
    }
}
