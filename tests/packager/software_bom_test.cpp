#include "packager/software_bom.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/bom_summary.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"
#include "tests/support/bom_samples.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/schema.hpp"

using manifests::Fault;
using manifests::Json;
using manifests::Role;
using tests::bom_file;
using tests::faults_with;
using tests::sample_software;
using tests::SoftwareSample;

namespace {

std::string software_bom(const SoftwareSample& sample) {
    return packager::software_bom(sample.inputs());
}

Json parsed(const SoftwareSample& sample) {
    return Json::parse(software_bom(sample));
}

// The component with this ref, also among the parts of the model.
Json find(const Json& document, const std::string& ref) {
    for (const Json& component : document.at("components")) {
        if (component.at("bom-ref") == ref) return component;
        for (const Json& part : component.value("components", Json::array())) {
            if (part.at("bom-ref") == ref) return part;
        }
    }
    FAIL("no component " << ref);
    return {};
}

bool has_component(const Json& document, const std::string& ref) {
    return document.dump().find("\"bom-ref\":\"" + ref + "\"") != std::string::npos;
}

std::vector<std::string> values_of(const Json& component, const std::string& name) {
    std::vector<std::string> values;
    for (const Json& property : component.value("properties", Json::array())) {
        if (property.at("name") == name) values.push_back(property.at("value"));
    }
    return values;
}

std::vector<std::string> edges_of(const Json& document, const std::string& ref) {
    for (const Json& node : document.at("dependencies")) {
        if (node.at("ref") == ref) return node.at("dependsOn");
    }
    FAIL("no node " << ref);
    return {};
}

std::string hex_of(const std::optional<std::array<unsigned char, 64>>& sha512) {
    return manifests::to_hex({reinterpret_cast<const char*>(sha512.value().data()), 64});
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("a software BOM is valid CycloneDX 1.7", "[packager][bom]") {
    auto sample = sample_software();
    SECTION("with everything") {}
    SECTION("linked to the hardware BOM, with a time") {
        sample.about.time_s = 1'767'225'600;
        const std::string hardware = packager::hardware_bom(tests::sample_hardware());
        sample.about.hardware_bom = hardware;
        const Json reference = parsed(sample)["metadata"]["component"]["externalReferences"][0];
        const std::string serial = manifests::read_bom_summary(hardware).serial_number;
        CHECK(reference["type"] == "bom");
        CHECK(reference["url"] == "urn:cdx:" + serial.substr(9) + "/1");
        CHECK(tests::cyclonedx_problems(software_bom(sample)).empty());
        return;
    }
    SECTION("of weights alone") {
        sample.files.erase(sample.files.begin() + 1, sample.files.end());
        sample.kernels.clear();
        sample.licences.clear();
        sample.about.supplier.reset();
        sample.about.model = {};
    }
    SECTION("of nothing but a document") {
        sample.files = {bom_file("docs/a.md", Role::doc, "a")};
        sample.kernels.clear();
        sample.licences.clear();
        CHECK_FALSE(has_component(parsed(sample), "model"));
    }
    CHECK(tests::cyclonedx_problems(software_bom(sample)) == Texts{});
}

TEST_CASE("a software BOM depends on its inputs and not on their order", "[packager][bom]") {
    auto sample = sample_software();
    const std::string document = software_bom(sample);
    std::reverse(sample.files.begin(), sample.files.end());
    CHECK(software_bom(sample) == document);
    sample.files[0] = bom_file("docs/README.md", Role::doc, "# Demo, changed");
    CHECK(software_bom(sample) != document);
}

TEST_CASE("every file of the bundle is one component with its digests", "[packager][bom]") {
    const auto sample = sample_software();
    const Json document = parsed(sample);
    for (const auto& file : sample.files) {
        const Json component = find(document, "file:" + file.file.path.text());
        CAPTURE(component.dump());
        CHECK(component["hashes"][0]["content"] == file.file.digest.hex());
        CHECK(component["hashes"][1]["content"] == hex_of(file.sha512));
        CHECK(component["externalReferences"][0]["type"] == "distribution");
        CHECK(component["externalReferences"][0]["hashes"][0]["content"] == hex_of(file.sha512));
        CHECK(values_of(component, "bsi:component:filename") == Texts{std::string(file.file.path.name())});
        CHECK(values_of(component, "bsi:component:executable").size() == 1);
        CHECK(values_of(component, "bsi:component:archive").size() == 1);
        CHECK(values_of(component, "bsi:component:structured").size() == 1);
        CHECK(values_of(component, "sealift:file:size-bytes") == Texts{std::to_string(file.file.size_bytes)});
    }
}

TEST_CASE("components have the type that their bytes and role give them", "[packager][bom]") {
    const Json document = parsed(sample_software());
    CHECK(find(document, "file:engine/server")["type"] == "application");
    CHECK(find(document, "file:engine/libbase.so.1.0")["type"] == "library");
    CHECK(find(document, "file:engine/libbase.so.1.0")["name"] == "libbase.so.1");
    CHECK(find(document, "file:engine/plugin.so")["type"] == "library");
    CHECK(find(document, "file:kernels/kernel.so")["type"] == "library");
    CHECK(find(document, "file:weights/model-1.safetensors")["type"] == "file");
    CHECK(find(document, "file:docs/README.md")["type"] == "file");
    CHECK(find(document, "profile")["type"] == "data");
    const Json archive = find(document, "file:engine/vocabulary.tar.gz");
    CHECK(values_of(archive, "bsi:component:archive") == Texts{"archive"});
    CHECK(values_of(archive, "bsi:component:executable") == Texts{"non-executable"});
    CHECK(values_of(find(document, "file:engine/plugin.so"), "bsi:component:executable") ==
          Texts{"executable"});
    const Json reference = find(document, "file:config/known answer+.json")["externalReferences"][0];
    CHECK(reference["url"] == "config/known%20answer%2B.json");
}

TEST_CASE("the model says what is known about it and no more", "[packager][bom]") {
    auto sample = sample_software();
    const Json model = find(parsed(sample), "model");
    CHECK(model["modelCard"]["modelParameters"]["task"] == "text-generation");
    CHECK(model["modelCard"]["modelParameters"]["modelArchitecture"] == "LlamaForCausalLM");
    CHECK_FALSE(model.contains("hashes")); // two weight files: no digest is the model's
    sample.about.model.architecture = "VitForImageClassification";
    CHECK_FALSE(find(parsed(sample), "model")["modelCard"]["modelParameters"].contains("task"));
    sample.files.erase(sample.files.begin());
    CHECK(find(parsed(sample), "model")["hashes"][0]["content"] == sample.files[0].file.digest.hex());
    sample.about.model = {};
    CHECK_FALSE(find(parsed(sample), "model").contains("modelCard"));
}

TEST_CASE("libraries that the site brings are named with the lowest version that works", "[packager][bom]") {
    const Json document = parsed(sample_software());
    const Json libc = find(document, "external:libc.so.6");
    CHECK(libc["isExternal"] == true);
    CHECK(libc["scope"] == "required");
    CHECK(libc["versionRange"] == "vers:generic/>=2.36"); // the highest that any carried file wants
    CHECK(libc["manufacturer"]["name"] == "GNU C Library project");
    CHECK(find(document, "external:libm.so.6")["versionRange"] == "vers:generic/>=2.29");
    const Json cxx = find(document, "external:libstdc++.so.6");
    CHECK(cxx["versionRange"] == "vers:generic/>=6.0.29");
    CHECK(values_of(cxx, "sealift:elf:minimum:CXXABI") == Texts{"1.3"});
    CHECK(find(document, "external:libvendor_rt.so")["versionRange"] == "vers:generic/*");
    CHECK(find(document, "external:ld-linux-x86-64.so.2")["isExternal"] == true);
    CHECK_FALSE(has_component(document, "external:libbase.so.1")); // carried, under its SONAME
}

TEST_CASE("a carried library for another machine does not serve", "[packager][bom]") {
    auto sample = sample_software();
    tests::ElfImage base;
    base.machine = 183;
    base.soname = "libbase.so.1";
    sample.files[4] = bom_file("engine/libbase.so.1.0", Role::engine, tests::make_elf(base).bytes);
    CHECK(has_component(parsed(sample), "external:libbase.so.1"));
}

TEST_CASE("the graph leads from the bundle to all that it needs", "[packager][bom]") {
    auto sample = sample_software();
    const Json document = parsed(sample);
    CHECK(edges_of(document, "bundle") == Texts{"file:config/known answer+.json", "file:docs/README.md",
                                                "file:engine/server", "file:engine/vocabulary.tar.gz",
                                                "file:kernels/kernel.so", "model", "profile"});
    CHECK(edges_of(document, "file:engine/server") ==
          Texts{"external:ld-linux-x86-64.so.2", "external:libc.so.6", "external:libstdc++.so.6",
                "file:engine/libbase.so.1.0", "file:engine/plugin.so"});
    CHECK(edges_of(document, "file:engine/plugin.so") == Texts{"file:engine/libbase.so.1.0"});
    CHECK(edges_of(document, "file:kernels/kernel.so") ==
          Texts{"external:libvendor_rt.so", "file:engine/libbase.so.1.0", "file:engine/plugin.so"});
    CHECK(edges_of(document, "external:libc.so.6").empty());
    sample.files.erase(sample.files.begin() + 3); // the program
    const Texts without = edges_of(parsed(sample), "bundle");
    CHECK(std::count(without.begin(), without.end(), "file:engine/plugin.so") == 1);
}

TEST_CASE("kernels say what they are for", "[packager][bom]") {
    const auto sample = sample_software();
    const Json kernel = find(parsed(sample), "file:kernels/kernel.so");
    CHECK(values_of(kernel, "sealift:kernel:target") == Texts{"example-npu"});
    CHECK(values_of(kernel, "sealift:kernel:requires-feature") == Texts{"avx2", "fma"});
    CHECK(values_of(kernel, "sealift:kernel:fits").size() == 2);
    CHECK(values_of(kernel, "sealift:elf:machine") == Texts{"x86_64"});
}

TEST_CASE("completeness is stated, and not more of it than is known", "[packager][bom]") {
    const Json compositions = parsed(sample_software())["compositions"];
    REQUIRE(compositions.size() == 2);
    CHECK(compositions[0]["aggregate"] == "complete");
    CHECK(compositions[0]["assemblies"] == Json({"bundle", "model"}));
    CHECK(compositions[1]["aggregate"] == "unknown");
    CHECK(compositions[1]["dependencies"].size() == 9);
}

TEST_CASE("a licence goes by path, then by role, then by model", "[packager][bom]") {
    auto sample = sample_software();
    sample.licences["engine/server"] = "BSD-3-Clause";
    sample.licences["bundle"] = "Apache-2.0";
    const Json document = parsed(sample);
    const auto id = [](const Json& component) { return component["licenses"][0]["license"]["id"]; };
    CHECK(id(find(document, "file:engine/server")) == "BSD-3-Clause");
    CHECK(id(find(document, "file:engine/plugin.so")) == "MIT");
    CHECK(id(find(document, "file:weights/config.json")) == "Apache-2.0");
    CHECK(id(document["metadata"]["component"]) == "Apache-2.0");
    CHECK_FALSE(find(document, "file:config/known answer+.json").contains("licenses"));
}

TEST_CASE("a licence that hits nothing is refused", "[packager][bom]") {
    auto sample = sample_software();
    const auto [key, licence] = GENERATE(table<std::string, std::string>(
        {{"engine/sever", "MIT"}, {"kernels", "MIT"}, {"", "MIT"}, {"engine", ""}}));
    sample.licences[key] = licence;
    REQUIRE_THROWS_MATCHES(software_bom(sample), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("two files with one path are refused", "[packager][bom]") {
    auto sample = sample_software();
    sample.files.push_back(sample.files.back());
    REQUIRE_THROWS_MATCHES(software_bom(sample), manifests::Error, faults_with(Fault::internal));
}

TEST_CASE("a kernel that is no file of the bundle, or two of one file, are refused", "[packager][bom]") {
    auto sample = sample_software();
    sample.kernels.push_back(sample.kernels.front());
    if (GENERATE(false, true)) sample.kernels.back().path = manifests::BundlePath::parse("kernels/none.so");
    REQUIRE_THROWS_MATCHES(software_bom(sample), manifests::Error, faults_with(Fault::internal));
}

TEST_CASE("a wrong licence is refused before anything is written", "[packager][bom]") {
    auto sample = sample_software();
    sample.licences["engine/sever"] = "MIT";
    bool written = false;
    const auto sink = [&](std::string_view) { written = true; };
    REQUIRE_THROWS_MATCHES(packager::write_software_bom(sample.inputs(), sink), manifests::Error,
                           faults_with(Fault::usage));
    CHECK_FALSE(written);
}

TEST_CASE("no time, path of the build machine or vulnerability gets into a software BOM", "[packager][bom]") {
    const std::string document = software_bom(sample_software());
    for (const char* leak : {"timestamp", "/home", "/tmp", "vulnerabilities", "cdx:reproducible"})
        CHECK(document.find(leak) == std::string::npos);
}
