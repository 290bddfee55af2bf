#include "packager/build.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "tests/packager/environment.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"

using manifests::Code;
using manifests::Fault;
using manifests::OrderedJson;
using packager::BuildRequest;
using packager::BuildResult;
using tests::faults_with;
using tests::TempDir;
using tests::write_file;

namespace {

using Change = void (*)(OrderedJson&);

// The inputs of a sample bundle without the stub engine's megabytes.
std::string sample_inputs(const TempDir& folder) {
    return tests::write_sample_inputs(folder, {.bootable = false});
}

BuildResult build(const std::string& recipe, const std::string& output, bool dry_run = false) {
    return packager::build({.recipe = recipe,
                            .output = output,
                            .form = packager::Form::file,
                            .profiles_folder = "",
                            .signing_key = nullptr,
                            .jobs = 2,
                            .dry_run = dry_run,
                            .on_start = {}});
}

void change_recipe(const std::string& inputs, Change change) {
    OrderedJson recipe = OrderedJson::parse(tests::read_file(inputs + "/sealift.json"));
    change(recipe);
    write_file(inputs + "/sealift.json", recipe.dump());
}

std::string elf_for(std::uint16_t machine) {
    tests::ElfImage image;
    image.machine = machine;
    return tests::make_elf(image).bytes;
}

std::uint16_t other_machine() {
    return tests::this_architecture() == "aarch64" ? 62 : 183;
}

} // namespace

TEST_CASE("a bundle says what its recipe says", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    const BuildResult result = build(inputs, folder / "a");
    CHECK(result.report.passed());
    CHECK(result.name == "sample");
    CHECK(result.profile_id == "any-machine");
    CHECK(result.files == 10);
    CHECK(result.signed_by.empty());
    CHECK(result.size_bytes == std::filesystem::file_size(folder / "a"));
    const runtime::Bundle bundle = runtime::Bundle::open(folder / "a");
    CHECK(bundle.digest() == result.digest);
    CHECK(bundle.document().files.size() == 10);
    CHECK(bundle.carried().profile == tests::read_file(inputs + "/profile.json"));
    CHECK(bundle.carried().envelopes.empty());
    REQUIRE(bundle.document().kernels.size() == 1);
    CHECK(bundle.document().kernels[0].fits ==
          std::vector{manifests::Digest::of(tests::read_file(inputs + "/engine/libstub.so"))});
}

TEST_CASE("a recipe is named by itself or by its folder", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    const auto digest = build(inputs, folder / "a").digest;
    CHECK(build(inputs + "/", folder / "b").digest == digest);
    CHECK(build(inputs + "/sealift.json", folder / "c").digest == digest);
    std::filesystem::rename(inputs + "/sealift.json", inputs + "/other.json");
    CHECK(build(inputs + "/other.json", folder / "d").digest == digest);
    CHECK_THROWS_MATCHES(build(inputs, folder / "e"), manifests::Error, faults_with(Fault::usage));
    CHECK_THROWS_MATCHES(build(inputs + "/gone.json", folder / "e"), manifests::Error,
                         faults_with(Fault::io));
}

TEST_CASE("a dry run says what a run would, and writes nothing", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    const BuildResult dry = build(inputs, folder / "a", true);
    CHECK_FALSE(std::filesystem::exists(folder / "a"));
    const BuildResult wet = build(inputs, folder / "a");
    CHECK(dry.digest == wet.digest);
    CHECK(dry.size_bytes == wet.size_bytes);
}

TEST_CASE("SOURCE_DATE_EPOCH is in the bundle, and a bad one refuses to build", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    const auto without = build(inputs, folder / "a").digest;
    const tests::Environment time("SOURCE_DATE_EPOCH", "1793491200");
    const auto with = build(inputs, folder / "b").digest;
    CHECK(with != without);
    CHECK(build(inputs, folder / "c").digest == with);
    CHECK_THAT(runtime::Bundle::open(folder / "b").software_bom(), Catch::Contains("2026-11-01T00:00:00Z"));
    const tests::Environment bad("SOURCE_DATE_EPOCH", "yesterday");
    CHECK_THROWS_MATCHES(build(inputs, folder / "d"), manifests::Error, faults_with(Fault::usage));
    CHECK_FALSE(std::filesystem::exists(folder / "d"));
}

TEST_CASE("a recipe with one defect is a wrong command line and writes nothing", "[packager][build]") {
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"a file twice", [](OrderedJson& v) { v["files"].push_back(OrderedJson(v["files"][0])); }},
        {"two files that differ in case",
         [](OrderedJson& v) {
             v["files"].push_back({{"path", "docs/license"}, {"role", "doc"}, {"source", "docs/LICENSE"}});
         }},
        {"a file inside a file",
         [](OrderedJson& v) {
             v["files"].push_back({{"path", "docs/LICENSE/a"}, {"role", "doc"}, {"source", "docs/LICENSE"}});
         }},
        {"a kernel that is no file of the recipe",
         [](OrderedJson& v) { v["kernels"][0]["path"] = "kernels/other.so"; }},
        {"a kernel that fits an unknown engine",
         [](OrderedJson& v) { v["kernels"][0]["fits"] = {"engine/other.so"}; }},
        {"a kernel that fits what is no engine",
         [](OrderedJson& v) { v["kernels"][0]["fits"] = {"docs/LICENSE"}; }},
        {"a kernel without an entry", [](OrderedJson& v) { v.erase("kernels"); }},
        {"a kernel listed twice",
         [](OrderedJson& v) { v["kernels"].push_back(OrderedJson(v["kernels"][0])); }},
        {"no weights", [](OrderedJson& v) { v["files"].erase(v["files"].begin(), v["files"].begin() + 3); }},
        {"an entry point that is missing",
         [](OrderedJson& v) {
             v["runtime"] = {{"entrypoint", "engine/other"},
                             {"arguments", OrderedJson::array()},
                             {"port", 1},
                             {"ready", {{"health_path", "/"}}}};
         }},
        {"an argument that names a missing file",
         [](OrderedJson& v) {
             v["runtime"] = {{"entrypoint", "engine/stub_engine"},
                             {"arguments", {"{file:engine/other}"}},
                             {"port", 1},
                             {"ready", {{"health_path", "/"}}}};
         }},
        {"a source that is a folder", [](OrderedJson& v) { v["files"][0]["source"] = "weights"; }},
        {"an unknown member", [](OrderedJson& v) { v["notes"] = "x"; }},
    }));
    CAPTURE(reason);
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    change_recipe(inputs, change);
    CHECK_THROWS_MATCHES(build(inputs, folder / "a"), manifests::Error, faults_with(Fault::usage));
    CHECK_FALSE(std::filesystem::exists(folder / "a"));
}

TEST_CASE("a refused recipe is named in the message", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    write_file(inputs + "/sealift.json", "{\"schema\": 1}");
    try {
        build(inputs, folder / "a");
        FAIL("accepted");
    } catch (const manifests::Error& error) {
        CHECK(manifests::exit_of(error.fault()) == manifests::Exit::usage);
        CHECK_THAT(error.what(), Catch::Contains("sealift.json"));
    }
}

TEST_CASE("an input that is missing is an error with its path", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    std::filesystem::remove(inputs + "/weights/model-00002.gguf");
    try {
        build(inputs, folder / "a");
        FAIL("accepted");
    } catch (const manifests::Error& error) {
        CHECK(error.fault() == Fault::io);
        CHECK_THAT(error.what(), Catch::Contains("weights/model-00002.gguf"));
    }
}

TEST_CASE("binaries that do not fit the profile are refused before anything is written",
          "[packager][build]") {
    const auto [reason, change, code] = GENERATE(table<std::string, void (*)(const std::string&), Code>({
        {"kernel for another architecture",
         [](const std::string& in) { write_file(in + "/kernels/libkernel.so", elf_for(other_machine())); },
         Code::fit_architecture},
        {"engine for another architecture",
         [](const std::string& in) { write_file(in + "/engine/libstub.so", elf_for(other_machine())); },
         Code::fit_architecture},
        {"kernel that is no ELF file",
         [](const std::string& in) { write_file(in + "/kernels/libkernel.so", "#!/bin/sh\n"); },
         Code::fit_kernel},
        {"kernel that requires more",
         [](const std::string& in) {
             change_recipe(in, [](OrderedJson& v) { v["kernels"][0]["requires_features"] = {"amx_int8"}; });
         },
         Code::fit_features},
    }));
    CAPTURE(reason);
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    change(inputs);
    const BuildResult result = build(inputs, folder / "a");
    CHECK_FALSE(result.report.passed());
    CHECK(result.report.has(code));
    CHECK(result.report.findings().size() == 1);
    CHECK_FALSE(result.digest);
    CHECK_FALSE(std::filesystem::exists(folder / "a"));
}

TEST_CASE("a bundle is not written over an input", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    const std::string weights = inputs + "/weights/model-00001.gguf";
    const std::string before = tests::read_file(weights);
    CHECK_THROWS_MATCHES(build(inputs, weights), manifests::Error, faults_with(Fault::usage));
    CHECK_THROWS_MATCHES(build(inputs, inputs), manifests::Error, faults_with(Fault::usage));
    CHECK(tests::read_file(weights) == before);
}

TEST_CASE("equal files are one blob", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    build(inputs, folder / "a");
    const runtime::Bundle bundle = runtime::Bundle::open(folder / "a");
    const auto* one = bundle.document().find(manifests::BundlePath::parse("config/known_answer.json"));
    const auto* other = bundle.document().find(manifests::BundlePath::parse("config/same_answer.json"));
    REQUIRE(one != nullptr);
    REQUIRE(other != nullptr);
    CHECK(bundle.locate(*one).offset == bundle.locate(*other).offset);
}

TEST_CASE("a profile that is not there or not one is refused", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    write_file(inputs + "/profile.json", "{}");
    CHECK_THROWS_AS(build(inputs, folder / "a"), manifests::Error);
    std::filesystem::remove(inputs + "/profile.json");
    CHECK_THROWS_AS(build(inputs, folder / "a"), manifests::Error);
    CHECK_FALSE(std::filesystem::exists(folder / "a"));
}
