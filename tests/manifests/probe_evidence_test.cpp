#include "manifests/probe_evidence.hpp"

#include <cstdio>
#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"

using manifests::Error;
using manifests::EvidenceFound;
using manifests::Json;
using manifests::parse_probe_evidence;

namespace {

Json sample() {
    return Json::parse(R"({"schema":"sealift.probe-evidence/1","tool":"npu-smi","version":"25.2.0",
        "devices":[{"address":"0000:01:00.0","model":"Ascend910B3","memory_bytes":68719476736,"devices":1},
                   {"address":"0000:02:00.0"}],
        "software":[{"kind":"driver","name":"Ascend HDK driver","version":"25.2.0"},
                    {"kind":"firmware","name":"Ascend HDK firmware","version":"7.7"}]})");
}

} // namespace

TEST_CASE("evidence is read with the digest of its bytes", "[manifests][probe_evidence]") {
    const std::string bytes = sample().dump(4) + "\n";
    const EvidenceFound evidence = parse_probe_evidence(bytes);
    CHECK(evidence.tool == "npu-smi");
    CHECK(evidence.digest == manifests::Digest::of(bytes).text());
    CHECK(evidence.devices.at(0).memory_bytes == 68719476736ULL);
    CHECK(evidence.devices.at(1).devices == 0);
    CHECK(evidence.software.at(1).path == "npu-smi");
    CHECK(parse_probe_evidence(R"({"tool":"x","schema":"sealift.probe-evidence/1"})").devices.empty());
}

TEST_CASE("what is no evidence is refused", "[manifests][probe_evidence]") {
    using Change = std::function<void(Json&)>;
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"another schema", [](Json& e) { e["schema"] = "sealift.probe-evidence/2"; }},
        {"no schema", [](Json& e) { e.erase("schema"); }},
        {"no tool", [](Json& e) { e.erase("tool"); }},
        {"a tool without a name", [](Json& e) { e["tool"] = ""; }},
        {"a tool that moves the cursor", [](Json& e) { e["tool"] = "a\x1b[2J"; }},
        {"a tool with a long name", [](Json& e) { e["tool"] = std::string(129, 'a'); }},
        {"an empty version", [](Json& e) { e["version"] = ""; }},
        {"an unknown member", [](Json& e) { e["host"] = "db1"; }},
        {"an unknown member of a device", [](Json& e) { e["devices"][0]["serial"] = "1"; }},
        {"an unknown member of software", [](Json& e) { e["software"][0]["path"] = "/a"; }},
        {"a device without an address", [](Json& e) { e["devices"][0].erase("address"); }},
        {"an address without a domain", [](Json& e) { e["devices"][0]["address"] = "01:00.0"; }},
        {"an address in capitals", [](Json& e) { e["devices"][0]["address"] = "0000:0A:00.0"; }},
        {"a device twice", [](Json& e) { e["devices"][1]["address"] = "0000:01:00.0"; }},
        {"devices out of order", [](Json& e) { std::swap(e["devices"][0], e["devices"][1]); }},
        {"no memory, said", [](Json& e) { e["devices"][0]["memory_bytes"] = 0; }},
        {"less than no memory", [](Json& e) { e["devices"][0]["memory_bytes"] = -1; }},
        {"memory in words", [](Json& e) { e["devices"][0]["memory_bytes"] = "64 GiB"; }},
        {"half a byte", [](Json& e) { e["devices"][0]["memory_bytes"] = 0.5; }},
        {"more memory than there is", [](Json& e) { e["devices"][0]["memory_bytes"] = (1ULL << 50) + 1; }},
        {"no device, said", [](Json& e) { e["devices"][0]["devices"] = 0; }},
        {"sixty-five devices behind a function", [](Json& e) { e["devices"][0]["devices"] = 65; }},
        {"an empty model", [](Json& e) { e["devices"][0]["model"] = ""; }},
        {"another kind of software", [](Json& e) { e["software"][0]["kind"] = "engine"; }},
        {"software twice", [](Json& e) { e["software"][1] = e["software"][0]; }},
        {"software without a version", [](Json& e) { e["software"][0].erase("version"); }},
        {"a version that is a word", [](Json& e) { e["software"][0]["version"] = "N/A"; }},
        {"devices that are no list", [](Json& e) { e["devices"] = Json::object(); }},
    }));
    CAPTURE(reason);
    Json evidence = sample();
    change(evidence);
    CHECK_THROWS_AS(parse_probe_evidence(evidence.dump()), Error);
}

TEST_CASE("evidence that is no JSON document is refused", "[manifests][probe_evidence]") {
    const std::string bytes =
        GENERATE(as<std::string>{}, "", "[]", "npu-smi 25.2.0", "{}{}", "{\"tool\":\"a\",\"tool\":\"a\"}");
    CAPTURE(bytes);
    CHECK_THROWS_AS(parse_probe_evidence(bytes), Error);
    CHECK_THROWS_AS(parse_probe_evidence(sample().dump() + std::string(1U << 20, ' ')), Error);
}

TEST_CASE("evidence about more devices than a machine has is refused", "[manifests][probe_evidence]") {
    const auto with = [](int count) {
        Json evidence = sample();
        evidence["devices"] = Json::array();
        for (int i = 0; i < count; ++i) {
            char address[24];
            std::snprintf(address, sizeof address, "%08x:00:00.0", static_cast<unsigned>(i));
            evidence["devices"].push_back({{"address", std::string(address)}});
        }
        return evidence.dump();
    };
    CHECK(parse_probe_evidence(with(1024)).devices.size() == 1024);
    CHECK_THROWS_AS(parse_probe_evidence(with(1025)), Error);
}
