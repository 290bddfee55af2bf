#include <catch2/catch.hpp>

#include "tests/runtime/fit_case.hpp"

using manifests::Code;
using manifests::ValidatedSet;
using runtime::Fit;
using runtime::FitLine;
using tests::ascend_case;
using tests::find_line;
using tests::FitCase;
using Verdict = FitLine::Verdict;

namespace {

FitCase case_with_sets() {
    FitCase one = ascend_case();
    one.profile.sources = {{"guide", "vllm-ascend's table of versions", "", "2026-11-01"}};
    one.profile.validated_sets = {
        {"2026-06",
         "2026-06",
         {{"engine", "vllm-ascend", "vers:generic/0.22.0"}, {"toolkit", "CANN", "vers:generic/9.0.0"}},
         "guide"},
        {"2026-10",
         "2026-10",
         {{"engine", "vllm-ascend", "vers:generic/0.23.0"}, {"toolkit", "CANN", "vers:generic/9.1.0"}},
         "guide"},
        {"mindie",
         "2026-10",
         {{"engine", "MindIE", "vers:generic/2.3.0"}, {"toolkit", "CANN", "vers:generic/8.5"}},
         "guide"},
    };
    return one;
}

FitLine set_line(const FitCase& one) {
    const Fit fit = one.at_site();
    CHECK(fit.fits()); // a set never refuses
    const FitLine* line = find_line(fit, Code::fit_set);
    REQUIRE(line != nullptr);
    return *line;
}

} // namespace

TEST_CASE("versions that somebody ran together are met, with who says so and when", "[runtime][fit]") {
    const FitLine line = set_line(case_with_sets());
    CHECK(line.verdict == Verdict::met);
    CHECK(line.wanted == "vllm-ascend 0.23.0, CANN 9.1.0");
    CHECK(line.found == "as validated (2026-10, 2026-10, vllm-ascend's table of versions)");
}

TEST_CASE("versions that nobody ran together are a note with the nearest set", "[runtime][fit]") {
    FitCase one = case_with_sets();
    one.machine.software[0].version = "8.5";
    const FitLine line = set_line(one);
    CHECK(line.verdict == Verdict::note);
    CHECK(line.found == "toolkit CANN 8.5"); // MindIE's set has this one, but it is about MindIE
    CHECK(line.wanted == "vllm-ascend 0.23.0, CANN 9.1.0");
    CHECK(line.remedy ==
          "these versions were not validated together; nearest set: 2026-10, 2026-10, vllm-ascend's table of "
          "versions");
    CHECK(one.at_site().verdict() == Fit::Class::runs_but);
}

TEST_CASE("an engine of which no set speaks, or that nobody names", "[runtime][fit]") {
    FitCase one = case_with_sets();
    one.needs.engine = {"llama.cpp", "0.5.0"};
    CHECK(set_line(one).found == "another engine");
    CHECK(set_line(one).verdict == Verdict::note);
    one.needs.engine = {};
    CHECK(set_line(one).verdict == Verdict::note);
    CHECK(set_line(one).found == "unknown: engine vllm-ascend");
    CHECK(set_line(one).wanted == "vllm-ascend 0.23.0, CANN 9.1.0");
}

TEST_CASE("a set that names an engine and the one it is built on is about both", "[runtime][fit]") {
    FitCase one = case_with_sets();
    auto& members = one.profile.validated_sets[1].members;
    members.insert(members.begin(), {"engine", "vllm", "vers:generic/0.23.0"});
    CHECK(set_line(one).found == "unknown: engine vllm");
    CHECK(set_line(one).wanted == "vllm 0.23.0, vllm-ascend 0.23.0, CANN 9.1.0");
}

TEST_CASE("a set with a part that nothing tells of is not claimed", "[runtime][fit]") {
    FitCase one = case_with_sets();
    one.profile.validated_sets[1].members.insert(one.profile.validated_sets[1].members.begin() + 1,
                                                 {"framework", "torch-npu", "vers:generic/2.10.0.post4"});
    CHECK(set_line(one).verdict == Verdict::note);
    CHECK(set_line(one).found == "unknown: framework torch-npu");
    one.machine.software.push_back({"library", "torch-npu", "2.10.0.post4", "/x"});
    CHECK(set_line(one).verdict == Verdict::met);
    one.profile.validated_sets.clear();
    const Fit fit = one.at_site();
    CHECK(find_line(fit, Code::fit_set) == nullptr);
}
