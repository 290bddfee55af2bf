#include "packager/hardware_bom.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "tests/support/bom_samples.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/schema.hpp"

using manifests::Fault;
using manifests::Json;
using packager::hardware_bom;
using tests::faults_with;
using tests::sample_hardware;

namespace {

using Texts = std::vector<std::string>;

Json parsed(const packager::HardwareBomInputs& inputs) {
    return Json::parse(hardware_bom(inputs));
}

Json find(const Json& list, const char* member, const std::string& value) {
    for (const Json& one : list) {
        if (one.at(member) == value) return one;
    }
    FAIL("nothing has " << member << " " << value);
    return {};
}

Json component(const Json& document, const std::string& ref) {
    return find(document.at("components"), "bom-ref", ref);
}

Texts edges_of(const Json& document, const std::string& ref) {
    return find(document.at("dependencies"), "ref", ref).at("dependsOn");
}

Texts values_of(const Json& object, const std::string& name) {
    Texts values;
    for (const Json& property : object.value("properties", Json::array())) {
        if (property.at("name") == name) values.push_back(property.at("value"));
    }
    return values;
}

} // namespace

TEST_CASE("a hardware BOM is valid CycloneDX 1.7", "[packager][bom]") {
    auto inputs = sample_hardware();
    SECTION("of an accelerator with its stack") {}
    SECTION("of a plain processor") {
        inputs.profile.accelerators.clear();
        inputs.profile.software.clear();
        inputs.profile.memory_bytes = 0;
        inputs.profile.cpu.features.clear();
    }
    SECTION("with a time and a maker") {
        inputs.time_s = 0;
        inputs.supplier = manifests::Organisation{"Example Org", "https://example.com", "sbom@example.com"};
    }
    CHECK(tests::cyclonedx_problems(hardware_bom(inputs)) == Texts{});
    CHECK(hardware_bom(inputs) == hardware_bom(inputs));
}

TEST_CASE("a hardware BOM is another one for another profile", "[packager][bom]") {
    auto inputs = sample_hardware();
    const Json first = parsed(inputs);
    inputs.profile.accelerators[0].quantity = 3;
    CHECK(parsed(inputs)["serialNumber"] != first["serialNumber"]);
}

TEST_CASE("requirements are components that are not delivered", "[packager][bom]") {
    const Json document = parsed(sample_hardware());
    CHECK(document["metadata"]["component"]["type"] == "device");
    CHECK(document["metadata"]["lifecycles"][0]["phase"] == "design");
    CHECK(document["components"].size() == 7);
    for (const Json& required : document["components"]) {
        CAPTURE(required.dump());
        CHECK(required["isExternal"] == true);
        CHECK(required["scope"] == "required");
        CHECK_FALSE(required.contains("version"));
    }
    const Json card = component(document, "hw:accelerator:1");
    CHECK(card["type"] == "device");
    CHECK(card["manufacturer"]["name"] == "Example Silicon");
    CHECK(values_of(card, "cdx:device:quantity") == Texts{"2"});
    CHECK(values_of(card, "sealift:hw:match:pci") == Texts{"19e5:d500", "19e5:d501"});
    CHECK(values_of(card, "sealift:hw:match:min-device-memory-bytes") == Texts{"48318382080"});
    CHECK(values_of(component(document, "hw:memory"), "sealift:hw:memory:min-bytes") == Texts{"68719476736"});
    CHECK(values_of(component(document, "hw:cpu"), "sealift:hw:match:cpu-feature") == Texts{"asimd", "fphp"});
    CHECK(values_of(component(document, "hw:cpu"), "sealift:hw:match:cpu-model") == Texts{"8:3329-3330"});
    CHECK(component(document, "sw:driver:1")["type"] == "device-driver");
    CHECK(component(document, "sw:driver:1")["versionRange"] == "vers:generic/>=24.1.0|<26.0.0");
    CHECK(component(document, "fw:firmware:1")["type"] == "firmware");
    CHECK(component(document, "sw:toolkit:1")["type"] == "library");
    CHECK(component(document, "sw:operating-system:1")["versionRange"] == "vers:generic/*");
}

TEST_CASE("the chain goes from the system over driver and device to the firmware", "[packager][bom]") {
    const Json document = parsed(sample_hardware());
    CHECK(edges_of(document, "system") == Texts{"hw:accelerator:1", "hw:cpu", "hw:memory", "sw:driver:1",
                                                "sw:operating-system:1", "sw:toolkit:1"});
    CHECK(edges_of(document, "sw:toolkit:1") == Texts{"sw:driver:1"});
    CHECK(edges_of(document, "sw:driver:1") == Texts{"hw:accelerator:1"});
    CHECK(edges_of(document, "hw:accelerator:1") == Texts{"fw:firmware:1"});
    CHECK(edges_of(document, "fw:firmware:1").empty());
}

TEST_CASE("every requirement is numbered and points at what it is about", "[packager][bom]") {
    auto inputs = sample_hardware();
    inputs.profile.cpu.identity_blocks = GENERATE(true, false);
    const Json document = parsed(inputs);
    const Json requirements = document["definitions"]["standards"][0]["requirements"];
    REQUIRE(requirements.size() == 9);
    CHECK(requirements[0]["identifier"] == "HW-001");
    CHECK(requirements[8]["identifier"] == "HW-009");
    for (const Json& requirement : requirements) {
        REQUIRE(values_of(requirement, "sealift:hw:requirement:target").size() == 1);
        component(document, values_of(requirement, "sealift:hw:requirement:target")[0]);
    }
    const Json identity = find(requirements, "title", "Processor identity");
    CHECK(identity["text"] == "The processor is of 0x48 family 8 model 3329 to 3330");
    CHECK(values_of(identity, "sealift:hw:requirement:severity") ==
          Texts{inputs.profile.cpu.identity_blocks ? "blocking" : "note"});
    CHECK(find(requirements, "title", "Accelerator")["text"] ==
          "At least 2 of NPU 9 (PCI 19e5:d500, 19e5:d501), each with at least 48318382080 bytes of memory");
}

TEST_CASE("figures say where they are from", "[packager][bom]") {
    const Json document = parsed(sample_hardware());
    const Json card = component(document, "hw:accelerator:1");
    CHECK(values_of(card, "sealift:source") == Texts{"guide"});
    CHECK(card["externalReferences"][0]["url"] == "https://example.com/guide");
    CHECK(card["externalReferences"][0]["comment"] == "Installation guide (read 2026-11-01)");
    const Json toolkit = component(document, "sw:toolkit:1"); // its source has no address
    CHECK(values_of(toolkit, "sealift:source") == Texts{"table"});
    CHECK_FALSE(toolkit.contains("externalReferences"));
    CHECK(values_of(component(document, "sw:operating-system:1"), "sealift:source").empty());
}

TEST_CASE("the profile is named, and the system is not called complete", "[packager][bom]") {
    const auto inputs = sample_hardware();
    const Json document = parsed(inputs);
    CHECK(values_of(document["metadata"]["component"], "sealift:profile:digest") ==
          Texts{inputs.profile_digest.text()});
    REQUIRE(document["compositions"].size() == 1);
    CHECK(document["compositions"][0]["aggregate"] == "incomplete");
}

TEST_CASE("a profile that cannot be written down is refused", "[packager][bom]") {
    auto inputs = sample_hardware();
    SECTION("without a name") {
        inputs.profile.id = "";
    }
    SECTION("an accelerator without a name") {
        inputs.profile.accelerators[0].name = "";
    }
    SECTION("software without a name") {
        inputs.profile.software[0].name = "";
    }
    SECTION("text that is not UTF-8") {
        inputs.profile.title = "\xff";
    }
    REQUIRE_THROWS_MATCHES(hardware_bom(inputs), manifests::Error, faults_with(Fault::internal));
}

TEST_CASE("a hardware BOM says the memory that the bundle needs of its devices", "[packager][bom]") {
    auto inputs = sample_hardware();
    const std::size_t without = parsed(inputs)["definitions"]["standards"][0]["requirements"].size();
    inputs.memory = manifests::MemoryNeed{.tensor_parallel = 8,
                                          .pipeline_parallel = 2,
                                          .data_parallel = 1,
                                          .context_tokens = 4096,
                                          .sequences = 3,
                                          .weight_bytes = 800,
                                          .cache_bytes = 90,
                                          .overhead_bytes = 10,
                                          .utilisation_percent = 90};
    SECTION("on the accelerator") {
        const Json device = component(parsed(inputs), "hw:accelerator:1");
        CHECK(values_of(device, "sealift:bundle:devices") == Texts{"16"});
        CHECK(values_of(device, "sealift:bundle:min-device-memory-bytes") == Texts{"1000"});
    }
    SECTION("on the system if there is none") {
        inputs.profile.accelerators.clear();
        const Json root = parsed(inputs).at("metadata").at("component");
        CHECK(values_of(root, "sealift:bundle:min-device-memory-bytes") == Texts{"1000"});
        return;
    }
    const Json requirements = parsed(inputs)["definitions"]["standards"][0]["requirements"];
    CHECK(requirements.size() == without + 1);
    const Json one = find(requirements, "title", "Device memory");
    CHECK_THAT(one.at("text").get<std::string>(),
               Catch::Contains("16 devices") && Catch::Contains("1000 bytes"));
}
