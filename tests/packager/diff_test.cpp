#include "packager/diff.hpp"

#include <filesystem>
#include <memory>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "packager/build.hpp"
#include "packager/countersign.hpp"
#include "packager/diff_output.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/weight_files.hpp"

using manifests::OrderedJson;
using packager::BundleDiff;
using packager::FileChange;
using tests::TempDir;
using tests::write_file;

namespace {

using Change = void (*)(OrderedJson& recipe, const std::string& inputs);

std::string weights(char fill) {
    return tests::make_safetensors({{"layers.3.w1", "U8", {90'000}, std::string(90'000, fill)}});
}

// The sample's inputs with one weight file that has a tensor in it.
std::string inputs_in(const TempDir& folder, Change change) {
    const std::string inputs = tests::write_sample_inputs(folder, {.bootable = false});
    write_file(inputs + "/weights/model-00001.gguf", weights('a'));
    OrderedJson recipe = OrderedJson::parse(tests::read_file(inputs + "/sealift.json"));
    change(recipe, inputs);
    write_file(inputs + "/sealift.json", recipe.dump());
    return inputs;
}

std::string build(const TempDir& folder, Change change) {
    const std::string output = folder / "bundle";
    const auto result = packager::build({.recipe = inputs_in(folder, change),
                                         .output = output,
                                         .form = packager::Form::file,
                                         .profiles_folder = "",
                                         .signing_key = nullptr,
                                         .jobs = 1,
                                         .on_start = {}});
    REQUIRE(result.report.passed());
    return output;
}

// With the bundles, into which a difference points.
struct Found : BundleDiff {
    std::shared_ptr<const runtime::Bundle> a, b;
};

Found diff(Change change) {
    const TempDir first, second;
    const auto open = [](const std::string& path) {
        return std::make_shared<const runtime::Bundle>(runtime::Bundle::open(path));
    };
    const auto a = open(build(first, [](OrderedJson&, const std::string&) {}));
    const auto b = open(build(second, change));
    return {
        packager::diff_bundles(*a, *b, {.content = packager::Content::compare, .jobs = 2, .on_start = {}}), a,
        b};
}

std::string rows_of(const BundleDiff& diff) {
    std::string text;
    packager::each_difference(diff,
                              [&](const std::vector<std::string>& cells, runtime::StreamedTable::Cells) {
                                  CHECK(cells.size() == 5);
                                  for (const std::string& cell : cells)
                                      text += cell + "|";
                                  text += "\n";
                              });
    return text;
}

} // namespace

TEST_CASE("the same inputs make bundles without a difference", "[packager][diff]") {
    const Found found = diff([](OrderedJson&, const std::string&) {});
    CHECK(found.same());
    CHECK(rows_of(found).empty());
    CHECK(packager::diff_json_report(found)["same"] == true);
}

TEST_CASE("a tensor that changed is named", "[packager][diff]") {
    const Found found = diff([](OrderedJson&, const std::string& inputs) {
        std::string bytes = weights('a');
        bytes[bytes.size() - 90'000 + 81'920] = 'b';
        write_file(inputs + "/weights/model-00001.gguf", bytes);
    });
    CHECK_FALSE(found.same());
    REQUIRE(found.files.size() == 1);
    CHECK(found.files[0].kind == FileChange::Kind::changed);
    REQUIRE(found.weights.size() == 1);
    REQUIRE(found.weights[0].changes.size() == 1);
    CHECK(found.weights[0].changes[0].before->name == "layers.3.w1");
    CHECK(found.weights[0].changes[0].at == 81'920);
    CHECK(rows_of(found).find("weights/model-00001.gguf: layers.3.w1") != std::string::npos);
    REQUIRE(found.documents.size() == 1);
    CHECK(found.documents[0].what == "software BOM");
    CHECK(found.identity.empty());
    CHECK(found.kernels.empty());
}

TEST_CASE("files that came, went, moved or changed their role are told apart", "[packager][diff]") {
    const Found found = diff([](OrderedJson& recipe, const std::string& inputs) {
        write_file(inputs + "/docs/NEWS", "something new\n");
        for (OrderedJson& file : recipe["files"]) {
            if (file["path"] == "docs/LICENSE")
                file = {{"path", "docs/LICENCE"}, {"role", "doc"}, {"source", "docs/LICENSE"}};
            if (file["path"] == "config/same_answer.json") file = {{"path", "docs/NEWS"}, {"role", "doc"}};
            if (file["path"] == "engine/libstub.so") file["mode"] = "0755";
        }
    });
    std::vector<std::string> kinds;
    for (const FileChange& change : found.files)
        kinds.push_back(std::string(name_of(change.kind)) + " " +
                        (change.before ? change.before->path.text() : change.after->path.text()));
    CHECK(kinds == std::vector<std::string>{"removed config/same_answer.json", "renamed docs/LICENSE",
                                            "changed engine/libstub.so", "added docs/NEWS"});
    CHECK(found.weights.empty());
}

TEST_CASE("of several equal files the first that went became the first that came", "[packager][diff]") {
    const Found found = diff([](OrderedJson& recipe, const std::string& inputs) {
        OrderedJson files = OrderedJson::array();
        for (OrderedJson& file : recipe["files"]) {
            if (file["path"] != "docs/LICENSE") files.push_back(file);
        }
        for (const char* path : {"docs/two", "docs/one"}) {
            std::filesystem::copy_file(inputs + "/docs/LICENSE", inputs + "/" + path);
            files.push_back({{"path", path}, {"role", "doc"}});
        }
        recipe["files"] = files;
    });
    REQUIRE(found.files.size() == 2);
    CHECK(found.files[0].kind == FileChange::Kind::renamed);
    CHECK(found.files[0].before->path.text() == "docs/LICENSE");
    CHECK(found.files[0].after->path.text() == "docs/one");
    CHECK(found.files[1].kind == FileChange::Kind::added);
    CHECK(found.files[1].before == nullptr);
    CHECK(found.files[1].after->path.text() == "docs/two");
}

TEST_CASE("keys of configuration, recipe facts and requirements are named by pointers", "[packager][diff]") {
    const Found found = diff([](OrderedJson& recipe, const std::string& inputs) {
        recipe["version"] = "1.1.0";
        recipe["kernels"] = OrderedJson::array({{{"path", "kernels/libkernel.so"}}});
        write_file(inputs + "/weights/tokenizer.json", R"({"tokens":["a","b","c"],"scale":0.5})");
        OrderedJson profile = OrderedJson::parse(tests::sample_profile());
        profile["title"] = "Another title";
        write_file(inputs + "/profile.json", profile.dump());
    });
    REQUIRE(found.identity.changes.size() == 1);
    CHECK(found.identity.changes[0].pointer == "/version");
    CHECK(found.identity.changes[0].after == "\"1.1.0\"");
    REQUIRE(found.config.size() == 1);
    CHECK(found.config[0].where == "weights/tokenizer.json");
    REQUIRE(found.config[0].changes.changes.size() == 2);
    CHECK(found.config[0].changes.changes[0].pointer == "/tokens/2");
    CHECK(found.config[0].changes.changes[1].pointer == "/scale");
    REQUIRE(found.requirements.changes.size() == 1);
    CHECK(found.requirements.changes[0].pointer == "/title");
    REQUIRE(found.kernels.size() == 1);
    CHECK(found.kernels[0].fits_a == std::vector<std::string>{"engine/libstub.so"});
    CHECK(found.kernels[0].fits_b.empty());
    CHECK(found.documents.size() == 3);
}

TEST_CASE("configuration that is no JSON has a reason in the place of keys", "[packager][diff]") {
    const Found found = diff([](OrderedJson&, const std::string& inputs) {
        write_file(inputs + "/weights/tokenizer.json", "{\"a\":1,\"a\":2}");
    });
    REQUIRE(found.config.size() == 1);
    CHECK(found.config[0].changes.empty());
    CHECK_FALSE(found.config[0].reason.empty());
}

TEST_CASE("another signature is a difference, although the digest is the same", "[packager][diff]") {
    const TempDir folder;
    const auto one = tests::make_sample(folder, {.signers = "a", .bootable = false, .output = "one"});
    const auto two = tests::make_sample(folder, {.signers = "ab", .bootable = false, .output = "two"});
    const auto a = runtime::Bundle::open(one.path);
    const auto b = runtime::Bundle::open(two.path);
    const BundleDiff found = packager::diff_bundles(a, b, {});
    CHECK(found.digest_a == found.digest_b);
    CHECK_FALSE(found.same());
    CHECK(found.signatures.a == std::vector{tests::sample_key('a').key_id()});
    CHECK(found.signatures.b.size() == 2);
    CHECK(rows_of(found).find("not checked") != std::string::npos);
    CHECK(packager::diff_json_report(found)["signatures"]["checked"] == false);
    CHECK(packager::diff_bundles(a, a, {}).same());
}
