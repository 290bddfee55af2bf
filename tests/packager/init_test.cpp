#include "packager/init.hpp"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "packager/build.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Code;
using manifests::Fault;
using manifests::Recipe;
using manifests::Role;
using packager::InitRequest;
using packager::InitResult;
using tests::faults_with;
using tests::TempDir;
using tests::write_file;

namespace {

InitRequest request(const std::string& folder) {
    InitRequest request;
    request.folder = folder;
    request.profile = manifests::Profile::parse(tests::sample_profile());
    request.profile.kernels.names = {"best.so", "good.so"};
    request.profile.kernels.features = {"avx2"};
    request.profile_spelling = "any-machine";
    return request;
}

Recipe recipe_of(const std::string& folder) {
    return Recipe::parse(packager::init(request(folder)).text);
}

std::vector<std::string> paths_of(const Recipe& recipe, Role role) {
    std::vector<std::string> paths;
    for (const auto& file : recipe.files) {
        if (file.role == role) paths.push_back(file.path.text());
    }
    return paths;
}

using Paths = std::vector<std::string>;

std::string launch(const std::string& argument) {
    return R"({"entrypoint":"engine/server","arguments":[")" + argument +
           R"("], /* why */ "port":8080,"ready":{"health_path":"/health"}})";
}

// A folder with a model, two kernels and an engine of a program and a library.
void fill(const TempDir& folder) {
    write_file(folder / "weights/model.gguf", "GGUF");
    for (const char* kernel : {"best.so", "good.so", "other.so"})
        write_file(folder / "kernels" + "/" + kernel, tests::make_elf({}).bytes);
    tests::ElfImage program;
    program.interpreter = "/lib64/ld-linux-x86-64.so.2";
    write_file(folder / "engine/server", tests::make_elf(program).bytes);
    tests::ElfImage library;
    library.soname = "libbase.so";
    write_file(folder / "engine/libbase.so", tests::make_elf(library).bytes);
    write_file(folder / "config/a.json", "{}");
}

} // namespace

TEST_CASE("a Hugging Face folder becomes a recipe with what its config.json says", "[packager][init]") {
    const TempDir folder;
    for (const char* name :
         {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "README.md", "LICENSE",
          "tokenizer.json", "tokenizer.model", "generation_config.json", "modeling_x.py", "merges.txt",
          "model.safetensors.index.json", "chat_template.jinja"})
        write_file(folder / ("weights/" + std::string(name)), name);
    write_file(
        folder / "weights/config.json",
        R"({"architectures":["DeepseekV3ForCausalLM"],"model_type":"deepseek_v3","torch_dtype":"bfloat16","rope_theta":10000.0})");
    const Recipe recipe = recipe_of(folder.path());
    CHECK(recipe.model.architecture == "DeepseekV3ForCausalLM");
    CHECK(recipe.model.family == "deepseek_v3");
    CHECK(recipe.model.precision == "bfloat16");
    CHECK(recipe.model.format == "safetensors");
    CHECK(paths_of(recipe, Role::weights) ==
          Paths{"weights/model-00001-of-00002.safetensors", "weights/model-00002-of-00002.safetensors"});
    CHECK(paths_of(recipe, Role::doc) == Paths{"weights/LICENSE", "weights/README.md"});
    CHECK(paths_of(recipe, Role::model_config).size() == 8);
    CHECK_FALSE(recipe.runtime);
    CHECK(recipe.version == "0.1.0");
}

TEST_CASE("a folder with kernels and an engine becomes a recipe that builds", "[packager][init]") {
    const TempDir folder;
    fill(folder);
    const InitResult result = packager::init(request(folder.path()));
    const Recipe recipe = Recipe::parse(result.text);
    CHECK(result.files == 5);
    CHECK(result.left_out == Paths{"kernels/good.so", "kernels/other.so"});
    CHECK(paths_of(recipe, Role::kernel) == Paths{"kernels/best.so"});
    REQUIRE(recipe.kernels.size() == 1);
    CHECK(recipe.kernels[0].requires_features.empty()); // its bytes do not say, so nobody claims
    REQUIRE(recipe.kernels[0].fits.size() == 1);        // the library, not the program
    CHECK(recipe.kernels[0].fits[0].text() == "engine/libbase.so");
    CHECK(recipe.model.format == "gguf");
    // An engine without launch.json, no config.json, no licences: three things for a person to say.
    CHECK(result.to_do.size() == 3);
}

TEST_CASE("the second best kernel is taken when the best is not there", "[packager][init]") {
    const TempDir folder;
    fill(folder);
    std::filesystem::remove(folder / "kernels/best.so");
    const Recipe recipe = recipe_of(folder.path());
    CHECK(paths_of(recipe, Role::kernel) == Paths{"kernels/good.so"});
    CHECK(recipe.kernels[0].requires_features.empty());
    std::filesystem::remove(folder / "kernels/good.so");
    CHECK_THROWS_MATCHES(packager::init(request(folder.path())), manifests::Error,
                         faults_with(Fault::refused, Code::fit_kernel));
}

TEST_CASE("launch.json becomes the runtime section, its stars the one file", "[packager][init]") {
    const auto [argument, wanted] = GENERATE(table<std::string, std::string>({
        {"{fd:weights/*}", "{fd:weights/model.gguf}"},
        {"--kernel={file:kernels/*}", "--kernel={file:kernels/best.so}"},
        {"{fd:weights/*}@{offset:weights/*}", "{fd:weights/model.gguf}@{offset:weights/model.gguf}"},
        {"{file:config/*}", "{file:config/a.json}"},
        {"{file:engine/libbase.so}", "{file:engine/libbase.so}"},
        {"a/*", "a/*"},
    }));
    CAPTURE(argument);
    const TempDir folder;
    fill(folder);
    write_file(folder / "weights/config.json", "{}"); // does not count as weights
    write_file(folder / "weights/README.md", "");
    write_file(folder / "engine/launch.json", launch(argument));
    const Recipe recipe = recipe_of(folder.path());
    REQUIRE(recipe.runtime);
    CHECK(recipe.runtime->arguments == Paths{wanted});
    CHECK(recipe.runtime->ready.timeout_s == 60);
    CHECK(paths_of(recipe, Role::engine) == Paths{"engine/libbase.so", "engine/server"});
}

TEST_CASE("a launch.json that is wrong is refused with its path", "[packager][init]") {
    const std::string text = GENERATE(
        as<std::string>(), "", "{}", "[]", launch("{file:engine/*}"), launch("{file:docs/*}"),
        launch("{file:nowhere/*}"), launch("{host}"), launch("{port"), launch("{file:../*}"),
        R"({"entrypoint":"engine/server","arguments":[],"port":70000,"ready":{"health_path":"/"}})",
        R"({"entrypoint":"engine/server","arguments":[],"port":1,"ready":{"health_path":"/"},"extra":1})");
    CAPTURE(text);
    const TempDir folder;
    fill(folder);
    write_file(folder / "engine/launch.json", text);
    try {
        packager::init(request(folder.path()));
        FAIL("accepted");
    } catch (const manifests::Error& error) {
        CHECK(error.fault() == Fault::usage);
        CHECK_THAT(error.what(), Catch::Contains("engine/launch.json"));
    }
}

TEST_CASE("a folder without weights is refused", "[packager][init]") {
    const TempDir folder;
    const auto refused = [&] {
        CHECK_THROWS_MATCHES(packager::init(request(folder.path())), manifests::Error,
                             faults_with(Fault::usage));
    };
    refused();
    write_file(folder / "engine/server", "x");
    write_file(folder / "weights/config.json", "{}");
    write_file(folder / "weights/README.md", "");
    write_file(folder / "model.gguf", "in the wrong place");
    refused();
    CHECK_THROWS_MATCHES(packager::init(request(folder / "gone")), manifests::Error,
                         faults_with(Fault::usage));
    CHECK_THROWS_MATCHES(packager::init(request(folder / "model.gguf")), manifests::Error,
                         faults_with(Fault::usage));
}

TEST_CASE("a link to a file is that file, a link to a folder is refused", "[packager][init]") {
    const TempDir folder, cache;
    write_file(cache / "blobs/0a1b", "GGUF");
    std::filesystem::create_directories(folder / "weights");
    std::filesystem::create_symlink(cache / "blobs/0a1b", folder / "weights/model.gguf");
    CHECK(paths_of(recipe_of(folder.path()), Role::weights) == Paths{"weights/model.gguf"});
    SECTION("to a folder elsewhere") {
        std::filesystem::create_symlink(cache / "blobs", folder / "weights/more");
    }
    SECTION("to its own folder") {
        std::filesystem::create_symlink(".", folder / "weights/more");
    }
    SECTION("to nothing") {
        std::filesystem::create_symlink("gone", folder / "weights/more");
    }
    SECTION("a pipe") {
        REQUIRE(::mkfifo((folder / "weights/more").c_str(), 0600) == 0);
    }
    CHECK_THROWS_MATCHES(packager::init(request(folder.path())), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("hidden files stay out and are listed", "[packager][init]") {
    const TempDir folder;
    fill(folder);
    for (const char* path : {"weights/.gitattributes", "weights/.cache/huggingface/x.lock", "docs/.DS_Store"})
        write_file(folder / path, "x");
    const InitResult result = packager::init(request(folder.path()));
    CHECK(result.files == 5);
    CHECK(result.left_out == Paths{"docs/.DS_Store", "kernels/good.so", "kernels/other.so",
                                   "weights/.cache/huggingface/x.lock", "weights/.gitattributes"});
}

TEST_CASE("a file whose name no bundle can have is refused", "[packager][init]") {
    const std::string name =
        GENERATE(as<std::string>(), "a\nb", "a\\b", "ends with a dot.", "\xff", "a\x1b[2J");
    const TempDir folder;
    write_file(folder / "weights/model.gguf", "x");
    write_file(folder / ("weights/" + name), "x");
    CHECK_THROWS_MATCHES(packager::init(request(folder.path())), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("a bundle is named after its folder, made clean", "[packager][init]") {
    const auto [folder_name, wanted] = GENERATE(table<std::string, std::string>({
        {"model", "model"},
        {"DeepSeek-V3.1", "deepseek-v3.1"},
        {"My Model (1)", "mymodel1"},
        {"--x", "x"},
        {"...", "model"},
        {"\u6a21\u578b", "model"},
        {"_a_b", "a_b"},
    }));
    const TempDir folder;
    write_file(folder / folder_name + "/weights/m", "x");
    CHECK(recipe_of(folder / folder_name).name == wanted);
    CHECK(recipe_of(folder / folder_name + "/").name == wanted);
    CHECK(recipe_of(folder / folder_name + "/weights/..").name == wanted);
}

TEST_CASE("a name or version that no bundle can have is refused", "[packager][init]") {
    const auto [name, version] = GENERATE(table<std::string, std::string>(
        {{"My Model", ""}, {"-x", ""}, {"a/b", ""}, {"Upper", ""}, {"", "1 0"}, {"", "v/1"}, {"", "\n"}}));
    const TempDir folder;
    write_file(folder / "weights/m", "x");
    InitRequest asked = request(folder.path());
    asked.name = name;
    asked.version = version;
    CHECK_THROWS_MATCHES(packager::init(asked), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("licences go to the model, to roles and to paths", "[packager][init]") {
    const TempDir folder;
    fill(folder);
    InitRequest asked = request(folder.path());
    asked.licenses = {{"model", "MIT"}, {"engine", "Apache-2.0"}, {"config/a.json", "CC0-1.0"}};
    const Recipe recipe = Recipe::parse(packager::init(asked).text);
    CHECK(recipe.model.licenses == Paths{"MIT"});
    CHECK(recipe.licenses == std::map<std::string, std::string>{
                                 {"weights", "MIT"}, {"engine", "Apache-2.0"}, {"config/a.json", "CC0-1.0"}});
}

TEST_CASE("a config.json that is no JSON is refused, one that says little is taken", "[packager][init]") {
    const TempDir folder;
    write_file(folder / "weights/m.safetensors", "x");
    for (const char* text : {"{}", "[]", "1", R"({"architectures":[]})",
                             R"({"architectures":[1],"model_type":2})", R"({"torch_dtype":null})"}) {
        write_file(folder / "weights/config.json", text);
        CHECK(recipe_of(folder.path()).model.architecture.empty());
    }
    for (const char* text : {"", "{", "not json"}) {
        write_file(folder / "weights/config.json", text);
        CHECK_THROWS_MATCHES(packager::init(request(folder.path())), manifests::Error,
                             faults_with(Fault::usage));
    }
}

TEST_CASE("the order in which a folder was filled does not show", "[packager][init]") {
    const TempDir one, other;
    for (const char* path : {"weights/a", "weights/b", "docs/c"})
        write_file(one / "x" + "/" + path, "x");
    for (const char* path : {"docs/c", "weights/b", "weights/a"})
        write_file(other / "x" + "/" + path, "x");
    CHECK(packager::init(request(one / "x")).text == packager::init(request(other / "x")).text);
}
