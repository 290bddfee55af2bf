// Every profile of profiles/, held to the rules and to what is known of its chip. A new chip is one file and
// one line of the table below.

#include "runtime/profiles.hpp"

#include <algorithm>
#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/schema.hpp"

using manifests::Json;
using manifests::Profile;
using runtime::StoredProfile;

namespace {

std::string folder() {
    return tests::source_file("profiles");
}

constexpr std::uint64_t mib = 1ULL << 20;
constexpr std::uint64_t gib = 1ULL << 30;

struct Known {
    const char* id;
    const char* architecture;   // of the host; "": any
    const char* pci_ids;        // "": no list knows them, or it is a host
    std::uint64_t memory_bytes; // of one device; 0: documents do not say, or disagree
    const char* computes;
    const char* lacks;
};

// Written from documents, not from the files.
const std::vector<Known>& known_profiles() {
    // clang-format off
    static const std::vector<Known> known{
        {"amd-mi300x", "", "1002:74a1", 196592 * mib, "bf16 fp16 fp32 fp64 fp8_fnuz int8", ""},
        {"amd-mi308x", "", "1002:74a2", 196592 * mib, "", ""},
        {"amd-mi325x", "", "1002:74a5", 0, "bf16 fp16 fp32 fp64 fp8_fnuz int8", ""},
        {"armv8.2", "aarch64", "", 0, "", ""},
        {"ascend-310p", "", "19e5:d500 203f:d500 20c6:d500 20e9:d500", 0, "fp16 fp32 int4 int8", "bf16 fp8"},
        {"ascend-910", "", "19e5:d801", 0, "fp16 fp32 int8", "bf16"},
        {"ascend-910b", "", "19e5:d802 203f:d802 20c6:d802 20e9:d802", 64 * gib, "bf16 fp16 fp32 int4 int8", "fp8 mxfp4 mxfp8"},
        {"ascend-910b4", "", "19e5:d802 203f:d802 20c6:d802 20e9:d802", 32 * gib, "bf16 fp16 fp32 int4 int8", "fp8 mxfp4 mxfp8"},
        {"ascend-910c", "", "19e5:d803", 64 * gib, "bf16 fp16 fp32 int4 int8", "fp8 mxfp4 mxfp8"},
        {"ascend-950dt-9581", "", "19e5:d806", 144 * gib, "bf16 fp16 fp32 fp8 hif8 int4 int8 mxfp4 mxfp8", ""},
        {"ascend-950dt-9582", "", "19e5:d806", 96 * gib, "bf16 fp16 fp32 fp8 hif8 int4 int8 mxfp4 mxfp8", ""},
        {"ascend-950pr", "", "19e5:d806", 128 * gib, "bf16 fp16 fp32 fp8 hif8 int4 int8 mxfp4 mxfp8", ""},
        {"biren-166m", "", "", 0, "", ""},
        {"cambricon-mlu370", "", "cabc:0370", 0, "", ""},
        {"cambricon-mlu590-m9", "", "", 96 * gib, "bf16 fp16", ""},
        {"cambricon-mlu590-m9d", "", "", 80 * gib, "bf16 fp16", ""},
        {"enflame-s60", "", "1e36:c035", 48 * gib, "", ""},
        {"hygon-dcu-bw1000", "", "1d94:6320", 0, "bf16 fp16", ""},
        {"hygon-dcu-k100", "", "1d94:62b7", 64 * gib, "", ""},
        {"hygon-dcu-k100-ai", "", "1d94:6211", 65520 * mib, "", ""},
        {"hygon-dcu-z100", "", "1d94:54b7 1d94:55b7", 0, "", ""},
        {"hygon-dhyana", "x86_64", "", 0, "", ""},
        {"iluvatar-bi-v150", "", "", 65187 * mib, "bf16 fp16 int8", ""},
        {"iluvatar-mr-v100", "", "1e3e:0002", 32 * gib, "", ""},
        {"kunlun-p800", "", "", 96 * gib, "bf16 int8", ""},
        {"kunpeng-920", "aarch64", "", 0, "", ""},
        {"loongson-la64", "loongarch64", "", 0, "", ""},
        {"metax-c500", "", "9999:0a01 9999:4001", 64 * gib, "", ""},
        {"metax-c550", "", "9999:4000", 64 * gib, "bf16 fp16", ""},
        {"mthreads-s4000", "", "1ed5:0323 1ed5:0327 1ed5:0328", 48 * gib, "bf16 fp16", "fp8"},
        {"mthreads-s5000", "", "1ed5:0400", 0, "bf16 fp16 fp8 int8", ""},
        {"nvidia-h100", "", "10de:2330 10de:2331", 81559 * mib, "bf16 fp16 fp32 fp8 int8", "mxfp8 nvfp4"},
        {"nvidia-h20", "", "10de:2329", 96000000000, "bf16 fp16 fp32 fp8 int8", "mxfp8 nvfp4"},
        {"nvidia-h200", "", "10de:2335 10de:233b", 143771 * mib, "bf16 fp16 fp32 fp8 int8", "mxfp8 nvfp4"},
        {"phytium", "aarch64", "", 0, "", ""},
        {"sapphirerapids", "x86_64", "", 0, "", ""},
        {"thead-ppu-zw810e", "", "", 96 * gib, "", ""},
        {"x86_64-v1", "x86_64", "", 0, "", ""},
        {"x86_64-v2", "x86_64", "", 0, "", ""},
        {"x86_64-v3", "x86_64", "", 0, "", ""},
        {"x86_64-v4", "x86_64", "", 0, "", ""},
        {"zen4", "x86_64", "", 0, "", ""},
        {"zhaoxin-kh-40000", "x86_64", "", 0, "", ""},
        {"zhaoxin-zx-c-plus", "x86_64", "", 0, "", ""},
        {"zhaoxin-zx-d", "x86_64", "", 0, "", ""},
    };
    // clang-format on
    return known;
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& item : list)
        text += (text.empty() ? "" : " ") + item;
    return text;
}

Profile profile_of(const std::string& id) {
    return runtime::load_profile(id, folder()).profile;
}

bool parser_accepts(const std::string& document) {
    try {
        Profile::parse(document);
    } catch (const manifests::Error&) {
        return false;
    }
    return true;
}

} // namespace

TEST_CASE("every stored profile is known here, and every known one is stored", "[runtime][profiles]") {
    std::vector<std::string> stored;
    std::vector<std::string> known;
    for (const StoredProfile& profile : runtime::all_profiles(folder()))
        stored.push_back(profile.profile.id);
    for (const Known& profile : known_profiles())
        known.push_back(profile.id);
    CHECK(stored == known);
}

TEST_CASE("every stored profile says what is known of its chip", "[runtime][profiles]") {
    for (const Known& known : known_profiles()) {
        CAPTURE(known.id);
        const Profile profile = profile_of(known.id);
        CHECK(profile.cpu.architecture == known.architecture);
        const auto types = profile.types.value_or(manifests::TypeSupport{});
        CHECK(joined(types.computes) == known.computes);
        CHECK(joined(types.lacks) == known.lacks);
        const auto device =
            profile.accelerators.empty() ? manifests::AcceleratorRequirement{} : profile.accelerators.front();
        CHECK(joined(device.pci_ids) == known.pci_ids);
        CHECK(device.memory_bytes == known.memory_bytes);
    }
}

TEST_CASE("every stored profile keeps the schema beside it", "[runtime][profiles]") {
    for (const StoredProfile& stored : runtime::all_profiles(folder())) {
        CAPTURE(stored.path);
        CHECK(tests::profile_problems(stored.bytes) == std::vector<std::string>{});
    }
}

TEST_CASE("the profile of a host has a processor, that of a chip leaves the host open",
          "[runtime][profiles]") {
    for (const StoredProfile& stored : runtime::all_profiles(folder())) {
        CAPTURE(stored.path);
        CHECK(stored.profile.accelerators.empty() != stored.profile.cpu.architecture.empty());
        CHECK(stored.profile.accelerators.size() <= 1);
    }
}

TEST_CASE("a node of Ascend A2 has 8 devices, of A3 16, and 300I Duo two on one function",
          "[runtime][profiles]") {
    CHECK(profile_of("ascend-910b").accelerators.at(0).devices_per_node == 8);
    CHECK(profile_of("ascend-910c").accelerators.at(0).devices_per_node == 16);
    CHECK(profile_of("ascend-910b4").accelerators.at(0).devices_per_node == 0);
    const auto duo = profile_of("ascend-310p").accelerators.at(0);
    CHECK(duo.devices_per_function == 1);
    REQUIRE(duo.devices_by_subsystem.size() == 2);
    CHECK(duo.devices_by_subsystem[0].subsystem_id == "19e5:0110");
    CHECK(duo.devices_by_subsystem[0].devices == 2);
}

TEST_CASE("boards that share a PCI id are told apart by model", "[runtime][profiles]") {
    const auto big = profile_of("ascend-910b").accelerators.at(0);
    const auto small = profile_of("ascend-910b4").accelerators.at(0);
    CHECK(big.pci_ids == small.pci_ids);
    CHECK(std::binary_search(big.models.begin(), big.models.end(), "Ascend910B3"));
    CHECK(std::binary_search(small.models.begin(), small.models.end(), "Ascend910B4"));
    for (const std::string& model : big.models) {
        CAPTURE(model);
        CHECK_FALSE(std::binary_search(small.models.begin(), small.models.end(), model));
    }
    // The trap of names: without a digit it is the first generation.
    const auto first = profile_of("ascend-910").accelerators.at(0);
    CHECK(std::binary_search(first.models.begin(), first.models.end(), "Ascend910B"));
    CHECK_FALSE(std::binary_search(big.models.begin(), big.models.end(), "Ascend910B"));
}

TEST_CASE("the published set of vLLM-Ascend 0.23.0 is stored whole", "[runtime][profiles]") {
    const Profile profile = profile_of("ascend-910b");
    const auto set = std::find_if(profile.validated_sets.begin(), profile.validated_sets.end(),
                                  [](const auto& one) { return one.id == "vllm-ascend-0.23.0"; });
    REQUIRE(set != profile.validated_sets.end());
    std::string members;
    for (const auto& member : set->members)
        members += member.kind + " " + member.name + " " + member.version_range.substr(13) + "\n";
    CHECK(members == "engine vllm 0.23.0\nengine vllm-ascend 0.23.0\nframework mooncake 0.3.11.post1\n"
                     "framework torch 2.10.0\nframework torch-npu 2.10.0.post4\n"
                     "framework triton-ascend 3.2.2\ntoolkit CANN 9.1.0\n");
    CHECK(set->date == "2026-08-22");
}

TEST_CASE("MindIE insists on 0640 for what it reads as configuration", "[runtime][profiles]") {
    for (const char* id : {"ascend-310p", "ascend-910b", "ascend-910b4", "ascend-910c"}) {
        CAPTURE(id);
        const Profile profile = profile_of(id);
        REQUIRE(profile.file_modes.size() == 2);
        for (const auto& rule : profile.file_modes) {
            CHECK(rule.engine == "mindie");
            CHECK(rule.mode == "0640");
        }
    }
}

TEST_CASE("the schema refuses what the reader refuses", "[runtime][profiles]") {
    using Change = std::function<void(Json&)>;
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"an unknown member", [](Json& p) { p["driver"] = "1"; }},
        {"neither a host nor an accelerator", [](Json& p) { p.erase("accelerators"); }},
        {"an empty list of chips", [](Json& p) { p["chips"] = Json::array(); }},
        {"no PCI ids in the list", [](Json& p) { p["accelerators"][0]["pci_ids"] = Json::array(); }},
        {"a PCI id in upper case", [](Json& p) { p["accelerators"][0]["pci_ids"] = {"19E5:D802"}; }},
        {"no devices", [](Json& p) { p["accelerators"][0]["quantity"] = 0; }},
        {"65537 devices", [](Json& p) { p["accelerators"][0]["devices_per_node"]["count"] = 65537; }},
        {"memory in the old spelling", [](Json& p) { p["accelerators"][0]["memory_bytes"] = 5; }},
        {"memory without a source", [](Json& p) { p["accelerators"][0]["memory"].erase("source"); }},
        {"memory beyond belief", [](Json& p) { p["accelerators"][0]["memory"]["bytes"] = (1ULL << 46) + 1; }},
        {"a subsystem that is no PCI id",
         [](Json& p) { p["accelerators"][0]["devices_per_function"]["by_subsystem"] = {{"0110", 2}}; }},
        {"a count of functions that says nothing",
         [](Json& p) { p["accelerators"][0]["devices_per_function"].erase("count"); }},
        {"a device node elsewhere",
         [](Json& p) { p["accelerators"][0]["device_nodes"]["paths"] = {"/etc/x"}; }},
        {"a device node that climbs",
         [](Json& p) { p["accelerators"][0]["device_nodes"]["paths"] = {"/dev/../x"}; }},
        {"a place that is not absolute",
         [](Json& p) { p["software"][0]["places"]["files"][0]["path"] = "etc/x"; }},
        {"a place that climbs", [](Json& p) { p["software"][0]["places"]["files"][0]["path"] = "/etc/.."; }},
        {"a key with its sign", [](Json& p) { p["software"][0]["places"]["files"][0]["key"] = "Version="; }},
        {"no places", [](Json& p) { p["software"][0]["places"]["files"] = Json::array(); }},
        {"a number type that nobody knows", [](Json& p) { p["number_types"]["lacks"] = {"fp8_e4m3"}; }},
        {"number types without a source", [](Json& p) { p["number_types"].erase("source"); }},
        {"a source of types that are not there", [](Json& p) { p["number_types"].erase("lacks"); }},
        {"a mode that no bundle has", [](Json& p) { p["file_modes"][0]["mode"] = "0600"; }},
        {"a role that is none", [](Json& p) { p["file_modes"][0]["role"] = "weight"; }},
        {"a set of one", [](Json& p) { p["validated_sets"][0]["members"].erase(1); }},
        {"a set of a year", [](Json& p) { p["validated_sets"][0]["date"] = "2026"; }},
        {"an unknown kind of member",
         [](Json& p) { p["validated_sets"][0]["members"][0]["kind"] = "library"; }},
        {"kernels that are none", [](Json& p) { p["kernels"] = Json::object(); }},
        {"host kernels without names", [](Json& p) { p["kernels"]["elf_machine"] = "x86_64"; }},
        {"a source without a date", [](Json& p) { p["sources"][0].erase("date"); }},
    }));
    CAPTURE(reason);
    Json profile = Json::parse(runtime::load_profile("ascend-910b", folder()).bytes);
    REQUIRE(parser_accepts(profile.dump()));
    change(profile);
    CHECK_FALSE(tests::profile_problems(profile.dump()).empty());
    CHECK_FALSE(parser_accepts(profile.dump()));
}
