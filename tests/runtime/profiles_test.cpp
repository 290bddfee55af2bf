#include "runtime/profiles.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "runtime/cpu.hpp"
#include "runtime/file_descriptor.hpp"
#include "runtime/fit.hpp"
#include "tests/runtime/cpu_registers.hpp"

using manifests::Error;
using manifests::Fault;
using manifests::Machine;
using runtime::all_profiles;
using runtime::load_profile;
using runtime::StoredProfile;

namespace {

// ctest says where the project is; without it, this file's own path does.
std::string project() {
    if (const char* const source = std::getenv("SEALIFT_SOURCE")) return source;
    return std::filesystem::absolute(__FILE__).parent_path().parent_path().parent_path().string();
}
std::string folder() {
    return project() + "/profiles";
}

Machine machine_with(const runtime::X86Registers& registers) {
    Machine machine;
    machine.cpu = runtime::decode_x86(registers);
    return machine;
}

std::vector<std::string> ids_of(const std::vector<StoredProfile>& profiles) {
    std::vector<std::string> ids;
    for (const StoredProfile& stored : profiles)
        ids.push_back(stored.profile.id);
    return ids;
}

std::vector<std::string> fitting_ids(const Machine& machine) {
    return ids_of(runtime::fitting(all_profiles(folder()), machine));
}

Fault fault_of(const std::string& name, const std::string& where) {
    try {
        load_profile(name, where);
    } catch (const Error& error) {
        return error.fault();
    }
    return Fault::internal;
}

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "sealift-profiles-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path + "/" + name) << text;
    }
    std::string path;
};

} // namespace

TEST_CASE("profiles ask only for instructions that a probe can find", "[runtime][profiles]") {
    for (const StoredProfile& stored : all_profiles(folder())) {
        const auto known = runtime::known_cpu_features(stored.profile.cpu.architecture);
        for (const std::string& feature : stored.profile.cpu.features) {
            CAPTURE(stored.path, feature);
            CHECK(std::binary_search(known.begin(), known.end(), feature));
        }
        if (!known.empty()) CHECK_FALSE(stored.profile.kernels.names.empty());
        CHECK_FALSE(stored.profile.sources.empty());
    }
}

TEST_CASE("each level of x86-64 holds the one below", "[runtime][profiles]") {
    std::vector<std::string> below;
    for (const char* id : {"x86_64-v1", "x86_64-v2", "x86_64-v3", "x86_64-v4", "zen4"}) {
        CAPTURE(id);
        const auto features = load_profile(id, folder()).profile.cpu.features;
        CHECK(std::includes(features.begin(), features.end(), below.begin(), below.end()));
        CHECK(features.size() > below.size());
        below = features;
    }
}

TEST_CASE("a machine gets the profiles that it fits, best first", "[runtime][profiles]") {
    using Ids = std::vector<std::string>;
    CHECK(fitting_ids(machine_with(tests::zen4_registers())) ==
          Ids{"zen4", "x86_64-v4", "x86_64-v3", "x86_64-v2", "x86_64-v1"});
    CHECK(fitting_ids(machine_with(tests::sapphire_rapids_registers())) ==
          Ids{"sapphirerapids", "x86_64-v4", "x86_64-v3", "x86_64-v2", "x86_64-v1", "zen4"});
    CHECK(fitting_ids(machine_with(tests::dhyana_registers())) ==
          Ids{"hygon-dhyana", "x86_64-v3", "x86_64-v2", "x86_64-v1"});
    CHECK(fitting_ids(machine_with(tests::haswell_registers())) ==
          Ids{"x86_64-v3", "x86_64-v2", "x86_64-v1"});
    CHECK(fitting_ids(Machine{}).empty());
}

TEST_CASE("a system that does not save the registers takes its processor down a level",
          "[runtime][profiles]") {
    runtime::X86Registers registers = tests::zen4_registers();
    registers.xcr0 = 0x7;
    CHECK(fitting_ids(machine_with(registers)).front() == "x86_64-v3");
    registers.xcr0 = 0x3;
    CHECK(fitting_ids(machine_with(registers)).front() == "x86_64-v2");
}

TEST_CASE("Sapphire Rapids is refused on Zen 4 with the instructions that are missing",
          "[runtime][profiles]") {
    const auto fit =
        runtime::fit(load_profile("sapphirerapids", folder()).profile, machine_with(tests::zen4_registers()));
    CHECK_FALSE(fit.fits());
    CHECK(fit.lines.at(2).found == "without amx_bf16 amx_int8 amx_tile avx512_fp16 avx_vnni");
}

TEST_CASE("Hygon's profile is refused on any other maker's processor", "[runtime][profiles]") {
    const auto profile = load_profile("hygon-dhyana", folder()).profile;
    CHECK_FALSE(runtime::fit(profile, machine_with(tests::zen4_registers())).fits());
    CHECK_FALSE(runtime::fit(profile, machine_with(tests::haswell_registers())).fits());
    CHECK(runtime::fit(profile, machine_with(tests::dhyana_registers())).fits());
}

TEST_CASE("an Arm server with dot product and half precision fits armv8.2", "[runtime][profiles]") {
    Machine machine;
    machine.cpu = runtime::decode_arm({.hwcap = 0x119fff, .hwcap2 = 0, .midr = 0x481fd010});
    CHECK(fitting_ids(machine) == std::vector<std::string>{"armv8.2"});
    machine.cpu = runtime::decode_arm({.hwcap = 0xff, .hwcap2 = 0, .midr = 0x410fd034}); // Cortex-A53
    CHECK(fitting_ids(machine).empty());
}

TEST_CASE("a processor with a profile of its own gets that one first", "[runtime][profiles]") {
    using Ids = std::vector<std::string>;
    Machine machine;
    machine.cpu = runtime::decode_arm({.hwcap = 0x919fff, .hwcap2 = 0, .midr = 0x481fd010});
    CHECK(fitting_ids(machine) == Ids{"kunpeng-920", "armv8.2"});
    machine.cpu = runtime::decode_arm({.hwcap = 0x919fff, .hwcap2 = 0, .midr = 0x411fd010}); // Cortex-A32
    CHECK(fitting_ids(machine) == Ids{"armv8.2"});
    machine.cpu = runtime::decode_arm({.hwcap = 0xff, .hwcap2 = 0, .midr = 0x701f6620});
    CHECK(fitting_ids(machine) == Ids{"phytium"});
    machine.cpu = machine_with(tests::haswell_registers()).cpu;
    machine.cpu.vendor = "  Shanghai  ";
    machine.cpu.family = 6;
    machine.cpu.model = 0x19;
    std::erase(machine.cpu.features, "fma"); // it has AVX2, and is of level v2 all the same
    CHECK(fitting_ids(machine) == Ids{"zhaoxin-zx-c-plus", "x86_64-v2", "x86_64-v1"});
    machine.cpu.vendor = "Shanghai";
    CHECK(fitting_ids(machine) == Ids{"x86_64-v2", "x86_64-v1"});
    machine.cpu = {};
    machine.cpu.architecture = "loongarch64";
    CHECK(fitting_ids(machine) == Ids{"loongson-la64"});
}

TEST_CASE("the profile of an accelerator can be read and is never passed unprobed", "[runtime][profiles]") {
    const std::string path = project() + "/tests/vectors/profiles/ascend-910b3.json";
    const StoredProfile stored = load_profile(path);
    CHECK(stored.profile.accelerators.at(0).pci_ids == std::vector<std::string>{"19e5:d802"});
    CHECK(stored.profile.software.size() == 3);
    Machine machine;
    machine.cpu = runtime::decode_arm({.hwcap = 0x119fff, .hwcap2 = 0, .midr = 0x481fd010});
    for (int i = 0; i < 8; ++i)
        machine.accelerators.push_back(
            {"0000:0" + std::to_string(i) + ":00.0", "19e5:d802", "", "120000", "", "Huawei"});
    const auto fit = runtime::fit(stored.profile, machine);
    CHECK_FALSE(fit.fits());
    CHECK(std::none_of(fit.lines.begin(), fit.lines.end(),
                       [](const auto& line) { return line.verdict == runtime::FitLine::Verdict::not_met; }));
}

TEST_CASE("a stored profile is given as its very bytes", "[runtime][profiles]") {
    const StoredProfile stored = load_profile("zen4", folder());
    CHECK(stored.path == folder() + "/zen4.json");
    CHECK(stored.bytes == runtime::read_small_file(stored.path));
    CHECK(load_profile(stored.path).bytes == stored.bytes);
}

TEST_CASE("an unknown name is refused with the known ones", "[runtime][profiles]") {
    try {
        load_profile("zen5", folder());
        FAIL("there is no zen5");
    } catch (const Error& error) {
        CHECK(error.fault() == Fault::usage);
        CHECK(std::string(error.what()).find("'zen5'") != std::string::npos);
        CHECK(error.hint().find("zen4") != std::string::npos);
        CHECK(error.hint().find("profile.schema") == std::string::npos);
    }
    CHECK(fault_of("profile.schema", folder()) == Fault::usage);
    CHECK(fault_of("..", folder()) == Fault::usage);
    CHECK(fault_of("", folder()) == Fault::usage);
    CHECK(fault_of("./missing.json", folder()) == Fault::io);
    CHECK(fault_of("zen4", "/nowhere") == Fault::usage);
}

TEST_CASE("a profile whose id is not its name, or that is none, is refused with its path",
          "[runtime][profiles]") {
    const Folder wrong;
    wrong.write("other.json", load_profile("zen4", folder()).bytes);
    CHECK(fault_of("other", wrong.path) == Fault::damaged);
    CHECK_THROWS_AS(all_profiles(wrong.path), Error);
    CHECK_NOTHROW(load_profile(wrong.path + "/other.json")); // by path: a blob has another name
    wrong.write("broken.json", "{}");
    try {
        load_profile("broken", wrong.path);
        FAIL("{} is no profile");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find("broken.json") != std::string::npos);
    }
}

TEST_CASE("schemas, hidden files and other files are no profiles", "[runtime][profiles]") {
    const Folder some;
    some.write("profile.schema.json", "{}");
    some.write(".zen4.json", "{}");
    some.write("README.md", "");
    CHECK(all_profiles(some.path).empty());
}

TEST_CASE("the folder asked for comes before the environment", "[runtime][profiles]") {
    const Folder first;
    const Folder second;
    const char* const before = std::getenv("SEALIFT_PROFILES");
    const std::string kept = before == nullptr ? "" : before;
    ::setenv("SEALIFT_PROFILES", second.path.c_str(), 1);
    CHECK(runtime::profiles_folder(first.path) == first.path);
    CHECK(runtime::profiles_folder("") == second.path);
    ::setenv("SEALIFT_PROFILES", "/nowhere", 1);
    CHECK_THROWS_AS(runtime::profiles_folder(""), Error);
    before == nullptr ? ::unsetenv("SEALIFT_PROFILES") : ::setenv("SEALIFT_PROFILES", kept.c_str(), 1);
}
