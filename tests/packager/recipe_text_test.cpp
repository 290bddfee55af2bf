#include "packager/recipe_text.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/bundle_document.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "tests/support/sample_document.hpp"

using manifests::BundlePath;
using manifests::Recipe;
using manifests::Role;
using manifests::write_json;
using packager::recipe_text;

namespace {

manifests::Profile profile() {
    manifests::Profile profile;
    profile.id = "sample";
    profile.title = "Sample chip";
    profile.kernels.names = {"best.so", "good.so"};
    profile.kernels.features = {"avx2"};
    return profile;
}

Recipe sample() {
    Recipe recipe;
    recipe.name = "sample";
    recipe.version = "1.0";
    recipe.profile = "sample";
    recipe.files = {{BundlePath::parse("weights/a"), Role::weights, "weights/a", std::nullopt}};
    return recipe;
}

void check_same(const Recipe& a, const Recipe& b) {
    CHECK(a.name == b.name);
    CHECK(a.version == b.version);
    CHECK(a.release_counter == b.release_counter);
    CHECK(a.profile == b.profile);
    CHECK(a.licenses == b.licenses);
    CHECK(write_json(write_model_facts(a.model)) == write_json(write_model_facts(b.model)));
    REQUIRE(a.files.size() == b.files.size());
    for (std::size_t i = 0; i < a.files.size(); ++i) {
        CHECK(a.files[i].path == b.files[i].path);
        CHECK(a.files[i].role == b.files[i].role);
        CHECK(a.files[i].source == b.files[i].source);
        CHECK(a.files[i].mode == b.files[i].mode);
    }
    REQUIRE(a.kernels.size() == b.kernels.size());
    for (std::size_t i = 0; i < a.kernels.size(); ++i) {
        CHECK(a.kernels[i].path == b.kernels[i].path);
        CHECK(a.kernels[i].requires_features == b.kernels[i].requires_features);
        CHECK(a.kernels[i].fits == b.kernels[i].fits);
    }
    CHECK(a.engine == b.engine);
    REQUIRE(a.deployment.has_value() == b.deployment.has_value());
    if (a.deployment) {
        CHECK(a.deployment->tensor_parallel == b.deployment->tensor_parallel);
        CHECK(a.deployment->pipeline_parallel == b.deployment->pipeline_parallel);
        CHECK(a.deployment->data_parallel == b.deployment->data_parallel);
        CHECK(a.deployment->context_tokens == b.deployment->context_tokens);
        CHECK(a.deployment->sequences == b.deployment->sequences);
        CHECK(a.deployment->cache_type == b.deployment->cache_type);
        CHECK(a.deployment->overhead_bytes == b.deployment->overhead_bytes);
        CHECK(a.deployment->utilisation_percent == b.deployment->utilisation_percent);
    }
    REQUIRE(a.runtime.has_value() == b.runtime.has_value());
    if (a.runtime)
        CHECK(write_json(write_runtime_section(*a.runtime)) == write_json(write_runtime_section(*b.runtime)));
}

// Names that a careless writer would get wrong.
const std::vector<std::string> odd = {"weights/\"quoted\"",   "weights/it's",         "weights/a // comment",
                                      "weights/*/ /* x",      "weights/\u65e5\u672c", "weights/caf\u00e9",
                                      "weights/{file:x}",     "weights/a, b",         "weights/\U0001F600",
                                      "weights/#!&|;$(x)`y`", "weights/-x",           "weights/\u2028line"};

} // namespace

TEST_CASE("a recipe is read as it was written for people", "[packager][recipe_text]") {
    Recipe recipe = sample();
    const bool bootable = GENERATE(true, false);
    recipe.release_counter = 12;
    recipe.model = tests::sample_document().model;
    recipe.licenses = {{"engine", "MIT"}, {"docs/a \"b\"", "CC0-1.0"}};
    recipe.files.push_back(
        {BundlePath::parse("engine/e"), Role::engine, "/opt/e", manifests::FileMode::executable});
    recipe.files.push_back(
        {BundlePath::parse("kernels/k"), Role::kernel, "../k", manifests::FileMode::plain});
    recipe.kernels = {{BundlePath::parse("kernels/k"), {"avx2", "fma"}, {BundlePath::parse("engine/e")}}};
    if (bootable) recipe.runtime = tests::sample_document().runtime;
    if (bootable) {
        recipe.engine = {"vllm \"quoted\"", "0.23.0"};
        recipe.deployment = manifests::Deployment{.tensor_parallel = 8,
                                                  .pipeline_parallel = 2,
                                                  .data_parallel = 3,
                                                  .context_tokens = 4096,
                                                  .sequences = 5,
                                                  .cache_type = "fp8",
                                                  .overhead_bytes = 6,
                                                  .utilisation_percent = 70};
    }
    const std::string text = recipe_text(recipe, profile(), {"kernels/other"});
    check_same(Recipe::parse(text), recipe);
    CHECK(text.ends_with("}\n"));
    CHECK(text.find('\t') == std::string::npos);
}

TEST_CASE("a recipe shows how to say what is run, and says nothing", "[packager][recipe_text]") {
    const std::string text = recipe_text(sample(), profile(), {});
    CHECK(text.find("// \"engine\": {") != std::string::npos);
    CHECK(text.find("// \"deployment\": {") != std::string::npos);
    CHECK_FALSE(Recipe::parse(text).deployment);
    // The example is right: without its slashes it is read.
    std::string uncommented = text;
    for (const char* member : {"// \"engine\"", "// \"deployment\""})
        uncommented.erase(uncommented.find(member), 3);
    const Recipe recipe = Recipe::parse(uncommented);
    CHECK(recipe.engine.name == "vllm-ascend");
    REQUIRE(recipe.deployment);
    CHECK(recipe.deployment->tensor_parallel == 8);
}

TEST_CASE("odd names survive the text of a recipe", "[packager][recipe_text]") {
    Recipe recipe = sample();
    recipe.files.clear();
    for (const std::string& path : odd) {
        // Direction and line separators are refused in paths; what is left is taken.
        try {
            recipe.files.push_back({BundlePath::parse(path), Role::weights, path, std::nullopt});
        } catch (const manifests::Error&) {
            continue;
        }
        recipe.licenses[path] = "LicenseRef-\"" + path + "\"";
    }
    CHECK(recipe.files.size() >= 9);
    std::vector<std::string> left_out;
    for (const auto& file : recipe.files)
        left_out.push_back(file.path.text());
    check_same(Recipe::parse(recipe_text(recipe, profile(), left_out)), recipe);
}

TEST_CASE("no title of a profile ends the comment that it stands in", "[packager][recipe_text]") {
    for (const char* title :
         {"a\nb", "a\r\"name\": \"x\",", "*/ \"version\": 2 /*", "\n},", "\xe2\x80\xa8"}) {
        manifests::Profile other = profile();
        other.title = title;
        check_same(Recipe::parse(recipe_text(sample(), other, {})), sample());
    }
}

TEST_CASE("a long list of what was left out is cut", "[packager][recipe_text]") {
    std::vector<std::string> left_out;
    for (int i = 0; i < 5'000; ++i)
        left_out.push_back("kernels/" + std::to_string(i));
    const std::string text = recipe_text(sample(), profile(), left_out);
    CHECK(text.size() < 3'000);
    CHECK_THAT(text, Catch::Contains("kernels/0, kernels/1") && Catch::Contains("and 4960 more"));
    check_same(Recipe::parse(text), sample());
}
