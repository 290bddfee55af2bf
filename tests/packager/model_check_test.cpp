#include "packager/model_check.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/model_configs.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/weight_files.hpp"

using manifests::BundlePath;
using manifests::Code;
using manifests::Fault;
using manifests::Role;
using manifests::Severity;
using packager::ModelCheck;
using packager::RiskReasons;
using tests::faults_with;
using tests::TempDir;
using tests::write_file;

namespace {

struct Files {
    TempDir folder;
    std::vector<manifests::RecipeFile> list;

    void add(const std::string& path, Role role, const std::string& bytes) {
        write_file(folder / path, bytes);
        list.push_back({BundlePath::parse(path), role, path, std::nullopt});
    }
    ModelCheck check(const RiskReasons& reasons = {}) const {
        const packager::Inputs inputs = packager::look_at_inputs(list, folder.path());
        return packager::check_model(inputs, reasons);
    }
};

const std::string evil = "\x80\x02"
                         "cos\nsystem\nU\2id\x85R.";

} // namespace

TEST_CASE("a pickle is refused in every role", "[packager][model]") {
    const auto [role, path] = GENERATE(table<Role, std::string>({
        {Role::weights, "weights/model.bin"},
        {Role::model_config, "weights/tokenizer.json"},
        {Role::engine, "engine/cache.dat"},
        {Role::config, "config/a.txt"},
        {Role::doc, "docs/README.md"},
    }));
    Files files;
    files.add(path, role, evil);
    const ModelCheck check = files.check();
    REQUIRE(check.report.findings().size() == 1);
    const manifests::Finding& found = check.report.findings()[0];
    CHECK(found.code == Code::model_pickle);
    CHECK(found.where == path);
    CHECK(found.severity == Severity::refusal);
    CHECK_THAT(found.text, Catch::Contains("os.system"));
    CHECK_THAT(found.hint, Catch::Contains("--allow-pickle REASON"));
    CHECK(check.risks.empty());
}

TEST_CASE("a pickle that is let through is recorded with its reason", "[packager][model]") {
    Files files;
    files.add("weights/b.bin", Role::weights, evil);
    files.add("weights/a.pkl", Role::weights, "no pickle, but its name");
    files.add("weights/c.bin", Role::weights, "no pickle");
    const ModelCheck check = files.check({.pickle = "reviewed", .code = ""});
    CHECK(check.report.passed());
    CHECK(check.report.findings().size() == 2);
    CHECK(check.risks ==
          std::vector<manifests::AcceptedRisk>{{BundlePath::parse("weights/a.pkl"), "pickle", "reviewed"},
                                               {BundlePath::parse("weights/b.bin"), "pickle", "reviewed"}});
}

TEST_CASE("a reason is one line", "[packager][model]") {
    Files files;
    files.add("weights/c.bin", Role::weights, "no pickle");
    const std::string reason = GENERATE("two\nlines", "a\x1b[2J", std::string(1025, 'x'), "\xff");
    REQUIRE_THROWS_MATCHES(files.check({.pickle = reason, .code = ""}), manifests::Error,
                           faults_with(Fault::usage));
    REQUIRE_THROWS_MATCHES(files.check({.pickle = "", .code = reason}), manifests::Error,
                           faults_with(Fault::usage));
}

TEST_CASE("code of the model's own is noted, and recorded if there is a reason", "[packager][model]") {
    Files files;
    files.add("weights/config.json", Role::model_config, tests::deepseek_v3_config);
    files.add("weights/modeling_deepseek.py", Role::model_config, "import torch\n");
    files.add("engine/run.py", Role::engine, "import vllm\n");
    const ModelCheck noted = files.check();
    CHECK(noted.report.passed());
    REQUIRE(noted.report.findings().size() == 1);
    CHECK(noted.report.findings()[0].code == Code::model_code);
    CHECK(noted.report.findings()[0].where == "weights/modeling_deepseek.py");
    CHECK(noted.risks.empty());
    CHECK(files.check({.pickle = "", .code = "read"}).risks ==
          std::vector<manifests::AcceptedRisk>{
              {BundlePath::parse("weights/modeling_deepseek.py"), "code", "read"}});
}

TEST_CASE("code that only a tokenizer names is noted in any role", "[packager][model]") {
    Files files;
    files.add("weights/config.json", Role::model_config, R"({"model_type":"llama"})");
    files.add("weights/tokenizer_config.json", GENERATE(Role::model_config, Role::config),
              R"({"auto_map":{"AutoTokenizer":["tokens.Mine",null]}})");
    files.add("weights/tokens.py", Role::model_config, "import os\n");
    const ModelCheck noted = files.check();
    REQUIRE(noted.report.findings().size() == 1);
    CHECK(noted.report.findings()[0].code == Code::model_code);
    CHECK(noted.report.findings()[0].where == "weights/tokens.py");
}

TEST_CASE("weights that break the rules of their format are refused", "[packager][model]") {
    Files files;
    files.add("weights/a.gguf", Role::weights, "GGUF, and then nothing of the kind");
    files.add("weights/b.gguf", Role::weights, tests::make_plain_gguf("fine"));
    files.add("docs/c.gguf", Role::doc, "about GGUF");
    const ModelCheck check = files.check();
    REQUIRE(check.report.findings().size() == 1);
    CHECK(check.report.findings()[0].code == Code::model_format);
    CHECK(check.report.findings()[0].where == "weights/a.gguf");
}

TEST_CASE("what a recipe leaves open about the model is filled, and nothing else", "[packager][model]") {
    Files files;
    files.add("weights/config.json", Role::model_config, tests::deepseek_v3_config);
    files.add("weights/a.safetensors", Role::weights, tests::make_safetensors({{"a", "U8", {1}, "x"}}));
    const ModelCheck check = files.check();
    manifests::ModelFacts facts;
    facts.architecture = "as the recipe says";
    packager::fill_model_facts(facts, check.checkpoint);
    CHECK(facts.architecture == "as the recipe says");
    CHECK(facts.family == "deepseek_v3");
    CHECK(facts.format == "safetensors");
    CHECK(facts.parameters == "671B");
    CHECK(facts.precision == "bfloat16");
    CHECK(facts.quantization == "fp8");
    manifests::ModelFacts nothing;
    packager::fill_model_facts(nothing, {});
    CHECK(nothing.parameters.empty());
    packager::Checkpoint forged;
    forged.shape.model_type = "x\x1b[2J";
    packager::fill_model_facts(nothing, forged);
    CHECK(nothing.family.empty());
}
