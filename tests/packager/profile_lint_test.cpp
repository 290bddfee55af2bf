#include "packager/profile_lint.hpp"

#include <functional>

#include <catch2/catch.hpp>

using manifests::Code;
using manifests::Finding;
using manifests::Profile;
using manifests::Report;
using manifests::Severity;
using packager::LintedProfile;

namespace {

constexpr std::string_view now = "2026-12-01T00:00:00Z";

// A chip with all that a site and a build ask for, so that there is nothing to say about it.
Profile good_profile() {
    Profile profile;
    profile.id = "good-npu";
    profile.title = "Good NPU";
    manifests::AcceleratorRequirement npu;
    npu.name = "Good NPU";
    npu.pci_ids = {"19e5:d802"};
    npu.memory_bytes = std::uint64_t{64} << 30;
    npu.models = {"Good1"};
    npu.device_nodes = {"/dev/davinci{n}"};
    profile.accelerators = {npu};
    profile.types =
        manifests::TypeSupport{.computes = {"bf16"}, .lacks = {}, .source = "book", .lacks_source = ""};
    profile.validated_sets = {{.id = "one", .date = "2026-11", .members = {}, .source = "book"}};
    profile.sources = {{.id = "book", .title = "A book", .url = "", .date = "2026-11-01"}};
    return profile;
}

Report lint(const Profile& profile) {
    return packager::lint_profile({"good-npu.json", profile}, now);
}

struct Advice {
    Code code;
    std::string text;
    std::function<void(Profile&)> change;
};

} // namespace

TEST_CASE("there is nothing to say about a good profile", "[packager][profile_lint]") {
    CHECK(lint(good_profile()).findings().empty());
    CHECK(packager::lint_together({{"good-npu.json", good_profile()}}).findings().empty());
}

TEST_CASE("what a site could not be told is noted, one by one, and refuses nothing",
          "[packager][profile_lint]") {
    const std::vector<Advice> advice{
        {Code::fit_accelerator, "'pci_ids'", [](Profile& p) { p.accelerators[0].pci_ids.clear(); }},
        {Code::fit_device_memory, "'memory'", [](Profile& p) { p.accelerators[0].memory_bytes = 0; }},
        {Code::fit_device_node, "'device_nodes'", [](Profile& p) { p.accelerators[0].device_nodes.clear(); }},
        {Code::fit_types, "'number_types'", [](Profile& p) { p.types.reset(); }},
        {Code::fit_set, "work together", [](Profile& p) { p.validated_sets.clear(); }},
        {Code::format_document, "yet to come", [](Profile& p) { p.sources[0].date = "2026-12-02"; }},
        {Code::format_document, "days ago", [](Profile& p) { p.sources[0].date = "2024-11-01"; }},
    };
    for (const Advice& one : advice) {
        CAPTURE(one.text);
        Profile profile = good_profile();
        one.change(profile);
        const Report report = lint(profile);
        REQUIRE(report.findings().size() == 1);
        const Finding& finding = report.findings().front();
        CHECK(finding.code == one.code);
        CHECK(finding.severity == Severity::note);
        CHECK(finding.where == "good-npu.json");
        CHECK_THAT(finding.text, Catch::Contains(one.text));
        CHECK_FALSE(finding.hint.empty());
        CHECK(report.passed());
    }
}

TEST_CASE("a processor's profile is not asked what an accelerator's is", "[packager][profile_lint]") {
    Profile profile = good_profile();
    profile.accelerators.clear();
    profile.types.reset();
    profile.validated_sets.clear();
    CHECK(lint(profile).findings().empty());
}

TEST_CASE("a source is old after two years and not before", "[packager][profile_lint]") {
    Profile profile = good_profile();
    profile.sources[0].date = "2024-11-30"; // 731 days
    CHECK(lint(profile).findings().empty());
    profile.sources[0].date = "2026-12-01"; // today
    CHECK(lint(profile).findings().empty());
    profile.sources[0].date = "2024-11-28"; // 733 days
    CHECK(lint(profile).findings().size() == 1);
}

TEST_CASE("two profiles with one id are refused", "[packager][profile_lint]") {
    Profile other = good_profile();
    other.accelerators[0].pci_ids = {"19e5:d803"};
    const Report report = packager::lint_together({{"a.json", good_profile()}, {"b.json", other}});
    REQUIRE(report.findings().size() == 1);
    CHECK_FALSE(report.passed());
    CHECK(report.findings().front().where == "b.json");
    CHECK(report.findings().front().text == "profile id 'good-npu' is that of a.json too");
}

TEST_CASE("one PCI id in two profiles is noted unless models tell them apart", "[packager][profile_lint]") {
    Profile first = good_profile(), other = good_profile();
    other.id = "other-npu";
    const auto look = [&] { return packager::lint_together({{"a.json", first}, {"b.json", other}}); };
    CHECK(look().findings().empty());
    (GENERATE(true, false) ? first : other).accelerators[0].models.clear();
    const Report report = look();
    REQUIRE(report.findings().size() == 1);
    CHECK(report.findings().front().code == Code::fit_accelerator);
    CHECK(report.findings().front().severity == Severity::note);
    CHECK(report.findings().front().text == "PCI id 19e5:d802 is that of a.json too");
    // Twice in one profile is no question of telling two apart.
    first.accelerators.push_back(first.accelerators[0]);
    CHECK(packager::lint_together({{"a.json", first}}).findings().empty());
}
