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
        "cpu": {"architecture": "aarch64", "vendors": ["V"], "models": [{"family": 72, "first_model": 1, "last_model": 3}],
                "identity_blocks": true, "identity_source": "doc", "features": ["asimd", "fp"], "source": "doc"},
        "memory": {"bytes": 1073741824, "source": "doc"},
        "accelerators": [{"name": "X", "pci_ids": ["19e5:d802", "19e5:d803"], "quantity": 8, "source": "doc",
                          "memory": {"bytes": 5, "source": "doc"}, "models": {"names": ["X1", "X2"], "source": "web"},
                          "devices_per_function": {"count": 1, "by_subsystem": {"19e5:0110": 2}, "source": "doc"},
                          "devices_per_node": {"count": 16, "source": "web"},
                          "device_nodes": {"paths": ["/dev/x_manager", "/dev/x{n}"], "source": "doc"}}],
        "software": [{"kind": "driver", "name": "npu", "vendor": "Maker", "version_range": "vers:generic/>=24.1.rc2|<26",
                      "source": "web", "places": {"files": [{"path": "/usr/local/x/version.info", "key": "Version"},
                                                            {"path": "/etc/x"}], "source": "doc"}}],
        "number_types": {"computes": ["bf16", "int8"], "source": "doc", "lacks": ["fp8"], "lacks_source": "web"},
        "file_modes": [{"role": "weights", "mode": "0644", "source": "doc"},
                       {"engine": "mindie", "role": "config", "mode": "0640", "source": "web"}],
        "validated_sets": [{"id": "2026.1", "date": "2026-08", "source": "web", "members": [
                               {"kind": "engine", "name": "e", "version_range": "vers:generic/0.23.0"},
                               {"kind": "toolkit", "name": "t", "version_range": "vers:generic/9.1.0"}]}],
        "kernels": {"elf_machine": "aarch64", "names": ["b.so", "a.so"], "features": ["fp"], "source": "doc",
                    "formats": [{"format": "ascend-object", "targets": ["X1"], "source": "doc"},
                                {"format": "cuda", "targets": ["sm_90"], "target_in_bytes": true, "source": "web"}]},
        "sources": [{"id": "doc", "title": "Document", "date": "2026-08-22"},
                    {"id": "web", "title": "Page", "url": "https://example.org/", "date": "2026-08-22"}]})");
}

// The host is left open: any that the engine is for.
Json sample_of_a_chip() {
    return Json::parse(R"({
        "schema": "sealift.profile/1", "id": "chip", "title": "A chip",
        "accelerators": [{"name": "X", "quantity": 1, "source": "doc"}],
        "sources": [{"id": "doc", "title": "Document", "date": "2026-08-22"}]})");
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
    const auto& chip = profile.accelerators[0];
    CHECK(chip.memory_source == "doc");
    CHECK(chip.models == std::vector<std::string>{"X1", "X2"});
    CHECK(chip.models_source == "web");
    CHECK(chip.devices_per_function == 1);
    REQUIRE(chip.devices_by_subsystem.size() == 1);
    CHECK(chip.devices_by_subsystem[0].subsystem_id == "19e5:0110");
    CHECK(chip.devices_by_subsystem[0].devices == 2);
    CHECK(chip.devices_per_node == 16);
    CHECK(chip.device_nodes == std::vector<std::string>{"/dev/x_manager", "/dev/x{n}"});
    REQUIRE(profile.software[0].places.size() == 2);
    CHECK(profile.software[0].places[0].key == "Version");
    CHECK(profile.software[0].places[1].path == "/etc/x");
    CHECK(profile.software[0].places[1].key.empty());
    REQUIRE(profile.types.has_value());
    CHECK(profile.types->computes == std::vector<std::string>{"bf16", "int8"});
    CHECK(profile.types->lacks == std::vector<std::string>{"fp8"});
    CHECK(profile.types->lacks_source == "web");
    REQUIRE(profile.file_modes.size() == 2);
    CHECK(profile.file_modes[0].engine.empty());
    CHECK(profile.file_modes[1].mode == "0640");
    REQUIRE(profile.validated_sets.size() == 1);
    CHECK(profile.validated_sets[0].date == "2026-08");
    REQUIRE(profile.validated_sets[0].members.size() == 2);
    CHECK(profile.validated_sets[0].members[1].version_range == "vers:generic/9.1.0");
    REQUIRE(profile.kernels.formats.size() == 2);
    CHECK_FALSE(profile.kernels.formats[0].target_in_bytes);
    CHECK(profile.kernels.formats[1].target_in_bytes);
    CHECK(profile.kernels.names == std::vector<std::string>{"b.so", "a.so"});
    CHECK(profile.sources[1].url == "https://example.org/");
}

TEST_CASE("the profile of an accelerator leaves open what is not known", "[manifests][profile]") {
    const Profile profile = Profile::parse(sample_of_a_chip().dump());
    CHECK(profile.cpu.architecture.empty());
    CHECK(profile.kernels.elf_machine.empty());
    REQUIRE(profile.accelerators.size() == 1);
    CHECK(profile.accelerators[0].pci_ids.empty());
    CHECK(profile.accelerators[0].memory_bytes == 0);
    CHECK(profile.accelerators[0].devices_per_function == 0);
    CHECK_FALSE(profile.types.has_value());
}

TEST_CASE("a host of LoongArch can be named", "[manifests][profile]") {
    Json profile = sample();
    profile["cpu"]["architecture"] = "loongarch64";
    profile["kernels"]["elf_machine"] = "loongarch64";
    CHECK(Profile::parse(profile.dump()).cpu.architecture == "loongarch64");
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
        {"a blocking identity that is none", [](Json& p) { p["cpu"].erase("models"); p["cpu"].erase("vendors"); p["cpu"].erase("identity_source"); }},
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
        {"a source that no figure names", [](Json& p) { p["sources"].push_back({{"id", "x"}, {"title", "x"}, {"date", "2026-08-22"}}); }},
        {"a source without a date", [](Json& p) { p["sources"][0].erase("date"); }},
        {"a source with a wrong date", [](Json& p) { p["sources"][0]["date"] = "2026-13-01"; }},
        {"a source with another date form", [](Json& p) { p["sources"][0]["date"] = "22.08.2026"; }},
        {"a source that is not a web page", [](Json& p) { p["sources"][1]["url"] = "file:///etc/passwd"; }},
        {"a source with an empty address", [](Json& p) { p["sources"][1]["url"] = ""; }},
        {"an empty vendor", [](Json& p) { p["vendor"] = ""; }},
        {"an empty list of chips", [](Json& p) { p["chips"] = Json::array(); }},
        {"an empty list of processor vendors", [](Json& p) { p["cpu"]["vendors"] = Json::array(); }},
        {"an empty list of accelerators", [](Json& p) { p["accelerators"] = Json::array(); }},
        {"more devices than there can be", [](Json& p) { p["accelerators"][0]["quantity"] = 65537; }},
        {"memory in the old spelling", [](Json& p) { p["accelerators"][0]["memory_bytes"] = 5; }},
        {"memory of a device without a source", [](Json& p) { p["accelerators"][0]["memory"].erase("source"); }},
        {"no memory of a device", [](Json& p) { p["accelerators"][0]["memory"]["bytes"] = 0; }},
        {"memory that no device has", [](Json& p) { p["accelerators"][0]["memory"]["bytes"] = (1ULL << 46) + 1; }},
        {"memory that is no number", [](Json& p) { p["accelerators"][0]["memory"]["bytes"] = "64 GiB"; }},
        {"an unknown member of a memory", [](Json& p) { p["accelerators"][0]["memory"]["gib"] = 64; }},
        {"models out of order", [](Json& p) { p["accelerators"][0]["models"]["names"] = {"X2", "X1"}; }},
        {"no models", [](Json& p) { p["accelerators"][0]["models"]["names"] = Json::array(); }},
        {"an empty model", [](Json& p) { p["accelerators"][0]["models"]["names"] = {""}; }},
        {"models without a source", [](Json& p) { p["accelerators"][0]["models"].erase("source"); }},
        {"no devices behind a function", [](Json& p) { p["accelerators"][0]["devices_per_function"]["count"] = 0; }},
        {"a count of functions that says nothing",
         [](Json& p) { p["accelerators"][0]["devices_per_function"] = {{"source", "doc"}}; }},
        {"a subsystem that is no PCI id",
         [](Json& p) { p["accelerators"][0]["devices_per_function"]["by_subsystem"] = {{"0110", 2}}; }},
        {"no exceptions by subsystem",
         [](Json& p) { p["accelerators"][0]["devices_per_function"]["by_subsystem"] = Json::object(); }},
        {"a subsystem without devices",
         [](Json& p) { p["accelerators"][0]["devices_per_function"]["by_subsystem"]["19e5:0110"] = 0; }},
        {"a node without devices", [](Json& p) { p["accelerators"][0]["devices_per_node"]["count"] = 0; }},
        {"a device node elsewhere", [](Json& p) { p["accelerators"][0]["device_nodes"]["paths"] = {"/etc/x"}; }},
        {"a device node that climbs", [](Json& p) { p["accelerators"][0]["device_nodes"]["paths"] = {"/dev/../etc"}; }},
        {"a device node with two numbers",
         [](Json& p) { p["accelerators"][0]["device_nodes"]["paths"] = {"/dev/x{n}/y{n}"}; }},
        {"a device node with another placeholder",
         [](Json& p) { p["accelerators"][0]["device_nodes"]["paths"] = {"/dev/x{m}"}; }},
        {"a device node with a wildcard", [](Json& p) { p["accelerators"][0]["device_nodes"]["paths"] = {"/dev/x*"}; }},
        {"device nodes out of order",
         [](Json& p) { p["accelerators"][0]["device_nodes"]["paths"] = {"/dev/y", "/dev/x"}; }},
        {"a place that is not absolute",
         [](Json& p) { p["software"][0]["places"]["files"][0]["path"] = "usr/version"; }},
        {"a place that climbs", [](Json& p) { p["software"][0]["places"]["files"][0]["path"] = "/usr/.."; }},
        {"a place with a variable", [](Json& p) { p["software"][0]["places"]["files"][0]["path"] = "/$HOME/v"; }},
        {"a place twice", [](Json& p) { p["software"][0]["places"]["files"][1]["path"] = "/usr/local/x/version.info"; }},
        {"no places", [](Json& p) { p["software"][0]["places"]["files"] = Json::array(); }},
        {"places without a source", [](Json& p) { p["software"][0]["places"].erase("source"); }},
        {"a key with the sign behind it", [](Json& p) { p["software"][0]["places"]["files"][0]["key"] = "Version="; }},
        {"an empty key", [](Json& p) { p["software"][0]["places"]["files"][0]["key"] = ""; }},
        {"a number type that nobody knows", [](Json& p) { p["number_types"]["lacks"] = {"fp8_e4m3"}; }},
        {"a stored type for a number type", [](Json& p) { p["number_types"]["computes"] = {"BF16", "int8"}; }},
        {"number types out of order", [](Json& p) { p["number_types"]["computes"] = {"int8", "bf16"}; }},
        {"a number type that is computed and lacking", [](Json& p) { p["number_types"]["lacks"] = {"int8"}; }},
        {"number types without a source", [](Json& p) { p["number_types"].erase("source"); }},
        {"lacking types without a source", [](Json& p) { p["number_types"].erase("lacks_source"); }},
        {"a source of lacking types that are not there", [](Json& p) { p["number_types"].erase("lacks"); }},
        {"no number types", [](Json& p) { p["number_types"] = Json::object(); }},
        {"a mode for a role that is none", [](Json& p) { p["file_modes"][0]["role"] = "weight"; }},
        {"a mode that no bundle has", [](Json& p) { p["file_modes"][0]["mode"] = "0600"; }},
        {"a mode twice", [](Json& p) { p["file_modes"].push_back(p["file_modes"][1]); }},
        {"modes out of order", [](Json& p) { std::swap(p["file_modes"][0], p["file_modes"][1]); }},
        {"a mode without a source", [](Json& p) { p["file_modes"][0].erase("source"); }},
        {"a set without a date", [](Json& p) { p["validated_sets"][0].erase("date"); }},
        {"a set of a year", [](Json& p) { p["validated_sets"][0]["date"] = "2026"; }},
        {"a set of the thirteenth month", [](Json& p) { p["validated_sets"][0]["date"] = "2026-13"; }},
        {"a set of the 30th of February", [](Json& p) { p["validated_sets"][0]["date"] = "2026-02-30"; }},
        {"a set of one", [](Json& p) { p["validated_sets"][0]["members"].erase(1); }},
        {"a set without members", [](Json& p) { p["validated_sets"][0].erase("members"); }},
        {"members of a set out of order",
         [](Json& p) { std::swap(p["validated_sets"][0]["members"][0], p["validated_sets"][0]["members"][1]); }},
        {"an unknown kind of member", [](Json& p) { p["validated_sets"][0]["members"][0]["kind"] = "library"; }},
        {"a member of no version", [](Json& p) { p["validated_sets"][0]["members"][0]["version_range"] = "0.23.0"; }},
        {"a set without a source", [](Json& p) { p["validated_sets"][0].erase("source"); }},
        {"a set twice", [](Json& p) { p["validated_sets"].push_back(p["validated_sets"][0]); }},
        {"kernel formats out of order", [](Json& p) { std::swap(p["kernels"]["formats"][0], p["kernels"]["formats"][1]); }},
        {"no kernel formats", [](Json& p) { p["kernels"]["formats"] = Json::array(); }},
        {"targets in bytes that are not named", [](Json& p) { p["kernels"]["formats"][1].erase("targets"); }},
        {"a kernel format without a source", [](Json& p) { p["kernels"]["formats"][1].erase("source"); }},
        {"host kernels without names", [](Json& p) { p["kernels"].erase("names"); }},
        {"host kernels without a machine", [](Json& p) { p["kernels"].erase("elf_machine"); }},
        {"a source of the 31st of April", [](Json& p) { p["sources"][0]["date"] = "2026-04-31"; }},
        {"a list for an object", [](Json& p) { p["cpu"] = Json::array(); }},
        {"an object for a list", [](Json& p) { p["accelerators"] = Json::object(); }},
    }));
    CAPTURE(reason);
    Json profile = sample();
    change(profile);
    CHECK(fault_of(profile) == Fault::damaged);
}

TEST_CASE("what the profile of an accelerator must not say is refused", "[manifests][profile]") {
    using Change = std::function<void(Json&)>;
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"neither a host nor an accelerator", [](Json& p) { p.erase("accelerators"); }},
        {"a processor without an architecture",
         [](Json& p) {
             p["cpu"] = {{"features", Json::array()}, {"source", "doc"}};
         }},
        {"kernels of a machine that is not named",
         [](Json& p) {
             p["kernels"] = {{"elf_machine", "x86_64"},
                             {"names", {"a.so"}},
                             {"features", Json::array()},
                             {"source", "doc"}};
         }},
        {"kernels that are none", [](Json& p) { p["kernels"] = Json::object(); }},
        {"an empty list of PCI ids", [](Json& p) { p["accelerators"][0]["pci_ids"] = Json::array(); }},
        {"an accelerator without a quantity", [](Json& p) { p["accelerators"][0].erase("quantity"); }},
        {"no sources", [](Json& p) { p.erase("sources"); }},
    }));
    CAPTURE(reason);
    Json profile = sample_of_a_chip();
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
