#include "packager/needs_of.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "packager/model_source.hpp"
#include "packager/needs_text.hpp"
#include "packager/plan_source.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/weight_files.hpp"

using manifests::BundlePath;
using manifests::Fault;
using manifests::Needs;
using manifests::OrderedJson;
using manifests::Recipe;
using manifests::Role;
using packager::needs_of;
using tests::faults_with;
using tests::make_safetensors;
using tests::TempDir;

namespace {

using Change = void (*)(Recipe&);

constexpr std::uint64_t heads = 4, hidden = 8, layers = 2, vocabulary = 16;

std::string config() {
    return OrderedJson{{"model_type", "llama"},          {"architectures", {"LlamaForCausalLM"}},
                       {"num_hidden_layers", layers},    {"hidden_size", hidden},
                       {"num_attention_heads", heads},   {"num_key_value_heads", 2},
                       {"intermediate_size", 32},        {"vocab_size", vocabulary},
                       {"max_position_embeddings", 100}, {"torch_dtype", "bfloat16"}}
        .dump();
}

std::string first_shard() {
    return make_safetensors({{"model.embed_tokens.weight", "BF16", {16, 8}, std::string(256, 'e')},
                             {"model.layers.0.mlp.up_proj.weight", "I8", {32, 8}, std::string(256, 'u')},
                             {"model.layers.0.self_attn.k_proj.weight", "I8", {4, 8}, std::string(32, 'k')}});
}

std::string second_shard() {
    return make_safetensors({{"model.layers.1.input_layernorm.weight", "F32", {8}, std::string(32, 'n')},
                             {"lm_head.weight", "BF16", {16, 8}, std::string(256, 'h')}});
}

void write_model(const TempDir& folder) {
    tests::write_file(folder / "weights/config.json", config());
    tests::write_file(folder / "weights/model-00001-of-00002.safetensors", first_shard());
    tests::write_file(folder / "weights/model-00002-of-00002.safetensors", second_shard());
}

manifests::RecipeFile file(const std::string& path, Role role) {
    return {BundlePath::parse(path), role, path, std::nullopt};
}

Recipe recipe() {
    Recipe recipe;
    recipe.name = "sample";
    recipe.version = "1";
    recipe.profile = "sample";
    recipe.files = {file("weights/config.json", Role::model_config),
                    file("weights/model-00001-of-00002.safetensors", Role::weights),
                    file("weights/model-00002-of-00002.safetensors", Role::weights)};
    return recipe;
}

Needs needs(const TempDir& folder, Recipe of) {
    const packager::Inputs inputs = packager::look_at_inputs(std::move(of.files), folder.path());
    return needs_of(of, inputs, packager::read_checkpoint(packager::model_files_of(inputs)));
}

} // namespace

TEST_CASE("the types of tensors are needs of a bundle", "[packager][needs_of]") {
    const TempDir folder;
    write_model(folder);
    const Needs found = needs(folder, recipe());
    CHECK(found.tensor_types == std::vector<std::string>{"BF16", "F32", "I8"});
    CHECK_FALSE(found.memory);
    CHECK(found.architecture.empty());
    CHECK(found.engine == manifests::EngineFacts{});
    CHECK(packager::needs_text(found) == "needs     tensors BF16 F32 I8\n");
}

TEST_CASE("engine and deployment of a recipe are needs of a bundle", "[packager][needs_of]") {
    const TempDir folder;
    write_model(folder);
    tests::ElfImage image;
    image.machine = 183;
    tests::write_file(folder / "engine/run", tests::make_elf(image).bytes);
    Recipe asked = recipe();
    asked.files.push_back(file("engine/run", Role::engine));
    asked.engine = {"vllm-ascend", "0.23.0"};
    asked.deployment = manifests::Deployment{};
    asked.deployment->tensor_parallel = 2;
    asked.deployment->sequences = 3;
    asked.deployment->overhead_bytes = 1000;
    const Needs found = needs(folder, asked);
    CHECK(found.architecture == "aarch64");
    CHECK(found.engine.name == "vllm-ascend");
    REQUIRE(found.memory);
    CHECK(found.memory->devices() == 2);
    CHECK(found.memory->context_tokens == 100);
    CHECK(found.memory->weight_bytes == (256 + 256 + 32 + 256) / 2 + 32);
    // Two layers, one of two heads, keys and values of 2 numbers with 2 bytes.
    CHECK(found.memory->cache_bytes == 3 * 100 * layers * 1 * 4 * 2);
    CHECK(found.memory->overhead_bytes == 1000);
    CHECK(found.tensor_types == std::vector<std::string>{"BF16", "F32", "I8"});
    // As a bundle document says it.
    CHECK(manifests::read_needs(manifests::Json(manifests::write_needs(found))) == found);
    CHECK(needs(folder, asked) == found);
}

TEST_CASE("weights in a form that has no list ask for nothing", "[packager][needs_of]") {
    const TempDir folder;
    tests::write_file(folder / "weights/raw.bin", "raw");
    Recipe asked = recipe();
    asked.files = {file("weights/raw.bin", Role::weights)};
    CHECK(needs(folder, asked).empty());
}

TEST_CASE("a configuration that is wrong is not read without a deployment", "[packager][needs_of]") {
    const TempDir folder;
    write_model(folder);
    tests::write_file(folder / "weights/config.json", "no JSON");
    CHECK(needs(folder, recipe()).tensor_types.size() == 3);
}

TEST_CASE("a deployment whose memory cannot be told is a wrong recipe", "[packager][needs_of]") {
    const TempDir folder;
    write_model(folder);
    tests::write_file(folder / "weights/raw.bin", "raw");
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"no configuration", [](Recipe& asked) { asked.files.erase(asked.files.begin()); }},
        {"configuration as a document", [](Recipe& asked) { asked.files[0].role = Role::doc; }},
        {"weights that cannot be listed",
         [](Recipe& asked) { asked.files.push_back(file("weights/raw.bin", Role::weights)); }},
        {"heads that do not divide", [](Recipe& asked) { asked.deployment->tensor_parallel = 3; }},
        {"more stages than layers", [](Recipe& asked) { asked.deployment->pipeline_parallel = 3; }},
        {"a cache type that is none", [](Recipe& asked) { asked.deployment->cache_type = "auto"; }},
    }));
    CAPTURE(reason);
    Recipe asked = recipe();
    asked.deployment = manifests::Deployment{};
    change(asked);
    CHECK_THROWS_MATCHES(needs(folder, asked), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("a configuration of the wrong kind makes a deployment a wrong recipe", "[packager][needs_of]") {
    const TempDir folder;
    write_model(folder);
    const std::string wrong = GENERATE(as<std::string>(), "no JSON", "[]", R"({"num_hidden_layers":"2"})",
                                       R"({"num_hidden_layers":-1})", "{}");
    CAPTURE(wrong);
    tests::write_file(folder / "weights/config.json", wrong);
    Recipe asked = recipe();
    asked.deployment = manifests::Deployment{};
    CHECK_THROWS_MATCHES(needs(folder, asked), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("a model's folder is planned by its files", "[packager][plan_source]") {
    const TempDir folder;
    write_model(folder);
    const std::string model = folder / "weights";
    auto source = packager::read_plan_source(model, "");
    REQUIRE(source.read.model.weights);
    CHECK(source.read.model.weights_from_files);
    CHECK(source.read.model.weights->total_bytes() == 256 + 256 + 32 + 32 + 256);
    CHECK(source.read.model.shape.layers == layers);
    CHECK_FALSE(source.has_deployment);
    CHECK_FALSE(source.profile);
    // One shard is the model that it belongs to; a configuration alone is computed from.
    source = packager::read_plan_source(model + "/model-00002-of-00002.safetensors", "");
    CHECK(source.read.model.weights->total_bytes() == 256 + 256 + 32 + 32 + 256);
    source = packager::read_plan_source(model + "/config.json", "");
    CHECK_FALSE(source.read.model.weights_from_files);
    CHECK(source.read.model.tensor_types == std::vector<std::string>{"BF16"});
    CHECK(converted(source.read.model, "int8").tensor_types == std::vector<std::string>{"BF16", "I8"});
    CHECK_THROWS_MATCHES(converted(source.read.model, "int2"), manifests::Error, faults_with(Fault::usage));
    // What an index names counts, and nothing beside it.
    tests::write_file(model + "/consolidated.safetensors", second_shard());
    tests::write_file(model + "/model.safetensors.index.json",
                      R"({"metadata":{},"weight_map":{)"
                      R"("model.embed_tokens.weight":"model-00001-of-00002.safetensors",)"
                      R"("model.layers.0.mlp.up_proj.weight":"model-00001-of-00002.safetensors",)"
                      R"("model.layers.0.self_attn.k_proj.weight":"model-00001-of-00002.safetensors",)"
                      R"("model.layers.1.input_layernorm.weight":"model-00002-of-00002.safetensors",)"
                      R"("lm_head.weight":"model-00002-of-00002.safetensors"}})");
    CHECK(packager::read_plan_source(model, "").read.model.weights->total_bytes() ==
          256 + 256 + 32 + 32 + 256);
}

TEST_CASE("a model whose headers break the rules is not planned", "[packager][plan_source]") {
    const TempDir folder;
    write_model(folder);
    const std::string model = folder / "weights";
    SECTION("a missing part") {
        std::filesystem::remove(model + "/model-00001-of-00002.safetensors");
    }
    SECTION("a part that is cut short") {
        tests::resize_file(model + "/model-00001-of-00002.safetensors", 300);
    }
    SECTION("a configuration of the wrong kind") {
        tests::write_file(model + "/config.json", R"({"num_hidden_layers":"2"})");
    }
    CHECK_THROWS_MATCHES(packager::read_plan_source(model, ""), manifests::Error,
                         faults_with(Fault::damaged));
}

TEST_CASE("what is no model, or several, is not planned", "[packager][plan_source]") {
    const TempDir folder;
    tests::write_file(folder / "empty/README.md", "nothing");
    tests::write_file(folder / "two/a.gguf", tests::make_gguf({}));
    tests::write_file(folder / "two/b.gguf", tests::make_gguf({}));
    tests::write_file(folder / "mixed/a.gguf", tests::make_gguf({}));
    tests::write_file(folder / "mixed/model.safetensors", second_shard());
    for (const char* name : {"empty", "two", "mixed"}) {
        CAPTURE(name);
        CHECK_THROWS_MATCHES(packager::read_plan_source(folder / name, ""), manifests::Error,
                             faults_with(Fault::usage));
    }
    CHECK_THROWS_MATCHES(packager::read_plan_source(folder / "none.gguf", ""), manifests::Error,
                         faults_with(Fault::io));
    for (const char* map : {R"({})", R"({"weight_map":[]})", R"({"weight_map":{"a":1}})",
                            R"({"weight_map":{"a":"../model.safetensors"}})", "x"}) {
        CAPTURE(map);
        tests::write_file(folder / "shards/model.safetensors.index.json", map);
        CHECK_THROWS_MATCHES(packager::read_plan_source(folder / "shards", ""), manifests::Error,
                             faults_with(Fault::damaged));
    }
}
