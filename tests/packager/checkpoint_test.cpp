#include "packager/checkpoint.hpp"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "packager/model_check.hpp"
#include "packager/model_source.hpp"
#include "packager/shard_index.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/model_configs.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/weight_files.hpp"

using manifests::Code;
using manifests::Fault;
using packager::Checkpoint;
using packager::ShardIndex;
using tests::faults_with;
using tests::GgufWriter;
using tests::make_safetensors;
using tests::TempDir;
using tests::write_file;

namespace {

// A model of two tensors in two files with their index, and the places to put a lie.
struct Sharded {
    TempDir folder;
    nlohmann::json index = {
        {"metadata", {{"total_size", 24}}},
        {"weight_map",
         {{"a", "model-00001-of-00002.safetensors"}, {"b", "model-00002-of-00002.safetensors"}}}};

    Sharded() {
        put(1, {{"a", "F32", {2}, std::string(8, 'a')}});
        put(2, {{"b", "F32", {4}, std::string(16, 'b')}});
    }
    void put(int number, const std::vector<tests::WeightTensor>& tensors) {
        write_file(folder / part(number), make_safetensors(tensors));
    }
    static std::string part(int number) {
        return "model-0000" + std::to_string(number) + "-of-00002.safetensors";
    }
    Checkpoint read() {
        if (!index.is_null()) write_file(folder / "model.safetensors.index.json", index.dump());
        return packager::read_checkpoint(packager::model_files_in(folder.path()));
    }
};

GgufWriter& count16(GgufWriter& file, const char* key, std::uint64_t value) {
    return file.text(key).number(2, 4).number(value, 2);
}

// Part `number`, from 1 on, of a GGUF model that says it has `count` parts and `tensors` tensors.
std::string gguf_part(std::uint64_t number, std::uint64_t count, std::uint64_t tensors,
                      const std::string& tensor) {
    GgufWriter file;
    file.start(1, 3);
    count16(count16(file, "split.no", number - 1), "split.count", count);
    file.text("split.tensors.count").number(5, 4).number(tensors, 4);
    return file.tensor(tensor, {4}, 0, 0).pad(32).raw(std::string(16, 'x')).pad(32).bytes;
}

struct Split {
    TempDir folder;
    Split() {
        put(1, gguf_part(1, 2, 2, "a"));
        put(2, gguf_part(2, 2, 2, "b"));
    }
    void put(int number, const std::string& bytes) { write_file(folder / part(number), bytes); }
    static std::string part(int number) { return "m-0000" + std::to_string(number) + "-of-00002.gguf"; }
    Checkpoint read() const { return packager::read_checkpoint(packager::model_files_in(folder.path())); }
};

// The one finding there is.
manifests::Finding only(const Checkpoint& checkpoint) {
    REQUIRE(checkpoint.report.findings().size() == 1);
    return checkpoint.report.findings()[0];
}

} // namespace

TEST_CASE("a sharded model is one model", "[packager][model]") {
    Sharded model;
    write_file(model.folder / "config.json", tests::deepseek_v3_config);
    const Checkpoint checkpoint = model.read();
    CHECK(checkpoint.report.findings().empty());
    CHECK(checkpoint.format() == "safetensors");
    CHECK(checkpoint.tensors == 2);
    CHECK(checkpoint.tensor_bytes == 24);
    CHECK(checkpoint.types.at("F32").elements == 6);
    CHECK(checkpoint.shape.layers == 61);
    CHECK(checkpoint.shape_source == "config.json");
    REQUIRE(checkpoint.parameters);
    CHECK(checkpoint.parameters->total == 671'026'419'200);
    CHECK(checkpoint.parameters_source == "config.json");
    CHECK(checkpoint.code_source == "config.json");
}

TEST_CASE("parts and index that do not belong together are refused", "[packager][model]") {
    Sharded model;
    std::string where = "model.safetensors.index.json";
    SECTION("a part is missing") {
        std::filesystem::remove(model.folder / Sharded::part(2));
    }
    SECTION("a tensor too many") {
        model.put(2, {{"b", "F32", {4}, std::string(16, 'b')}, {"c", "F32", {0}, ""}});
        where = Sharded::part(2);
    }
    SECTION("a tensor too few") {
        model.index["weight_map"]["c"] = Sharded::part(2);
        where = Sharded::part(2);
    }
    SECTION("another sum") {
        model.index["metadata"]["total_size"] = 25;
    }
    SECTION("a path that leads elsewhere") {
        model.index["weight_map"]["b"] = "../b.safetensors";
    }
    SECTION("a folder for a name") {
        model.index["weight_map"]["b"] = "..";
    }
    SECTION("a number for a name") {
        model.index["weight_map"]["b"] = 2;
    }
    SECTION("no map") {
        model.index.erase("weight_map");
    }
    SECTION("a list for the map") {
        model.index["weight_map"] = nlohmann::json::array();
    }
    SECTION("a negative sum") {
        model.index["metadata"]["total_size"] = -1;
    }
    SECTION("a part that the index does not name") {
        write_file(model.folder / "model-00003-of-00003.safetensors", make_safetensors({}));
        where = "model-00003-of-00003.safetensors";
    }
    const Checkpoint checkpoint = model.read();
    const auto& findings = checkpoint.report.findings();
    REQUIRE_FALSE(findings.empty());
    CHECK(std::any_of(findings.begin(), findings.end(), [&](const manifests::Finding& one) {
        return one.code == Code::model_shards && one.where == where && !one.hint.empty();
    }));
    CHECK(std::all_of(findings.begin(), findings.end(),
                      [&](const manifests::Finding& one) { return one.code == Code::model_shards; }));
}

TEST_CASE("a tensor that the index names twice is refused", "[packager][model]") {
    Sharded model;
    model.index = nullptr;
    write_file(model.folder / "model.safetensors.index.json", R"({"weight_map":{"a":"x","a":"y"}})");
    CHECK(model.read().report.has(Code::model_shards));
}

TEST_CASE("parts without an index count themselves", "[packager][model]") {
    Sharded model;
    model.index = nullptr;
    REQUIRE(model.read().report.findings().empty());
    SECTION("one is missing") {
        std::filesystem::remove(model.folder / Sharded::part(1));
        const manifests::Finding found = only(model.read());
        CHECK(found.code == Code::model_shards);
        CHECK_THAT(found.text, Catch::Contains(Sharded::part(1)));
    }
    SECTION("a tensor is in both") {
        model.put(1, {{"b", "F32", {4}, std::string(16, 'b')}});
        CHECK_THAT(only(model.read()).text, Catch::Contains("'b' is in another part too"));
    }
    SECTION("one is beyond their count") {
        write_file(model.folder / "model-00003-of-00002.safetensors", make_safetensors({}));
        CHECK_THAT(only(model.read()).text, Catch::Contains("part 3 of 2"));
    }
}

TEST_CASE("a broken part is said once, and nothing else because of it", "[packager][model]") {
    Sharded model;
    write_file(model.folder / Sharded::part(2), tests::safetensors_file("{}", "12345678"));
    const manifests::Finding found = only(model.read());
    CHECK(found.code == Code::model_format);
    CHECK(found.where == Sharded::part(2));
}

TEST_CASE("the parts of a GGUF model agree about themselves", "[packager][model]") {
    Split model;
    REQUIRE(model.read().report.findings().empty());
    CHECK(model.read().tensors == 2);
    SECTION("one is missing") {
        std::filesystem::remove(model.folder / Split::part(2));
    }
    SECTION("two have changed places") {
        model.put(1, gguf_part(2, 2, 2, "b"));
        model.put(2, gguf_part(1, 2, 2, "a"));
    }
    SECTION("another count in the name") {
        model.put(2, gguf_part(2, 3, 2, "b"));
    }
    SECTION("another sum of tensors") {
        model.put(1, gguf_part(1, 2, 3, "a"));
    }
    SECTION("a tensor in both") {
        model.put(2, gguf_part(2, 2, 2, "a"));
    }
    SECTION("a part under a name of its own") {
        write_file(model.folder / "x.gguf", gguf_part(1, 2, 2, "a"));
    }
    SECTION("no count at all") {
        model.put(2, tests::make_gguf({{"b", "0", {4}, std::string(16, 'x')}}));
    }
    const Checkpoint checkpoint = model.read();
    REQUIRE_FALSE(checkpoint.report.findings().empty());
    for (const manifests::Finding& one : checkpoint.report.findings())
        CHECK(one.code == Code::model_shards);
}

TEST_CASE("weights of another kind are let be, broken ones of a known kind are not", "[packager][model]") {
    const auto read = [](const std::string& name, const std::string& bytes) {
        TempDir folder;
        write_file(folder / name, bytes);
        return packager::read_checkpoint(packager::model_files_in(folder.path())).report;
    };
    CHECK(read("a.bin", "anything else at all").findings().empty());
    CHECK(read("a.bin", "").findings().empty());
    CHECK(read("a.bin", "12345678{").findings().empty()); // a length of 2^61
    CHECK(read("a.safetensors", "anything else at all").has(Code::model_format));
    CHECK(read("a.safetensors", "").has(Code::model_format));
    CHECK(read("a.gguf", "").has(Code::model_format));
    CHECK(read("a.bin", "GGUF and no more").has(Code::model_format));
    CHECK(read("a.bin", tests::safetensors_file("{}", "behind")).has(Code::model_format));
    CHECK(read("config.json", R"({"num_hidden_layers":-1})").has(Code::model_format));
    CHECK(read("quant_model_description.json", "{").has(Code::model_format));
}

TEST_CASE("parameters are counted from tensors where no config.json tells", "[packager][model]") {
    TempDir folder;
    write_file(folder / "config.json", R"({"model_type":"of tomorrow","num_hidden_layers":1,"num_experts":4,
        "num_experts_per_tok":1})");
    write_file(folder / "a.safetensors",
               make_safetensors(
                   {{"model.embed_tokens.weight", "U8", {0}, ""},
                    {"model.layers.0.mlp.experts.0.up_proj.weight", "F8_E4M3", {8}, std::string(8, 'e')},
                    {"model.layers.0.self_attn.q_proj.weight", "F8_E4M3", {3}, "qqq"},
                    {"lm_head.weight", "F8_E4M3", {2}, "hh"}}));
    CHECK_FALSE(
        packager::read_checkpoint(packager::model_files_in(folder.path())).parameters); // U8 is packed
    write_file(folder / "a.safetensors",
               make_safetensors(
                   {{"model.embed_tokens.weight", "F8_E4M3", {5}, "vvvvv"},
                    {"model.layers.0.mlp.experts.0.up_proj.weight", "F8_E4M3", {8}, std::string(8, 'e')},
                    {"model.layers.0.mlp.experts.0.up_proj.weight_scale_inv", "F32", {1}, "ssss"},
                    {"model.layers.0.self_attn.q_proj.weight", "F8_E4M3", {3}, "qqq"},
                    {"lm_head.weight", "F8_E4M3", {2}, "hh"}}));
    const Checkpoint checkpoint = packager::read_checkpoint(packager::model_files_in(folder.path()));
    REQUIRE(checkpoint.parameters);
    CHECK(checkpoint.parameters_source == "tensors");
    CHECK(checkpoint.parameters->total == 18); // the scale is none
    CHECK(checkpoint.parameters->active == 18 - 5 - 6);
}

TEST_CASE("names of parts are read, and nothing else is taken for one", "[packager][model]") {
    const auto shard = packager::parse_shard_name("model-v2-00002-of-00163.safetensors");
    REQUIRE(shard);
    CHECK(shard->front == "model-v2");
    CHECK(shard->number == 2);
    CHECK(shard->count == 163);
    CHECK(packager::part_name(*shard, 7) == "model-v2-00007-of-00163.safetensors");
    const auto published = packager::parse_shard_name("model-00001-of-000163.safetensors");
    REQUIRE(published);
    CHECK(packager::part_name(*published, 163) == "model-00163-of-000163.safetensors");
    for (const char* name : {"", "model.gguf", "-of-", "model-00001-of-.gguf", "model-1-of-2.gguf",
                             "model-00000-of-00002.gguf", "model-0000x-of-00002.gguf", "00001-of-00002.gguf",
                             "model-00001-of-00002", "model-9999999999-of-9999999999.gguf"})
        CHECK_FALSE(packager::parse_shard_name(name));
}

TEST_CASE("a file with a number beyond its count is read by itself", "[packager][model]") {
    TempDir folder;
    const std::string name = "m-00012-of-00010.gguf";
    write_file(folder / name, gguf_part(1, 1, 1, "a"));
    const std::vector<packager::ModelFile> files = packager::model_files_beside(folder / name);
    REQUIRE(files.size() == 1);
    CHECK(files[0].path == name);
    CHECK_FALSE(packager::read_checkpoint(files).report.passed());
    REQUIRE_THROWS_MATCHES(packager::model_files_beside(folder / "m-00001-of-00002.gguf"), manifests::Error,
                           faults_with(Fault::io));
}

TEST_CASE("a configuration beside the model's can name code too", "[packager][model]") {
    const std::string name = GENERATE(as<std::string>{}, "tokenizer_config.json", "processor_config.json",
                                      "preprocessor_config.json", "video_preprocessor_config.json");
    const std::string member = GENERATE(as<std::string>{}, "auto_map", "auto\\u005fmap");
    TempDir folder;
    write_file(folder / "config.json", R"({"model_type":"llama"})");
    write_file(folder / name, "{\"" + member + "\":{\"AutoTokenizer\":[\"tokens.Mine\",null]}}");
    const Checkpoint checkpoint = packager::read_checkpoint(packager::model_files_in(folder.path()));
    CHECK(checkpoint.report.passed());
    CHECK(checkpoint.code_source == name);
}

TEST_CASE("parameters are written as model cards write them", "[packager][model]") {
    CHECK(packager::parameters_text(671'026'419'200) == "671B");
    CHECK(packager::parameters_text(36'625'756'672) == "36.6B");
    CHECK(packager::parameters_text(99'960'000) == "100M");
    CHECK(packager::parameters_text(1'149'999) == "1.1M");
    CHECK(packager::parameters_text(999) == "999");
}
