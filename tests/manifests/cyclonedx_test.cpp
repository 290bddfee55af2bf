#include "manifests/cyclonedx.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/bom_summary.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/schema.hpp"

using manifests::Bom;
using manifests::Code;
using manifests::Component;
using manifests::ComponentType;
using manifests::encode_cyclonedx;
using manifests::Fault;
using manifests::Json;
using tests::cyclonedx_problems;
using tests::faults_with;

namespace {

Component component(const std::string& ref, ComponentType type = ComponentType::file) {
    Component made;
    made.type = type;
    made.ref = ref;
    made.name = "name of " + ref;
    return made;
}

Bom sample() {
    Bom bom;
    bom.phase = "build";
    bom.tool_name = "sealift";
    bom.tool_version = "0.1.0";
    bom.root = component("root", ComponentType::application);
    Component full = component("b", ComponentType::library);
    full.version = "1";
    full.licences = {"MIT", "MIT OR Apache-2.0", "Acme terms"};
    full.sha256 = manifests::Digest::of("b");
    full.properties = {{"sealift:z", "1"}, {"sealift:a", "2"}, {"sealift:a", "1"}};
    full.references = {{"distribution", "engine/b", "", ""}};
    full.parts = {component("b/2"), component("b/1")};
    full.supplier = manifests::Organisation{"Example", "https://example.com", "a@example.com"};
    Component driver = component("a", ComponentType::device_driver);
    driver.is_external = true;
    driver.version_range = "vers:generic/>=2";
    driver.scope = Component::Scope::required;
    bom.components = {full, driver};
    bom.depends_on = {{"root", {"b", "a"}}};
    bom.compositions = {{"unknown", {"b"}, {"b"}}, {"complete", {"root"}, {}}};
    bom.standard = manifests::BomStandard{"s", "profile", "1", "", {{"r1", "HW-001", "title", "text", {}}}};
    return bom;
}

} // namespace

TEST_CASE("the schema validator of the tests can say no", "[manifests][bom]") {
    Json document = Json::parse(encode_cyclonedx(sample()));
    REQUIRE(cyclonedx_problems(document.dump()).empty());
    SECTION("a member that the schema does not know") {
        document["components"][0]["colour"] = "red";
    }
    SECTION("a member of the wrong kind") {
        document["components"][0]["name"] = 7;
    }
    SECTION("a type that does not exist") {
        document["components"][0]["type"] = "kernel";
    }
    SECTION("a digest that is none") {
        document["components"][1]["hashes"][0]["content"] = "0815";
    }
    SECTION("a licence that is not on the list") {
        document["components"][1]["licenses"][0] = {{"license", {{"id", "Acme"}}}};
    }
    SECTION("a version and a version range") {
        document["components"][0]["version"] = "1";
    }
    SECTION("a serial number that is none") {
        document["serialNumber"] = "urn:uuid:1";
    }
    SECTION("properties where only the taxonomy has them") {
        document["components"][0]["modelCard"]["modelParameters"]["properties"] = Json::array();
    }
    CHECK_FALSE(cyclonedx_problems(document.dump()).empty());
}

TEST_CASE("a document is canonical JSON and the same whatever the order of its parts", "[manifests][bom]") {
    const std::string document = encode_cyclonedx(sample());
    CHECK(Json::parse(document).dump() == document);   // sorted members, no spaces
    CHECK(manifests::read_json(document).is_object()); // and no fractions
    Bom other = sample();
    std::swap(other.components[0], other.components[1]);
    std::swap(other.components[1].parts[0], other.components[1].parts[1]);
    std::swap(other.components[1].properties[0], other.components[1].properties[2]);
    std::swap(other.components[1].licences[0], other.components[1].licences[1]);
    std::swap(other.compositions[0], other.compositions[1]);
    CHECK(encode_cyclonedx(other) == document);
    CHECK(document.find("timestamp") == std::string::npos);
}

TEST_CASE("every reference has a node in the graph, leaves too", "[manifests][bom]") {
    const Json nodes = Json::parse(encode_cyclonedx(sample()))["dependencies"];
    CHECK(nodes.dump() ==
          R"([{"dependsOn":[],"ref":"a"},{"dependsOn":[],"ref":"b"},{"dependsOn":[],"ref":"b/1"},)"
          R"({"dependsOn":[],"ref":"b/2"},{"dependsOn":["a","b"],"ref":"root"}])");
}

TEST_CASE("the serial number changes with anything in the document", "[manifests][bom]") {
    const auto serial = [](const Bom& bom) { return Json::parse(encode_cyclonedx(bom))["serialNumber"]; };
    Bom other = sample();
    CHECK(serial(other) == serial(sample()));
    SECTION("a licence") {
        other.components[0].licences = {"MIT"};
    }
    SECTION("the time") {
        other.time_s = 1;
    }
    SECTION("the tool") {
        other.tool_version = "0.1.1";
    }
    SECTION("an edge") {
        other.depends_on["b"] = {"a"};
    }
    CHECK(serial(other) != serial(sample()));
    CHECK(cyclonedx_problems(encode_cyclonedx(other)).empty());
}

TEST_CASE("a licence stands where its form belongs", "[manifests][bom]") {
    const Json licences = Json::parse(encode_cyclonedx(sample()))["components"][1]["licenses"];
    CHECK(licences.dump() == R"([{"license":{"acknowledgement":"declared","name":"Acme terms"}},)"
                             R"({"license":{"acknowledgement":"declared","id":"MIT"}},)"
                             R"({"acknowledgement":"declared","expression":"MIT OR Apache-2.0"}])");
}

TEST_CASE("a value that is no document is not written", "[manifests][bom]") {
    Bom bom = sample();
    SECTION("a ref given twice") {
        bom.components[1].ref = "b";
    }
    SECTION("a ref given twice, once in a part") {
        bom.components[0].parts[0].ref = "root";
    }
    SECTION("no ref") {
        bom.components[1].ref = "";
    }
    SECTION("no name") {
        bom.root.name = "";
    }
    SECTION("an edge to nowhere") {
        bom.depends_on["root"].insert("c");
    }
    SECTION("an edge from nowhere") {
        bom.depends_on["c"] = {"a"};
    }
    SECTION("completeness of nothing") {
        bom.compositions[0].assemblies = {"c"};
    }
    SECTION("a requirement with a used ref") {
        bom.standard->requirements[0].ref = "a";
    }
    SECTION("a version and a range") {
        bom.components[1].version = "2.1";
    }
    SECTION("a range of what is delivered") {
        bom.components[1].is_external = false;
    }
    SECTION("a name under cdx: that is not registered") {
        bom.root.properties = {{"cdx:hbom:bus", "pci"}};
    }
    SECTION("a name in a foreign name space") {
        bom.root.properties = {{"acme:a", ""}};
    }
    SECTION("text that is not UTF-8") {
        bom.root.description = "\xff";
    }
    REQUIRE_THROWS_MATCHES(encode_cyclonedx(bom), manifests::Error, faults_with(Fault::internal));
}

TEST_CASE("a summary shows every component and part of a document", "[manifests][bom]") {
    Bom bom = sample();
    bom.time_s = 1'767'225'600;
    const auto summary = manifests::read_bom_summary(encode_cyclonedx(bom));
    CHECK(summary.spec_version == "1.7");
    CHECK(summary.phase == "build");
    CHECK(summary.timestamp == "2026-01-01T00:00:00Z");
    REQUIRE(summary.rows.size() == 5);
    CHECK(summary.rows[0].ref == "root");
    CHECK(summary.rows[1].version == "vers:generic/>=2");
    CHECK(summary.rows[1].is_external);
    CHECK(summary.rows[2].licence == "Acme terms, MIT, MIT OR Apache-2.0");
    CHECK(summary.rows[2].sha256 == manifests::Digest::of("b").hex());
    CHECK(summary.rows[2].supplier == "Example");
    CHECK(summary.rows[4].ref == "b/2");
}

TEST_CASE("a summary reads documents of other tools", "[manifests][bom]") {
    const auto summary =
        manifests::read_bom_summary(R"({"bomFormat":"CycloneDX","specVersion":"1.5","version":1,
        "vulnerabilities":[{"ratings":[{"score":9.8}]}],"components":[{"type":"library","name":"x","author":"y",
        "evidence":{"identity":{"confidence":0.5}},"hashes":[{"alg":"MD5","content":"00"},{"alg":"SHA-256",
        "content":"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"}]}]})");
    REQUIRE(summary.rows.size() == 1);
    CHECK(summary.rows[0].sha256 == manifests::Digest::of("abc").hex());
}

TEST_CASE("what is not a bill of material has no summary", "[manifests][bom]") {
    const std::string front = R"({"bomFormat":"CycloneDX","specVersion":"1.7")";
    const std::string document = GENERATE_COPY(values<std::string>({
        "[]",
        R"({"specVersion":"1.7"})",
        R"({"bomFormat":"SPDX","specVersion":"1.7"})",
        R"({"bomFormat":"CycloneDX","specVersion":"2.0"})",
        R"({"bomFormat":"CycloneDX","specVersion":1.7})",
        front + R"(,"components":{}})",
        front + R"(,"components":[{"type":"file"}]})",
        front + R"(,"components":[{"type":"file","name":7}]})",
        front + R"(,"components":[7]})",
        front + R"(,"components":[{"type":"file","name":"x","licenses":["MIT"]}]})",
        front +
            R"(,"components":[{"type":"file","name":"x","hashes":[{"alg":"SHA-256","content":"0815"}]}]})",
    }));
    CAPTURE(document);
    REQUIRE_THROWS_MATCHES(manifests::read_bom_summary(document), manifests::Error,
                           faults_with(Fault::damaged, Code::format_document));
}
