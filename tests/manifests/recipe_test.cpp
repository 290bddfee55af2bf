#include "manifests/recipe.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using manifests::Fault;
using manifests::OrderedJson;
using manifests::Recipe;
using tests::faults_with;

namespace {

using Change = void (*)(OrderedJson&);

constexpr const char* text = R"({
  // what a person writes
  "schema": "sealift.recipe/1",
  "name": "sample", "version": "1.0.0", "release_counter": 3, "profile": "x86_64-v3",
  "model": {"name": "Sample", "licenses": ["MIT", "Apache-2.0"]},
  "licenses": {"engine": "MIT", "docs/a": "CC0-1.0"},
  "files": [
    {"path": "weights/b", "role": "weights", "source": "/data/b"},
    {"path": "engine/a", "role": "engine", "mode": "0755"}, /* the engine */
    {"path": "kernels/k.so", "role": "kernel"}
  ],
  "kernels": [{"path": "kernels/k.so", "requires_features": ["fma", "avx2"], "fits": ["engine/a"]}],
  "runtime": {"entrypoint": "engine/a", "arguments": [], "port": 1, "ready": {"health_path": "/"}}
})";

std::string changed(Change change) {
    OrderedJson value = OrderedJson::parse(text, nullptr, true, true);
    change(value);
    return value.dump();
}

} // namespace

TEST_CASE("a recipe is read with its comments", "[manifests][recipe]") {
    const Recipe recipe = Recipe::parse(text);
    CHECK(recipe.name == "sample");
    CHECK(recipe.release_counter == 3);
    CHECK(recipe.model.licenses == std::vector<std::string>{"Apache-2.0", "MIT"});
    CHECK(recipe.licenses.at("docs/a") == "CC0-1.0");
    REQUIRE(recipe.files.size() == 3);
    CHECK(recipe.files[0].source == "/data/b");
    CHECK_FALSE(recipe.files[0].mode);
    CHECK(recipe.files[1].source == "engine/a");
    CHECK(recipe.files[1].mode == manifests::FileMode::executable);
    CHECK(recipe.kernels[0].requires_features == std::vector<std::string>{"avx2", "fma"});
    CHECK(recipe.kernels[0].fits[0].text() == "engine/a");
    CHECK(recipe.runtime);
}

TEST_CASE("a kernel names its engine by path or by digest, its chips and its entry points",
          "[manifests][recipe]") {
    const Recipe recipe = Recipe::parse(changed([](OrderedJson& v) {
        v["kernels"][0]["fits"] = {"engine/a", manifests::Digest::of("an engine").text()};
        v["kernels"][0]["targets"] = {"b", "a"};
        v["kernels"][0]["exports"] = {"start", "init"};
    }));
    const manifests::RecipeKernel& kernel = recipe.kernels.at(0);
    CHECK(kernel.fits.size() == 1);
    CHECK(kernel.fits_digests == std::vector{manifests::Digest::of("an engine")});
    CHECK(kernel.targets == std::vector<std::string>{"a", "b"});
    CHECK(kernel.exports == std::vector<std::string>{"init", "start"});
}

TEST_CASE("a recipe says how the model is run, and what kernels are for", "[manifests][recipe]") {
    const Recipe recipe = Recipe::parse(changed([](OrderedJson& v) {
        v["engine"] = {{"name", "vllm-ascend"}, {"version", "0.23.0"}};
        v["deployment"] = {{"tensor_parallel", 8},    {"pipeline_parallel", 2},   {"data_parallel", 3},
                           {"context_tokens", 32768}, {"sequences", 16},          {"cache_type", "fp8"},
                           {"overhead_bytes", 1024},  {"utilisation_percent", 85}};
        v["kernels"][0]["targets"] = {"Ascend910B3", "Ascend910B1"};
        v["kernels"][0]["exports"] = {"b", "a"};
    }));
    CHECK(recipe.engine == manifests::EngineFacts{"vllm-ascend", "0.23.0"});
    REQUIRE(recipe.deployment);
    CHECK(recipe.deployment->tensor_parallel == 8);
    CHECK(recipe.deployment->pipeline_parallel == 2);
    CHECK(recipe.deployment->data_parallel == 3);
    CHECK(recipe.deployment->context_tokens == 32768);
    CHECK(recipe.deployment->sequences == 16);
    CHECK(recipe.deployment->cache_type == "fp8");
    CHECK(recipe.deployment->overhead_bytes == 1024);
    CHECK(recipe.deployment->utilisation_percent == 85);
    CHECK(recipe.kernels[0].targets == std::vector<std::string>{"Ascend910B1", "Ascend910B3"});
    CHECK(recipe.kernels[0].exports == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a deployment that says little has its usual values", "[manifests][recipe]") {
    const Recipe recipe =
        Recipe::parse(changed([](OrderedJson& v) { v["deployment"] = OrderedJson::object(); }));
    REQUIRE(recipe.deployment);
    CHECK(recipe.deployment->tensor_parallel == 1);
    CHECK(recipe.deployment->context_tokens == 0);
    CHECK(recipe.deployment->sequences == 1);
    CHECK(recipe.deployment->cache_type.empty());
    CHECK(recipe.deployment->overhead_bytes == 0);
    CHECK(recipe.deployment->utilisation_percent == 90);
}

TEST_CASE("what a recipe leaves out has its usual value", "[manifests][recipe]") {
    const Recipe recipe = Recipe::parse(
        R"({"schema":"sealift.recipe/1","name":"a","version":"1","profile":"p","files":[{"path":"a","role":"weights"}]})");
    CHECK(recipe.release_counter == 1);
    CHECK(recipe.kernels.empty());
    CHECK(recipe.licenses.empty());
    CHECK_FALSE(recipe.runtime);
    CHECK_FALSE(recipe.deployment);
    CHECK(recipe.engine == manifests::EngineFacts{});
    CHECK(recipe.model.name.empty());
}

TEST_CASE("a recipe with one defect is a wrong command line", "[manifests][recipe]") {
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"unknown member", [](OrderedJson& v) { v["filez"] = 1; }},
        {"another schema", [](OrderedJson& v) { v["schema"] = "sealift.recipe/2"; }},
        {"no schema", [](OrderedJson& v) { v.erase("schema"); }},
        {"no name", [](OrderedJson& v) { v.erase("name"); }},
        {"name with a space", [](OrderedJson& v) { v["name"] = "my model"; }},
        {"name with a capital", [](OrderedJson& v) { v["name"] = "Model"; }},
        {"empty version", [](OrderedJson& v) { v["version"] = ""; }},
        {"version as number", [](OrderedJson& v) { v["version"] = 1; }},
        {"no profile", [](OrderedJson& v) { v.erase("profile"); }},
        {"release counter as text", [](OrderedJson& v) { v["release_counter"] = "3"; }},
        {"release counter 3.0", [](OrderedJson& v) { v["release_counter"] = 3.0; }},
        {"no files", [](OrderedJson& v) { v.erase("files"); }},
        {"files with nothing", [](OrderedJson& v) { v["files"] = OrderedJson::array(); }},
        {"files as object", [](OrderedJson& v) { v["files"] = OrderedJson::object(); }},
        {"file without a role", [](OrderedJson& v) { v["files"][0].erase("role"); }},
        {"file with an unknown role", [](OrderedJson& v) { v["files"][0]["role"] = "model"; }},
        {"file with an unknown member", [](OrderedJson& v) { v["files"][0]["size"] = 1; }},
        {"file that climbs", [](OrderedJson& v) { v["files"][0]["path"] = "../b"; }},
        {"absolute path", [](OrderedJson& v) { v["files"][0]["path"] = "/b"; }},
        {"mode 0600", [](OrderedJson& v) { v["files"][0]["mode"] = "0600"; }},
        {"source that is a number", [](OrderedJson& v) { v["files"][0]["source"] = 1; }},
        {"kernel with an unknown member", [](OrderedJson& v) { v["kernels"][0]["chip"] = "x"; }},
        {"kernel without a path", [](OrderedJson& v) { v["kernels"][0].erase("path"); }},
        {"kernel that fits a number", [](OrderedJson& v) { v["kernels"][0]["fits"] = {1}; }},
        {"kernel that fits a cut digest", [](OrderedJson& v) { v["kernels"][0]["fits"] = {"sha256:12"}; }},
        {"chip that is a number", [](OrderedJson& v) { v["kernels"][0]["targets"] = {1}; }},
        {"chips as a text", [](OrderedJson& v) { v["kernels"][0]["targets"] = "Ascend910B3"; }},
        {"entry point that is a number", [](OrderedJson& v) { v["kernels"][0]["exports"] = {1}; }},
        {"feature that is a number", [](OrderedJson& v) { v["kernels"][0]["requires_features"] = {1}; }},
        {"licence that is a list", [](OrderedJson& v) { v["licenses"]["engine"] = {"MIT"}; }},
        {"licences as a list", [](OrderedJson& v) { v["licenses"] = {"MIT"}; }},
        {"model fact unknown", [](OrderedJson& v) { v["model"]["color"] = "blue"; }},
        {"runtime section with an unknown member", [](OrderedJson& v) { v["runtime"]["shell"] = "sh"; }},
        {"port 70000", [](OrderedJson& v) { v["runtime"]["port"] = 70000; }},
        {"engine as a text", [](OrderedJson& v) { v["engine"] = "vllm"; }},
        {"engine without a version", [](OrderedJson& v) { v["engine"] = {{"name", "vllm"}}; }},
        {"engine without a name", [](OrderedJson& v) { v["engine"] = {{"name", ""}, {"version", "1"}}; }},
        {"deployment as a number", [](OrderedJson& v) { v["deployment"] = 8; }},
        {"deployment with an unknown member",
         [](OrderedJson& v) { v["deployment"] = {{"expert_parallel", 8}}; }},
        {"tensor parallelism 0", [](OrderedJson& v) { v["deployment"] = {{"tensor_parallel", 0}}; }},
        {"tensor parallelism as a text",
         [](OrderedJson& v) { v["deployment"] = {{"tensor_parallel", "8"}}; }},
        {"65537 copies", [](OrderedJson& v) { v["deployment"] = {{"data_parallel", 65537}}; }},
        {"no sequence", [](OrderedJson& v) { v["deployment"] = {{"sequences", 0}}; }},
        {"overhead over 2^50",
         [](OrderedJson& v) { v["deployment"] = {{"overhead_bytes", (1ULL << 50) + 1}}; }},
        {"0 percent", [](OrderedJson& v) { v["deployment"] = {{"utilisation_percent", 0}}; }},
        {"targets as a text", [](OrderedJson& v) { v["kernels"][0]["targets"] = "sm_90"; }},
        {"an export that is a number", [](OrderedJson& v) { v["kernels"][0]["exports"] = {1}; }},
        {"mode 0700", [](OrderedJson& v) { v["files"][0]["mode"] = "0700"; }},
        {"LD_PRELOAD", [](OrderedJson& v) { v["runtime"]["environment"] = {{"LD_PRELOAD", "x.so"}}; }},
    }));
    CAPTURE(reason);
    REQUIRE_THROWS_MATCHES(Recipe::parse(changed(change)), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("text that is no recipe is a wrong command line", "[manifests][recipe]") {
    const std::string wrong = GENERATE(as<std::string>(), "", "{", "[]", "sealift", "{} {}", "\xef\xbb\xbf{}",
                                       R"({"schema":"sealift.recipe/1","schema":"sealift.recipe/1"})",
                                       "// only a comment", "{\"name\": /* open", "{\"a\":\"\xff\"}");
    CAPTURE(wrong);
    REQUIRE_THROWS_MATCHES(Recipe::parse(wrong), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("of a recipe only some files are kept", "[manifests][recipe]") {
    const auto only = [](const manifests::BundlePath& path) { return path.text() == "engine/a"; };
    const Recipe recipe = Recipe::parse(text, only);
    REQUIRE(recipe.files.size() == 1);
    CHECK(recipe.files[0].source == "engine/a");
    CHECK(recipe.kernels.size() == 1);
    const auto none = [](const manifests::BundlePath&) { return false; };
    CHECK(Recipe::parse(text, none).files.empty());
    const std::string wrong = changed([](OrderedJson& value) { value["files"][2].erase("role"); });
    CHECK_THROWS_WITH(Recipe::parse(wrong, none), Catch::Contains("files[2]"));
}

TEST_CASE("a refused recipe says which file is wrong", "[manifests][recipe]") {
    try {
        Recipe::parse(changed([](OrderedJson& v) { v["files"][1]["role"] = "motor"; }));
        FAIL("accepted");
    } catch (const manifests::Error& error) {
        CHECK_THAT(error.what(), Catch::Contains("files[1]") && Catch::Contains("'motor'"));
    }
}
