#include <catch2/catch.hpp>

#include "tests/runtime/fit_case.hpp"

using manifests::Code;
using runtime::Fit;
using runtime::FitLine;
using tests::ascend_case;
using tests::blocking;
using tests::find_line;
using tests::FitCase;
using Kind = manifests::SoftwareRequirement::Kind;
using Verdict = FitLine::Verdict;
using Blocking = std::vector<std::string>;

namespace {

FitLine line_of(const FitCase& one, Code code) {
    const Fit fit = one.at_site();
    const FitLine* line = find_line(fit, code);
    REQUIRE(line != nullptr);
    return *line;
}

void ask_for_system(FitCase& one, const std::string& name, const std::string& range) {
    manifests::SoftwareRequirement system;
    system.kind = Kind::operating_system;
    system.name = name;
    system.version_range = range;
    one.profile.software.push_back(system);
}

} // namespace

TEST_CASE("a toolkit one version too old is found out before anything is copied", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.machine.software[0].version = "8.0.RC3";
    const FitLine line = line_of(one, Code::fit_driver);
    CHECK(line.verdict == Verdict::not_met);
    CHECK(line.requirement == "toolkit CANN");
    CHECK(line.found == "8.0.RC3 (/usr/local/Ascend/cann/version.info)");
    CHECK(line.wanted == "8.2 or newer, below 10");
    CHECK(line.remedy == "install CANN 8.2 or newer, below 10, or take a bundle for 8.0.RC3");
    CHECK(blocking(one.at_site()) == Blocking{"not met: toolkit CANN"});
    CHECK(one.at_build().fits()); // which version a site has is the site's business
}

TEST_CASE("versions of drivers, firmware and toolkits lie in their ranges or do not", "[runtime][fit]") {
    const auto [kind, version, verdict] = GENERATE(table<Kind, std::string, Verdict>({
        {Kind::driver, "8.2", Verdict::met},
        {Kind::driver, "9.99", Verdict::met},
        {Kind::driver, "10", Verdict::not_met},
        {Kind::driver, "8.2.rc1", Verdict::not_met}, // comes before the release
        {Kind::firmware, "8.1.9", Verdict::not_met},
        {Kind::firmware, "8.10", Verdict::met},
        {Kind::toolkit, "2.0", Verdict::not_met},
    }));
    CAPTURE(version);
    FitCase one = ascend_case();
    one.profile.software[0].kind = kind;
    one.machine.software = {{std::string(name_of(kind)), "cann", version, "/somewhere"}}; // any case
    CHECK(line_of(one, Code::fit_driver).verdict == verdict);
}

TEST_CASE("of several installed versions one is enough", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.machine.software = {{"toolkit", "CANN", "8.0", "/opt/a"}, {"toolkit", "CANN", "9.0", "/opt/b"}};
    CHECK(one.at_site().fits());
    CHECK(line_of(one, Code::fit_driver).found == "8.0 (/opt/a), 9.0 (/opt/b)");
    one.machine.software[1].kind = "driver"; // of the same name is something else
    CHECK_FALSE(one.at_site().fits());
}

TEST_CASE("software that nothing tells of is undecided; where one has looked, it is not there",
          "[runtime][fit]") {
    FitCase one = ascend_case();
    one.machine.software.clear();
    CHECK(line_of(one, Code::fit_driver).verdict == Verdict::cannot_tell);
    one.profile.software[0].places = {{"/opt/cann/version.info", "Version"}};
    CHECK(line_of(one, Code::fit_driver).verdict == Verdict::not_met);
    CHECK(line_of(one, Code::fit_driver).found == "none at /opt/cann/version.info");
    one.machine.unreadable = {"/opt/cann/version.info"};
    CHECK(line_of(one, Code::fit_driver).verdict == Verdict::cannot_tell);
}

TEST_CASE("a vendor's tool is believed where files do not speak", "[runtime][fit]") {
    FitCase one = ascend_case();
    manifests::EvidenceFound evidence;
    evidence.tool = "npu-smi";
    evidence.software = {{"toolkit", "CANN", "8.0", "npu-smi"}};
    one.machine.evidence = {evidence};
    CHECK(one.at_site().fits());
    one.machine.software.clear();
    CHECK(line_of(one, Code::fit_driver).verdict == Verdict::not_met);
    one.machine.evidence[0].software[0].version = "9.0";
    CHECK(one.at_site().fits());
}

TEST_CASE("the system is one of those that the profile names", "[runtime][fit]") {
    FitCase one = ascend_case();
    ask_for_system(one, "openeuler", "vers:generic/>=22.03");
    CHECK(line_of(one, Code::fit_host).verdict == Verdict::met);
    ask_for_system(one, "ubuntu", "vers:generic/>=22.04"); // or that: a machine has one system
    CHECK(one.at_site().fits());
    one.machine.system_version = "20.03";
    const FitLine line = line_of(one, Code::fit_host);
    CHECK(line.verdict == Verdict::not_met);
    CHECK(line.requirement == "operating system");
    CHECK(line.wanted == "openeuler 22.03 or newer or ubuntu 22.04 or newer");
    CHECK(line.found == "openEuler 20.03, Linux 5.10.0-136.12.0.oe2203sp1.aarch64");
    one.machine.system_id = "debian";
    CHECK(line_of(one, Code::fit_host).verdict == Verdict::not_met);
    one.machine.system_id.clear();
    CHECK(line_of(one, Code::fit_host).verdict == Verdict::cannot_tell);
}

TEST_CASE("the kernel is asked besides the system", "[runtime][fit]") {
    FitCase one = ascend_case();
    ask_for_system(one, "Linux", "vers:generic/>=6");
    ask_for_system(one, "openEuler", "vers:generic/*");
    CHECK(blocking(one.at_site()) == Blocking{"not met: Linux"});
}

TEST_CASE("the system's libraries are as new as the engine's binaries want them", "[runtime][fit]") {
    const auto [found, verdict] = GENERATE(table<std::string, Verdict>({{"2.34", Verdict::met},
                                                                        {"2.40", Verdict::met},
                                                                        {"2.4", Verdict::not_met},
                                                                        {"2.33", Verdict::not_met}}));
    CAPTURE(found);
    FitCase one = ascend_case();
    one.machine.abi[0].version = found;
    const FitLine line = line_of(one, Code::fit_abi);
    CHECK(line.verdict == verdict);
    CHECK(line.requirement == "GLIBC");
    CHECK(line.wanted == "2.34 or newer");
    CHECK(line.found == found + " (/lib64/libc.so.6)");
    one.machine.abi.clear();
    CHECK(blocking(one.at_site()) == Blocking{"cannot tell: GLIBC"});
    one.needs.abi.clear(); // a static engine
    CHECK(one.at_site().fits());
}

TEST_CASE("two tools that contradict each other leave a version undecided", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.machine.software.clear();
    manifests::EvidenceFound newer, older;
    newer.tool = "a-smi";
    newer.software = {{"toolkit", "CANN", "9.1", "a-smi"}};
    older.tool = "b-smi";
    older.software = {{"toolkit", "cann", "8.0", "b-smi"}};
    one.machine.evidence = {newer, older};
    one.profile.software[0].places = {{"/opt/cann/version.info", "Version"}}; // looked at, and not there
    CHECK(line_of(one, Code::fit_driver).verdict == Verdict::cannot_tell);
    CHECK(line_of(one, Code::fit_driver).found == "9.1 (a-smi), 8.0 (b-smi)");
    one.machine.evidence[1].software[0].version = "9.1"; // of one mind
    CHECK(one.at_site().fits());
}

TEST_CASE("a place with a star that could not be read is not a place where nothing stands",
          "[runtime][fit]") {
    const auto [unreadable, verdict] = GENERATE(table<std::string, Verdict>({
        {"/opt/cann-9.1/version.info", Verdict::cannot_tell},
        {"/opt", Verdict::cannot_tell}, // the folder that would list them
        {"/opt/other", Verdict::not_met},
        {"/srv", Verdict::not_met},
    }));
    CAPTURE(unreadable);
    FitCase one = ascend_case();
    one.machine.software.clear();
    one.profile.software[0].places = {{"/opt/cann-*/version.info", "Version"}};
    one.machine.unreadable = {unreadable};
    CHECK(line_of(one, Code::fit_driver).verdict == verdict);
}
