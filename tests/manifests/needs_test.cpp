#include "manifests/needs.hpp"

#include <limits>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using manifests::Fault;
using manifests::Json;
using manifests::MemoryNeed;
using manifests::Needs;
using manifests::OrderedJson;
using manifests::write_json;
using manifests::write_needs;
using tests::faults_with;

namespace {

using Change = void (*)(Json&);

Needs sample() {
    return {.architecture = "aarch64",
            .abi = {{"CXXABI", "1.3.9"}, {"GLIBC", "2.34"}, {"GLIBCXX", "3.4.30"}},
            .engine = {"vllm-ascend", "0.23.0"},
            .tensor_types = {"BF16", "F32", "I8"},
            .memory = MemoryNeed{.tensor_parallel = 8,
                                 .pipeline_parallel = 2,
                                 .data_parallel = 3,
                                 .context_tokens = 32768,
                                 .sequences = 16,
                                 .weight_bytes = 1000,
                                 .cache_bytes = 200,
                                 .overhead_bytes = 50,
                                 .utilisation_percent = 90}};
}

// As a document brings it.
Needs read_needs(const Json& value) {
    return manifests::read_needs(manifests::read_json(value.dump()));
}

Json sample_json() {
    return Json(write_needs(sample()));
}

} // namespace

TEST_CASE("needs are read as they were written", "[manifests][needs]") {
    const Needs needs = sample();
    CHECK(read_needs(sample_json()) == needs);
    CHECK(write_json(write_needs(needs)) ==
          R"({"architecture":"aarch64","abi":[{"name":"CXXABI","version":"1.3.9"},)"
          R"({"name":"GLIBC","version":"2.34"},{"name":"GLIBCXX","version":"3.4.30"}],)"
          R"("engine":{"name":"vllm-ascend","version":"0.23.0"},"tensor_types":["BF16","F32","I8"],)"
          R"("memory":{"tensor_parallel":8,"pipeline_parallel":2,"data_parallel":3,"context_tokens":32768,)"
          R"("sequences":16,"weight_bytes":1000,"cache_bytes":200,"overhead_bytes":50,)"
          R"("utilisation_percent":90}})");
}

TEST_CASE("what is not needed is not said", "[manifests][needs]") {
    CHECK(write_json(write_needs({})) == "{}");
    CHECK(Needs{}.empty());
    for (const char* member : {"architecture", "abi", "engine", "tensor_types", "memory"}) {
        CAPTURE(member);
        Json value = sample_json();
        value.erase(member);
        const Needs needs = read_needs(value);
        CHECK_FALSE(Json(write_needs(needs)).contains(member));
        const Json alone = {{member, sample_json()[member]}};
        CHECK(Json(write_needs(read_needs(alone))) == alone);
    }
}

TEST_CASE("needs with one defect are refused", "[manifests][needs]") {
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"nothing", [](Json& v) { v = Json::object(); }},
        {"a list", [](Json& v) { v = Json::array(); }},
        {"unknown member", [](Json& v) { v["chip"] = "x"; }},
        {"architecture as a number", [](Json& v) { v["architecture"] = 64; }},
        {"ABI of another library", [](Json& v) { v["abi"][0]["name"] = "MUSL"; }},
        {"ABI in small letters", [](Json& v) { v["abi"][1]["name"] = "glibc"; }},
        {"ABI without a version", [](Json& v) { v["abi"][1].erase("version"); }},
        {"ABI with an empty version", [](Json& v) { v["abi"][1]["version"] = ""; }},
        {"ABI with its name in the version", [](Json& v) { v["abi"][1]["version"] = "GLIBC_2.34"; }},
        {"ABI version of 33 digits", [](Json& v) { v["abi"][1]["version"] = std::string(33, '1'); }},
        {"ABI version as a number", [](Json& v) { v["abi"][1]["version"] = 2; }},
        {"unknown member of an ABI", [](Json& v) { v["abi"][1]["path"] = "/lib"; }},
        {"ABI out of order", [](Json& v) { std::swap(v["abi"][0], v["abi"][1]); }},
        {"ABI twice", [](Json& v) { v["abi"][0] = v["abi"][1]; }},
        {"engine as a text", [](Json& v) { v["engine"] = "vllm"; }},
        {"engine without a name", [](Json& v) { v["engine"].erase("name"); }},
        {"engine with an empty name", [](Json& v) { v["engine"]["name"] = ""; }},
        {"engine without a version", [](Json& v) { v["engine"].erase("version"); }},
        {"unknown member of the engine", [](Json& v) { v["engine"]["path"] = "x"; }},
        {"types out of order", [](Json& v) { v["tensor_types"] = {"F32", "BF16"}; }},
        {"a type twice", [](Json& v) { v["tensor_types"] = {"BF16", "BF16"}; }},
        {"a type that is a number", [](Json& v) { v["tensor_types"] = {16}; }},
        {"memory as a number", [](Json& v) { v["memory"] = 64; }},
        {"unknown member of memory", [](Json& v) { v["memory"]["expert_parallel"] = 8; }},
        {"memory without sequences", [](Json& v) { v["memory"].erase("sequences"); }},
        {"memory without weights", [](Json& v) { v["memory"].erase("weight_bytes"); }},
        {"no tensor-parallel device", [](Json& v) { v["memory"]["tensor_parallel"] = 0; }},
        {"no stage", [](Json& v) { v["memory"]["pipeline_parallel"] = 0; }},
        {"no copy", [](Json& v) { v["memory"]["data_parallel"] = 0; }},
        {"65537 devices", [](Json& v) { v["memory"]["tensor_parallel"] = 65537; }},
        {"65538 devices by three factors",
         [](Json& v) {
             v["memory"]["tensor_parallel"] = 3;
             v["memory"]["pipeline_parallel"] = 2;
             v["memory"]["data_parallel"] = 10923;
         }},
        {"devices whose product is 2^48",
         [](Json& v) {
             for (const char* part : {"tensor_parallel", "pipeline_parallel", "data_parallel"})
                 v["memory"][part] = 65536;
         }},
        {"no sequence", [](Json& v) { v["memory"]["sequences"] = 0; }},
        {"2^20 + 1 sequences", [](Json& v) { v["memory"]["sequences"] = 1'048'577; }},
        {"weights over 2^50", [](Json& v) { v["memory"]["weight_bytes"] = (1ULL << 50) + 1; }},
        {"cache over 2^50", [](Json& v) { v["memory"]["cache_bytes"] = (1ULL << 50) + 1; }},
        {"overhead over 2^50", [](Json& v) { v["memory"]["overhead_bytes"] = (1ULL << 50) + 1; }},
        {"bytes below nothing", [](Json& v) { v["memory"]["cache_bytes"] = -1; }},
        {"a fraction of a byte", [](Json& v) { v["memory"]["cache_bytes"] = 0.5; }},
        {"0 percent", [](Json& v) { v["memory"]["utilisation_percent"] = 0; }},
        {"101 percent", [](Json& v) { v["memory"]["utilisation_percent"] = 101; }},
        {"context of 2^30 + 1", [](Json& v) { v["memory"]["context_tokens"] = (1ULL << 30) + 1; }},
        {"context of 2^63", [](Json& v) { v["memory"]["context_tokens"] = 1ULL << 63; }},
    }));
    CAPTURE(reason);
    Json value = sample_json();
    change(value);
    REQUIRE_THROWS_MATCHES(read_needs(value), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("the largest needs that are believed are read", "[manifests][needs]") {
    Json value = sample_json();
    value["memory"] = {
        {"tensor_parallel", 65536},     {"pipeline_parallel", 1},       {"data_parallel", 1},
        {"context_tokens", 1ULL << 30}, {"sequences", 1'048'576},       {"weight_bytes", 1ULL << 50},
        {"cache_bytes", 1ULL << 50},    {"overhead_bytes", 1ULL << 50}, {"utilisation_percent", 100}};
    const Needs needs = read_needs(value);
    CHECK(needs.memory->devices() == 65536);
    CHECK(needs.memory->least_device_bytes() == 3ULL << 50);
}

TEST_CASE("a device has to have what is used and what the engine may not take", "[manifests][needs]") {
    const auto [used, percent, wanted] = GENERATE(table<std::uint64_t, std::uint64_t, std::uint64_t>(
        {{0, 90, 0}, {1, 100, 1}, {1, 90, 2}, {9, 90, 10}, {10, 90, 12}, {1, 1, 100}, {99, 50, 198}}));
    CAPTURE(used, percent);
    MemoryNeed need;
    need.weight_bytes = used;
    need.utilisation_percent = percent;
    CHECK(need.least_device_bytes() == wanted);
    need.utilisation_percent = 0; // of a value that nobody checked
    CHECK(need.least_device_bytes() == std::numeric_limits<std::uint64_t>::max());
}
