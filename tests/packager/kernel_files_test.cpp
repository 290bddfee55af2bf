#include "packager/kernel_files.hpp"

#include <catch2/catch.hpp>

#include "tests/support/device_code.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::BundlePath;
using manifests::Code;
using manifests::Digest;
using manifests::Role;
using packager::Inputs;
using tests::TempDir;

namespace {

Inputs look(const TempDir& folder, const std::vector<std::pair<std::string, Role>>& files) {
    std::vector<manifests::RecipeFile> list;
    for (const auto& [path, role] : files)
        list.push_back({BundlePath::parse(path), role, path, std::nullopt});
    return packager::look_at_inputs(std::move(list), folder.path());
}

manifests::RecipeKernel kernel(const std::string& path) {
    return {BundlePath::parse(path), {}, {}};
}

void write_operator(const TempDir& folder, const std::string& object, const std::string& described) {
    tests::write_file(folder / "kernels/add.o", object);
    tests::write_file(folder / "kernels/add.json",
                      R"({"binFileName": "add", "binFileSuffix": ".o", "sha256": ")" +
                          Digest::of(described).hex() + "\"}");
}

} // namespace

TEST_CASE("entry points that a recipe wants have to be there", "[packager][kernel_files]") {
    const TempDir folder;
    tests::ElfImage image;
    image.exports = {"ggml_backend_init"};
    tests::write_file(folder / "kernels/k.so", tests::make_elf(image).bytes);
    const Inputs inputs = look(folder, {{"kernels/k.so", Role::kernel}});
    manifests::RecipeKernel entry = kernel("kernels/k.so");
    CHECK(packager::check_kernel_files({entry}, inputs).findings().empty());
    entry.exports = {"ggml_backend_init"};
    CHECK(packager::check_kernel_files({entry}, inputs).findings().empty());
    entry.exports = {"ggml_backend_init", "ggml_backend_score", "zero"};
    const auto report = packager::check_kernel_files({entry}, inputs);
    REQUIRE(report.findings().size() == 2);
    CHECK(report.findings()[0].code == Code::fit_kernel);
    CHECK_THAT(report.findings()[0].text, Catch::Contains("no entry point 'ggml_backend_score'"));
}

TEST_CASE("entry points of what is no ELF file cannot be read, and that is a no",
          "[packager][kernel_files]") {
    const TempDir folder;
    tests::write_file(folder / "kernels/k.so", "MUSA");
    manifests::RecipeKernel entry = kernel("kernels/k.so");
    entry.exports = {"init"};
    const auto report = packager::check_kernel_files({entry}, look(folder, {{"kernels/k.so", Role::kernel}}));
    REQUIRE(report.findings().size() == 1);
    CHECK_THAT(report.findings()[0].text, Catch::Contains("entry points cannot be read"));
}

TEST_CASE("an operator's description has to be of the object beside it", "[packager][kernel_files]") {
    const TempDir folder;
    const std::size_t payload = GENERATE(10, 200'000); // hashed when it is looked at, and later
    const std::string object = tests::ascend_object(std::string(payload, 'k'));
    for (const Role role : {Role::kernel, Role::config}) {
        const std::vector<std::pair<std::string, Role>> both{{"kernels/add.o", Role::kernel},
                                                             {"kernels/add.json", role}};
        write_operator(folder, object, object);
        CHECK(packager::check_kernel_files({}, look(folder, both)).findings().empty());
        write_operator(folder, object, "an older build");
        const auto report = packager::check_kernel_files({}, look(folder, both));
        REQUIRE(report.findings().size() == 1);
        CHECK(report.findings()[0].code == Code::fit_kernel);
        CHECK_THAT(report.findings()[0].text, Catch::Contains(Digest::of(object).hex()) &&
                                                  Catch::Contains(Digest::of("an older build").hex()));
    }
}

TEST_CASE("a description without its object, or of none, is refused", "[packager][kernel_files]") {
    const TempDir folder;
    const std::string object = tests::ascend_object();
    write_operator(folder, object, object);
    CHECK(packager::check_kernel_files({}, look(folder, {{"kernels/add.json", Role::kernel}}))
              .has(Code::fit_kernel));
    CHECK(packager::check_kernel_files({}, look(folder, {{"kernels/add.json", Role::config}}))
              .findings()
              .empty()); // just a file
    for (const char* text : {R"({"binFileName": "sub"})", R"({"binFileName": "add", "sha256": "12345"})",
                             R"({"binFileName": "../add"})"}) {
        tests::write_file(folder / "kernels/add.json", text);
        const Inputs inputs =
            look(folder, {{"kernels/add.o", Role::kernel}, {"kernels/add.json", Role::kernel}});
        CHECK(packager::check_kernel_files({}, inputs).has(Code::fit_kernel));
    }
}

TEST_CASE("a kernel is tied to the engine that it was built with by digest", "[packager][kernel_files]") {
    const TempDir folder;
    tests::ElfImage image;
    image.payload = std::string(GENERATE(10, 200'000), 'e');
    const std::string engine = tests::make_elf(image).bytes;
    tests::write_file(folder / "engine/e.so", engine);
    tests::write_file(folder / "kernels/k.so", tests::make_elf({}).bytes);
    const Inputs inputs = look(folder, {{"engine/e.so", Role::engine}, {"kernels/k.so", Role::kernel}});
    std::vector<manifests::RecipeKernel> kernels{kernel("kernels/k.so")};
    kernels[0].fits_digests = {Digest::of(engine)};
    CHECK(packager::resolve_fits(kernels, inputs).findings().empty());
    CHECK(kernels[0].fits == std::vector{BundlePath::parse("engine/e.so")});
    kernels[0].fits_digests = {Digest::of("the engine of last month")};
    const auto report = packager::resolve_fits(kernels, inputs);
    REQUIRE(report.findings().size() == 1);
    CHECK(report.findings()[0].code == Code::fit_kernel);
    CHECK_THAT(report.findings()[0].text, Catch::Contains(Digest::of("the engine of last month").text()));
    // A kernel's own digest is none of an engine.
    kernels[0].fits_digests = {Digest::of(tests::make_elf({}).bytes)};
    CHECK_FALSE(packager::resolve_fits(kernels, inputs).passed());
}
