#include "packager/reproduce.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "packager/build.hpp"
#include "packager/source_date.hpp"
#include "tests/packager/environment.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/weight_files.hpp"

using manifests::Fault;
using manifests::OrderedJson;
using packager::Difference;
using packager::Reproduction;
using tests::Environment;
using tests::TempDir;
using tests::write_file;

namespace {

// A bundle, and the inputs it was built from to be changed.
struct Built {
    TempDir folder;
    std::string inputs;
    std::string bundle;

    Built() : inputs(tests::write_sample_inputs(folder, {.bootable = false})), bundle(folder / "bundle") {
        write_file(weights(), tensors('a'));
        build();
    }
    std::string weights() const { return inputs + "/weights/model-00002.gguf"; }
    static std::string tensors(char fill) {
        return tests::make_safetensors({{"layers.2.w1", "U8", {1000}, std::string(1000, fill)},
                                        {"layers.3.w1", "U8", {90'000}, std::string(90'000, fill)}});
    }
    void build() const {
        packager::build({.recipe = inputs,
                         .output = bundle,
                         .form = packager::Form::file,
                         .profiles_folder = "",
                         .signing_key = nullptr,
                         .jobs = 1,
                         .on_start = {}});
    }
    template<typename Change>
    void change_recipe(Change change) const {
        OrderedJson recipe = OrderedJson::parse(tests::read_file(inputs + "/sealift.json"));
        change(recipe);
        write_file(inputs + "/sealift.json", recipe.dump());
    }
    Reproduction reproduce() const {
        return packager::reproduce(runtime::Bundle::open(bundle),
                                   {.inputs = inputs, .profiles_folder = "", .jobs = 2, .on_start = {}});
    }
};

std::string first(const Built& built) {
    const Reproduction result = built.reproduce();
    CHECK_FALSE(result.reproduced());
    REQUIRE_FALSE(result.differences.empty());
    return result.differences[0].text;
}

} // namespace

TEST_CASE("the inputs of a bundle reproduce it", "[packager][reproduce]") {
    const Built built;
    const Reproduction result = built.reproduce();
    CHECK(result.reproduced());
    CHECK(result.rebuilt == runtime::Bundle::open(built.bundle).digest());
    CHECK_FALSE(result.time_s);
}

TEST_CASE("time comes from the environment, else from the bundle", "[packager][reproduce]") {
    std::optional<Built> built;
    {
        const Environment time("SOURCE_DATE_EPOCH", "1800000000");
        built.emplace();
        CHECK(built->reproduce().reproduced());
        CHECK_FALSE(built->reproduce().time_is_from_bundle);
    }
    const Reproduction result = built->reproduce();
    CHECK(result.reproduced());
    CHECK(result.time_s == 1800000000);
    CHECK(result.time_is_from_bundle);
    const Environment other("SOURCE_DATE_EPOCH", "1800000001");
    const Reproduction wrong = built->reproduce();
    REQUIRE_FALSE(wrong.reproduced());
    CHECK(wrong.differences[0].kind == Difference::Kind::time);
    CHECK(wrong.differences[1].kind == Difference::Kind::bom);
    CHECK(wrong.differences[1].path == "hardware BOM"); // which the software BOM refers to
    CHECK(wrong.differences[1].pointer == "/metadata/timestamp");
}

TEST_CASE("a changed byte is named by its tensor", "[packager][reproduce]") {
    const Built built;
    const std::string before = tests::read_file(built.weights());
    const std::uint64_t data = before.size() - 91'000;
    tests::flip_bit(built.weights(), data + 1000 + 70'000);
    CHECK(first(built) == "weights/model-00002.gguf: tensor layers.3.w1 differs at byte " +
                              std::to_string((data + 71'000) / 1000) + "," +
                              std::to_string((data + 71'000) % 1000 + 1000).substr(1) +
                              " (byte 70,000 of the tensor)");
    const Reproduction result = built.reproduce();
    CHECK(result.differences[0].tensor == "layers.3.w1");
    CHECK(result.differences[0].byte_in_tensor == 70'000);
    CHECK(result.differences[0].byte_in_file == data + 71'000);
    CHECK(result.differences.back().kind == Difference::Kind::bom);
}

TEST_CASE("bytes of a bundle that was damaged are not reproduced", "[packager][reproduce]") {
    const Built built;
    const std::string bundle = tests::read_file(built.bundle);
    tests::flip_bit(built.bundle, bundle.rfind("aaaaaaaa"));
    const std::string text = first(built);
    CHECK(text.starts_with("weights/model-00002.gguf: tensor layers.3.w1 differs at byte "));
    CHECK(text.find("the bundle is damaged there") != std::string::npos);
}

TEST_CASE("a bundle whose chunk table was damaged is not reproduced", "[packager][reproduce]") {
    const Built built;
    write_file(built.inputs + "/weights/model-00001.gguf",
               tests::make_plain_gguf(tests::sample_bytes(1'200'000, 3)));
    built.build();
    CHECK(built.reproduce().reproduced());
    std::uint64_t table = 0;
    {
        const auto bundle = runtime::Bundle::open(built.bundle);
        const auto path = manifests::BundlePath::parse("weights/model-00001.gguf");
        table = bundle.locate(bundle.document().find(path)->chunk_table_reference(), "the table").offset;
    }
    tests::flip_bit(built.bundle, table);
    CHECK(first(built).starts_with("weights/model-00001.gguf: "));
}

TEST_CASE("the first difference is what a person would look at first", "[packager][reproduce]") {
    const Built built;
    write_file(built.inputs + "/docs/LICENSE", "Permission is granted to nobody.\n");
    CHECK(first(built) == "docs/LICENSE differs at byte 25");
    write_file(built.inputs + "/docs/LICENSE", "Permission is granted to everybody.\nAnd");
    CHECK(first(built).starts_with("docs/LICENSE has 39 bytes in the inputs and 36 in the bundle"));
    write_file(built.inputs + "/docs/NEWS", "new\n");
    built.change_recipe([](OrderedJson& recipe) {
        recipe["files"].push_back({{"path", "docs/NEWS"}, {"role", "doc"}});
    });
    CHECK(first(built) == "docs/NEWS is in the recipe and not in the bundle");
    OrderedJson profile = OrderedJson::parse(tests::sample_profile());
    profile["title"] = "Another title";
    write_file(built.inputs + "/profile.json", profile.dump());
    CHECK(first(built).find("/title is \"Another title\" in the inputs") != std::string::npos);
    built.change_recipe([](OrderedJson& recipe) { recipe["version"] = "2.0.0"; });
    CHECK(first(built) == "recipe: /version is \"2.0.0\" in the inputs and \"1.0.0\" in the bundle");
}

TEST_CASE("a profile of the same name with other bytes is the only difference", "[packager][reproduce]") {
    const Built built;
    write_file(built.inputs + "/profile.json", tests::sample_profile() + "\n");
    const Reproduction result = built.reproduce();
    CHECK_FALSE(result.reproduced());
    REQUIRE(result.differences.size() == 1);
    CHECK(result.differences[0].kind == Difference::Kind::profile);
    CHECK(result.rebuilt == runtime::Bundle::open(built.bundle).digest()); // with the carried one
}

TEST_CASE("a licence shows in the bill of materials alone", "[packager][reproduce]") {
    const Built built;
    built.change_recipe([](OrderedJson& recipe) { recipe["licenses"]["engine"] = "Apache-2.0"; });
    const Reproduction result = built.reproduce();
    REQUIRE_FALSE(result.differences.empty());
    CHECK(result.differences[0].kind == Difference::Kind::bom);
    CHECK(result.differences[0].pointer.find("licenses") != std::string::npos);
    for (const Difference& difference : result.differences)
        CHECK(difference.pointer != "/serialNumber");
}

TEST_CASE("many differences are counted behind the first ones", "[packager][reproduce]") {
    const Built built;
    built.change_recipe([&](OrderedJson& recipe) {
        for (int i = 0; i < 30; ++i) {
            const std::string path = "docs/more-" + std::to_string(i);
            write_file(built.inputs + "/" + path, path);
            recipe["files"].push_back({{"path", path}, {"role", "doc"}});
        }
    });
    const Reproduction result = built.reproduce();
    CHECK(result.differences.size() == 21);
    CHECK(result.more >= 9);
}

TEST_CASE("inputs that cannot be built are refused, or are no answer", "[packager][reproduce]") {
    const Built built;
    tests::ElfImage foreign;
    foreign.machine = tests::this_architecture() == "aarch64" ? 62 : 183;
    write_file(built.inputs + "/kernels/libkernel.so", tests::make_elf(foreign).bytes);
    const Reproduction result = built.reproduce();
    CHECK_FALSE(result.reproduced());
    CHECK_FALSE(result.report.passed());
    CHECK_FALSE(result.rebuilt);
    std::filesystem::remove(built.inputs + "/kernels/libkernel.so");
    REQUIRE_THROWS_MATCHES(built.reproduce(), manifests::Error, tests::faults_with(Fault::io));
    write_file(built.inputs + "/sealift.json", "{");
    REQUIRE_THROWS_MATCHES(built.reproduce(), manifests::Error, tests::faults_with(Fault::usage));
}

TEST_CASE("only a time that we would write is read back", "[packager][source_date]") {
    CHECK(packager::parse_rfc3339(packager::rfc3339(1800000000)) == 1800000000);
    CHECK(packager::parse_rfc3339("1970-01-01T00:00:00Z") == 0);
    for (const char* text : {"", "2026", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00+01:00",
                             "2026-1-1T00:00:00Z", "1969-12-31T23:59:59Z", "2026-01-01T00:00:00Z "}) {
        CAPTURE(text);
        CHECK_FALSE(packager::parse_rfc3339(text));
    }
}
