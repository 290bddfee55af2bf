#include "packager/build.hpp"
#include "packager/secret_key.hpp"

#include <atomic>
#include <filesystem>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "manifests/bom_summary.hpp"
#include "manifests/error.hpp"
#include "packager/extract.hpp"
#include "runtime/install.hpp"
#include "runtime/site.hpp"
#include "runtime/trust.hpp"
#include "tests/packager/environment.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/plain_tree.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/verdict.hpp"

using manifests::Code;
using manifests::Fault;
using manifests::OrderedJson;
using packager::BuildRequest;
using packager::BuildResult;
using packager::Form;
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

void add_files(const std::string& inputs, const std::vector<std::pair<std::string, std::string>>& more) {
    OrderedJson recipe = OrderedJson::parse(tests::read_file(inputs + "/sealift.json"));
    for (const auto& [path, role] : more)
        recipe["files"].push_back({{"path", path}, {"role", role}});
    write_file(inputs + "/sealift.json", recipe.dump());
}

struct Counted {
    manifests::Digest digest;
    int starts = 0;
    std::uint64_t announced = 0;
    std::uint64_t done = 0;
};

// A build and what its progress was told, the last time if it began twice.
Counted counted_build(const std::string& inputs, const std::string& output, unsigned jobs,
                      Form form = Form::file) {
    int starts = 0;
    std::uint64_t announced = 0;
    std::atomic<std::uint64_t> done = 0;
    const BuildResult result =
        packager::build({.recipe = inputs,
                         .output = output,
                         .form = form,
                         .profiles_folder = "",
                         .signing_key = nullptr,
                         .jobs = jobs,
                         .on_start = [&](const std::string& what, std::uint64_t total) {
                             CHECK(what == "packing");
                             ++starts;
                             announced = total;
                             done = 0;
                             return [&](std::uint64_t bytes) { done += bytes; };
                         }});
    REQUIRE(result.report.passed());
    return {result.digest.value(), starts, announced, done};
}

const manifests::BundleFile& file_in(const runtime::Bundle& bundle, const std::string& path) {
    const manifests::BundleFile* file = bundle.document().find(manifests::BundlePath::parse(path));
    REQUIRE(file != nullptr);
    return *file;
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
    const runtime::Bundle bundle = runtime::Bundle::open(folder / "b");
    CHECK(manifests::read_bom_head(bundle.bom(runtime::Bundle::Bom::software)).timestamp ==
          "2026-11-01T00:00:00Z");
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

TEST_CASE("two equal large files are one blob, and are packed once", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    const std::string large = tests::sample_bytes(1'500'000, 9);
    std::string other = large;
    other[700'000] = static_cast<char>(other[700'000] ^ 1); // the same size and the same ends
    write_file(inputs + "/weights/x1.bin", large);
    write_file(inputs + "/weights/x2.bin", large);
    write_file(inputs + "/docs/x3.bin", large); // under another role
    write_file(inputs + "/weights/y1.bin", other);
    add_files(inputs, {{"weights/x1.bin", "weights"},
                       {"weights/x2.bin", "weights"},
                       {"docs/x3.bin", "doc"},
                       {"weights/y1.bin", "weights"}});
    for (const unsigned jobs : {1U, 8U}) {
        CAPTURE(jobs);
        const Counted built = counted_build(inputs, folder / "a", jobs);
        CHECK(built.starts == 1);
        const runtime::Bundle bundle = runtime::Bundle::open(folder / "a");
        const auto at = [&](const char* path) { return bundle.locate(file_in(bundle, path)).offset; };
        CHECK(at("weights/x1.bin") == at("weights/x2.bin"));
        CHECK(at("weights/x1.bin") == at("docs/x3.bin"));
        CHECK(at("weights/x1.bin") != at("weights/y1.bin"));
        CHECK(file_in(bundle, "weights/x1.bin").chunk_table == file_in(bundle, "docs/x3.bin").chunk_table);
        CHECK(file_in(bundle, "weights/x1.bin").digest == manifests::Digest::of(large));
        CHECK(file_in(bundle, "weights/y1.bin").digest == manifests::Digest::of(other));
        CHECK(built.announced == built.done);
        CHECK(built.done == runtime::content_bytes(bundle)); // each content once
        CHECK(runtime::check_content(bundle, jobs, {}).passed());
    }
}

TEST_CASE("files of zeros of different sizes share a chunk table, which shows only when they are packed",
          "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    write_file(inputs + "/weights/z1.bin", std::string(524'289, '\0'));
    write_file(inputs + "/weights/z2.bin", std::string(524'290, '\0'));
    add_files(inputs, {{"weights/z1.bin", "weights"}, {"weights/z2.bin", "weights"}});
    const auto form = GENERATE(packager::Form::file, packager::Form::folder);
    const Counted built = counted_build(inputs, folder / "a", 2, form);
    CHECK(built.starts == 2);
    const runtime::Bundle bundle = runtime::Bundle::open(folder / "a");
    const auto& one = file_in(bundle, "weights/z1.bin");
    const auto& two = file_in(bundle, "weights/z2.bin");
    CHECK(one.chunk_table == two.chunk_table);
    CHECK(one.fs_verity != two.fs_verity);
    CHECK(one.digest != two.digest);
    CHECK(runtime::check_content(bundle, 2, {}).passed());
    CHECK(bundle.digest() == built.digest);
}

TEST_CASE("a file whose bytes are those of a document of the bundle can do all that others can",
          "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    const auto check_all = [&](const std::vector<std::pair<std::string, std::string>>& twins, Form form) {
        const packager::SecretKey key =
            packager::SecretKey::from_seed(std::string(packager::SecretKey::seed_bytes, 'a'));
        const std::string path = folder / (form == Form::file ? "file" : "folder");
        const BuildResult result = packager::build({.recipe = inputs,
                                                    .output = path,
                                                    .form = form,
                                                    .profiles_folder = "",
                                                    .signing_key = &key,
                                                    .jobs = 2,
                                                    .on_start = {}});
        REQUIRE(result.report.passed());
        CHECK(tests::verdict_on(path) == "trusted");
        const auto bundle = std::make_shared<const runtime::Bundle>(runtime::Bundle::open(path));
        packager::extract(*bundle, {}, path + ".out", 2, {});
        const runtime::Site site(path + ".site");
        const std::vector<manifests::PublicKey> keys{tests::sample_key('a')};
        const auto decision = runtime::TrustDecision::check_trust(bundle, keys);
        REQUIRE(decision.trusted);
        const auto installed = runtime::install(*decision.trusted, keys, site, {.jobs = 2});
        const runtime::Bundle generation = runtime::Bundle::open_generation(installed.generation.path);
        CHECK(runtime::check_content(generation, 2, {}).passed());
        for (const auto& [name, bytes] : twins) {
            CAPTURE(name);
            CHECK(file_in(*bundle, name).digest == manifests::Digest::of(bytes));
            CHECK(file_in(*bundle, name).fs_verity == tests::plain_verity(bytes));
            CHECK(tests::read_file(path + ".out/" + name) == bytes);
            CHECK(tests::read_file(installed.generation.path + "/files/" + name) == bytes);
        }
        CHECK(runtime::install(*decision.trusted, keys, site, {.jobs = 2}).was_there);
        // And with bytes that are not theirs they are refused like others, in the place where they are.
        write_file(installed.generation.path + "/files/" + twins[0].first, "x" + twins[0].second.substr(1));
        CHECK_FALSE(runtime::check_content(runtime::Bundle::open_generation(installed.generation.path), 2, {})
                        .passed());
    };
    const Form form = GENERATE(Form::file, Form::folder);
    const std::string profile = tests::read_file(inputs + "/profile.json");
    write_file(inputs + "/docs/profile.json", profile);
    write_file(inputs + "/config/empty.json", "{}"); // the config of every attestation manifest
    const std::string marker = R"({"imageLayoutVersion":"1.0.0"})"; // of oci-layout, which is no blob
    write_file(inputs + "/docs/marker", marker);
    const std::string table = tests::plain_chunks(tests::read_file(inputs + "/weights/model-00003.gguf"));
    write_file(inputs + "/docs/table.bin", table);
    add_files(inputs, {{"docs/profile.json", "doc"},
                       {"config/empty.json", "config"},
                       {"docs/marker", "doc"},
                       {"docs/table.bin", "doc"}});
    check_all({{"docs/profile.json", profile},
               {"config/empty.json", "{}"},
               {"docs/marker", marker},
               {"docs/table.bin", table}},
              form);
}

TEST_CASE("an empty file and one of zeros are packed in both forms", "[packager][build]") {
    const TempDir folder;
    const std::string inputs = sample_inputs(folder);
    write_file(inputs + "/weights/empty.bin", "");
    write_file(inputs + "/weights/zeros.bin", std::string(2 << 20, '\0'));
    write_file(inputs + "/weights/hole.bin", "x");
    tests::resize_file(inputs + "/weights/hole.bin", 3 << 20);
    add_files(inputs, {{"weights/empty.bin", "weights"},
                       {"weights/zeros.bin", "weights"},
                       {"weights/hole.bin", "weights"}});
    const auto form = GENERATE(packager::Form::file, packager::Form::folder);
    const Counted built = counted_build(inputs, folder / "a", 2, form);
    const runtime::Bundle bundle = runtime::Bundle::open(folder / "a");
    CHECK(bundle.digest() == built.digest);
    CHECK(runtime::check_content(bundle, 2, {}).passed());
    for (const char* path : {"weights/empty.bin", "weights/zeros.bin", "weights/hole.bin"}) {
        CAPTURE(path);
        const std::string bytes = tests::read_file(inputs + "/" + path);
        CHECK(file_in(bundle, path).digest == manifests::Digest::of(bytes));
        CHECK(file_in(bundle, path).fs_verity == tests::plain_verity(bytes));
    }
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
