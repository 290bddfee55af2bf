#include "manifests/profile.hpp"

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/version_range.hpp"

using manifests::Error;
using manifests::Fault;
using manifests::Json;
using manifests::Profile;
using manifests::VersionRange;

namespace {

Json sample() {
    return Json::parse(R"({
        "schema": "sealift.profile/1", "id": "a-chip.1", "title": "A chip", "vendor": "Maker", "chips": ["A", "B"],
        "cpu": {"architecture": "aarch64", "vendors": [], "models": [{"family": 72, "first_model": 1, "last_model": 3}],
                "identity_blocks": true, "identity_source": "doc", "features": ["asimd", "fp"], "source": "doc"},
        "memory": {"bytes": 1073741824, "source": "doc"},
        "accelerators": [{"name": "X", "pci_ids": ["19e5:d802", "19e5:d803"], "quantity": 8, "memory_bytes": 5,
                          "source": "doc"}],
        "software": [{"kind": "driver", "name": "npu", "vendor": "Maker", "version_range": "vers:generic/>=24.1.rc2|<26",
                      "source": "web"}],
        "kernels": {"elf_machine": "aarch64", "names": ["b.so", "a.so"], "features": ["fp"], "source": "doc"},
        "sources": [{"id": "doc", "title": "Document", "date": "2026-08-22"},
                    {"id": "web", "title": "Page", "url": "https://example.org/", "date": "2026-08-22"}]})");
}

Fault fault_of(const Json& document) {
    try {
        Profile::parse(document.dump());
    } catch (const Error& error) {
        CAPTURE(error.what());
        CHECK(error.code().has_value());
        return error.fault();
    }
    return Fault::internal;
}

} // namespace

TEST_CASE("a profile keeps every figure", "[manifests][profile]") {
    const Profile profile = Profile::parse(sample().dump());
    CHECK(profile.id == "a-chip.1");
    CHECK(profile.chips == std::vector<std::string>{"A", "B"});
    CHECK(profile.cpu.architecture == "aarch64");
    REQUIRE(profile.cpu.models.size() == 1);
    CHECK(profile.cpu.models[0].last_model == 3);
    CHECK(profile.cpu.identity_blocks);
    CHECK(profile.memory_bytes == 1073741824);
    REQUIRE(profile.accelerators.size() == 1);
    CHECK(profile.accelerators[0].quantity == 8);
    CHECK(profile.accelerators[0].memory_bytes == 5);
    REQUIRE(profile.software.size() == 1);
    CHECK(profile.software[0].version_range == "vers:generic/>=24.1.rc2|<26");
    CHECK(profile.kernels.names == std::vector<std::string>{"b.so", "a.so"});
    CHECK(profile.sources[1].url == "https://example.org/");
}

TEST_CASE("what a profile must not say is refused", "[manifests][profile]") {
    using Change = std::function<void(Json&)>;
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"another schema", [](Json& p) { p["schema"] = "sealift.profile/2"; }},
        {"no schema", [](Json& p) { p.erase("schema"); }},
        {"an unknown member", [](Json& p) { p["driver"] = "1"; }},
        {"an unknown member of cpu", [](Json& p) { p["cpu"]["cores"] = 8; }},
        {"an unknown member of an accelerator", [](Json& p) { p["accelerators"][0]["ram"] = 8; }},
        {"an unknown member of a source", [](Json& p) { p["sources"][0]["author"] = "me"; }},
        {"an id with upper case", [](Json& p) { p["id"] = "Chip"; }},
        {"an id that is a path", [](Json& p) { p["id"] = "../chip"; }},
        {"an id that is hidden", [](Json& p) { p["id"] = ".chip"; }},
        {"an empty id", [](Json& p) { p["id"] = ""; }},
        {"an endless id", [](Json& p) { p["id"] = std::string(65, 'a'); }},
        {"an empty title", [](Json& p) { p["title"] = ""; }},
        {"chips out of order", [](Json& p) { p["chips"] = {"B", "A"}; }},
        {"no processor", [](Json& p) { p.erase("cpu"); }},
        {"an unknown architecture", [](Json& p) { p["cpu"]["architecture"] = "arm64"; }},
        {"features out of order", [](Json& p) { p["cpu"]["features"] = {"fp", "asimd"}; }},
        {"a feature twice", [](Json& p) { p["cpu"]["features"] = {"fp", "fp"}; }},
        {"a feature in upper case", [](Json& p) { p["cpu"]["features"] = {"AVX", "fp"}; }},
        {"features without a source", [](Json& p) { p["cpu"].erase("source"); }},
        {"features with an unlisted source", [](Json& p) { p["cpu"]["source"] = "hearsay"; }},
        {"an identity without a source", [](Json& p) { p["cpu"].erase("identity_source"); }},
        {"a blocking identity that is none", [](Json& p) { p["cpu"].erase("models"); p["cpu"].erase("identity_source"); }},
        {"a model range backwards", [](Json& p) { p["cpu"]["models"][0]["first_model"] = 4; }},
        {"overlapping model ranges", [](Json& p) { p["cpu"]["models"].push_back(p["cpu"]["models"][0]); }},
        {"a negative model", [](Json& p) { p["cpu"]["models"][0]["first_model"] = -1; }},
        {"memory without a source", [](Json& p) { p["memory"].erase("source"); }},
        {"memory of nothing", [](Json& p) { p["memory"]["bytes"] = 0; }},
        {"a PCI id in upper case", [](Json& p) { p["accelerators"][0]["pci_ids"] = {"19E5:D802"}; }},
        {"a PCI id with 0x", [](Json& p) { p["accelerators"][0]["pci_ids"] = {"0x19e5:0xd802"}; }},
        {"a PCI id without a device", [](Json& p) { p["accelerators"][0]["pci_ids"] = {"19e5"}; }},
        {"PCI ids out of order", [](Json& p) { p["accelerators"][0]["pci_ids"] = {"19e5:d803", "19e5:d802"}; }},
        {"no PCI ids", [](Json& p) { p["accelerators"][0]["pci_ids"] = Json::array(); }},
        {"no accelerators wanted", [](Json& p) { p["accelerators"][0]["quantity"] = 0; }},
        {"an accelerator twice", [](Json& p) { p["accelerators"].push_back(p["accelerators"][0]); }},
        {"an unknown kind of software", [](Json& p) { p["software"][0]["kind"] = "library"; }},
        {"a version range that is no VERS", [](Json& p) { p["software"][0]["version_range"] = ">=24.1"; }},
        {"a version range without versions", [](Json& p) { p["software"][0]["version_range"] = "vers:generic/"; }},
        {"a software requirement twice", [](Json& p) { p["software"].push_back(p["software"][0]); }},
        {"kernels of another machine", [](Json& p) { p["kernels"]["elf_machine"] = "x86_64"; }},
        {"a kernel name that is a path", [](Json& p) { p["kernels"]["names"] = {"lib/a.so"}; }},
        {"a kernel name twice", [](Json& p) { p["kernels"]["names"] = {"a.so", "b.so", "a.so"}; }},
        {"kernels that need more than the chip has", [](Json& p) { p["kernels"]["features"] = {"sve"}; }},
        {"sources out of order", [](Json& p) { std::swap(p["sources"][0], p["sources"][1]); }},
        {"a source that no figure names", [](Json& p) { p["software"][0]["source"] = "doc"; }},
        {"a source without a date", [](Json& p) { p["sources"][0].erase("date"); }},
        {"a source with a wrong date", [](Json& p) { p["sources"][0]["date"] = "2026-13-01"; }},
        {"a source with another date form", [](Json& p) { p["sources"][0]["date"] = "22.08.2026"; }},
        {"a source that is not a web page", [](Json& p) { p["sources"][1]["url"] = "file:///etc/passwd"; }},
        {"a source with an empty address", [](Json& p) { p["sources"][1]["url"] = ""; }},
        {"a list for an object", [](Json& p) { p["cpu"] = Json::array(); }},
        {"an object for a list", [](Json& p) { p["accelerators"] = Json::object(); }},
    }));
    CAPTURE(reason);
    Json profile = sample();
    change(profile);
    CHECK(fault_of(profile) == Fault::damaged);
}

TEST_CASE("bytes that are no JSON document are no profile", "[manifests][profile]") {
    const std::string bytes =
        GENERATE(as<std::string>{}, "", "[]", "null", "{", "{\"id\":\"a\",\"id\":\"a\"}", "\xef\xbb\xbf{}");
    CHECK_THROWS_AS(Profile::parse(bytes), Error);
    CHECK_THROWS_AS(Profile::parse(sample().dump() + "x"), Error);
}

TEST_CASE("versions are compared piece by piece", "[manifests][profile]") {
    const auto [smaller, larger] = GENERATE(table<std::string, std::string>({{"24.1.rc2", "24.1"},
                                                                             {"24.1.rc1", "24.1.rc2"},
                                                                             {"24.1", "24.1.1"},
                                                                             {"9", "10"},
                                                                             {"5.10.9", "5.10.10"},
                                                                             {"8.5.0", "9.0.0"},
                                                                             {"1.48", "1.49"},
                                                                             {"0", "1"}}));
    CAPTURE(smaller, larger);
    CHECK(manifests::compare_versions(smaller, larger) < 0);
    CHECK(manifests::compare_versions(larger, smaller) > 0);
    CHECK(manifests::compare_versions(smaller, smaller) == 0);
}

TEST_CASE("trailing zeros and leading zeros do not make another version", "[manifests][profile]") {
    CHECK(manifests::compare_versions("24.1", "24.1.0") == 0);
    CHECK(manifests::compare_versions("24.01", "24.1") == 0);
}

TEST_CASE("a version range holds what is between its bounds", "[manifests][profile]") {
    const auto [range, version, inside] = GENERATE(table<std::string, std::string, bool>({
        {"vers:generic/*", "1", true},
        {"vers:generic/>=24.1.rc2|<26", "24.1.rc1", false},
        {"vers:generic/>=24.1.rc2|<26", "24.1.rc2", true},
        {"vers:generic/>=24.1.rc2|<26", "25.5.0", true},
        {"vers:generic/>=24.1.rc2|<26", "26", false},
        {"vers:generic/>=24.1.rc2|<26", "27", false},
        {"vers:generic/>=5.10", "5.9.99", false},
        {"vers:generic/>=5.10", "6.1", true},
        {"vers:generic/<=5", "5", true},
        {"vers:generic/<=5", "6", false},
        {"vers:generic/>1|!=3|<5", "3", false},
        {"vers:generic/>1|!=3|<5", "4", true},
        {"vers:generic/>1|!=3|<5", "1", false},
        {"vers:generic/1.0|2.0", "2", true},
        {"vers:generic/1.0|2.0", "1.5", false},
        {"vers:generic/>=1|<2|>=4|<5", "3", false},
        {"vers:generic/>=1|<2|>=4|<5", "4.5", true},
        {"vers:generic/!=3", "4", true},
        {"vers:generic/!=3", "3", false},
    }));
    CAPTURE(range, version);
    CHECK(VersionRange::parse(range).contains(version) == inside);
}

TEST_CASE("a version range that nothing can be compared with is refused", "[manifests][profile]") {
    const std::string range = GENERATE(
        as<std::string>{}, "", "vers:", "vers:generic", "vers:/1", "vers:generic/",
        "vers:generic/>=", "vers:generic/1|", "vers:generic/|1", "vers:generic/>= 1", "vers:generic/2|1",
        "vers:generic/1|1", "vers:Generic/1", "generic/1", "vers:generic/1|*", "vers:generic/>=\n1");
    CAPTURE(range);
    CHECK_THROWS_AS(VersionRange::parse(range), Error);
}
