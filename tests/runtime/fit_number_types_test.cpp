#include <catch2/catch.hpp>

#include "tests/runtime/fit_case.hpp"

using manifests::Code;
using runtime::Fit;
using runtime::FitLine;
using tests::ascend_case;
using tests::find_line;
using tests::FitCase;
using Verdict = FitLine::Verdict;

namespace {

FitLine types_line(const Fit& fit) {
    const FitLine* line = find_line(fit, Code::fit_types);
    REQUIRE(line != nullptr);
    return *line;
}

} // namespace

TEST_CASE("FP8 weights are refused for a chip that lacks FP8, at build time and at the site",
          "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.tensor_types = {"BF16", "F32", "F8_E4M3"};
    for (const Fit& fit : {one.at_build(), one.at_site()}) {
        CHECK_FALSE(fit.fits());
        const FitLine* line = find_line(fit, Code::fit_types);
        REQUIRE(line != nullptr);
        CHECK(line->verdict == Verdict::not_met);
        CHECK(line->found == "bf16, fp16, int4, int8; not fp8, mxfp4, mxfp8");
        CHECK(line->wanted == "bf16, fp8 (weights are F8_E4M3)");
        CHECK(line->remedy == "FP8 is not supported by Ascend 910B: convert the weights to BF16 or W8A8");
    }
}

TEST_CASE("a number type is computed, lacking, or not settled by any source", "[runtime][fit]") {
    const auto [type, verdict] = GENERATE(table<std::string, Verdict>({
        {"BF16", Verdict::met},
        {"I8", Verdict::met},
        {"F8_E5M2", Verdict::not_met},
        {"F4", Verdict::not_met},
        {"F6_E2M3", Verdict::cannot_tell}, // chips differ in narrow types: silence is no answer
    }));
    CAPTURE(type);
    FitCase one = ascend_case();
    one.needs.tensor_types = {type};
    CHECK(types_line(one.at_build()).verdict == verdict);
    CHECK(types_line(one.at_site()).verdict == verdict);
}

TEST_CASE("a profile without number types is silent about each of them", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.profile.types.reset();
    one.needs.tensor_types = {"BF16"};
    CHECK(types_line(one.at_build()).verdict == Verdict::note);
    CHECK(one.at_build().verdict() == Fit::Class::runs_but);
    for (const char* narrow : {"F8_E4M3", "I8", "F4"}) {
        CAPTURE(narrow);
        one.needs.tensor_types = {"BF16", narrow};
        for (const Fit& fit : {one.at_build(), one.at_site()}) {
            CHECK(types_line(fit).verdict == Verdict::cannot_tell);
            CHECK(types_line(fit).remedy.find("'number_types'") != std::string::npos);
            CHECK_FALSE(fit.fits());
        }
    }
}

TEST_CASE("what nearly every chip computes is worth a note where sources are silent", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.profile.types->computes = {"fp8"};
    one.profile.types->lacks.clear();
    one.needs.tensor_types = {"F16"};
    CHECK(types_line(one.at_build()).verdict == Verdict::note);
    one.needs.tensor_types = {"F32"};
    CHECK(find_line(one.at_build(), Code::fit_types) == nullptr);
    one.profile.types->lacks = {"fp32"};
    CHECK(types_line(one.at_build()).verdict == Verdict::not_met);
}

TEST_CASE("types that no chip computes are no question", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.tensor_types = {"BOOL", "I64", "Q4_K", "Q8_0", "U8"};
    CHECK(find_line(one.at_build(), Code::fit_types) == nullptr);
    one.needs.tensor_types = {"F8_E4M3"};
    one.profile.types.reset();
    one.profile.accelerators.clear(); // a processor computes what its engine is written for
    CHECK(find_line(one.at_build(), Code::fit_types) == nullptr);
}

TEST_CASE("the way out of a number type is one that the chip computes", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.needs.tensor_types = {"BF16"};
    one.profile.types->lacks = {"bf16"};
    one.profile.types->computes = {"fp16", "int8"};
    CHECK(types_line(one.at_build()).remedy ==
          "BF16 is not supported by Ascend 910B: convert the weights to FP16 or W8A8");
    one.profile.types->computes = {};
    CHECK(types_line(one.at_build()).remedy == "BF16 is not supported by Ascend 910B: take another chip");
}

TEST_CASE("what another chip lacks that is found is said by its own profile", "[runtime][fit]") {
    FitCase found = ascend_case();
    FitCase one = ascend_case();
    one.profile.types->computes = {"bf16", "fp8"};
    one.profile.types->lacks.clear();
    one.accelerator().pci_ids = {"19e5:d806"};
    one.needs.tensor_types = {"BF16", "F8_E4M3"};
    // Of a chip that nobody here knows nothing is said, and never that the profile's own types are met.
    CHECK(find_line(one.at_site(), Code::fit_types) == nullptr);
    one.known = {one.profile, found.profile};
    FitLine line = types_line(one.at_site());
    CHECK(line.verdict == Verdict::not_met);
    CHECK(line.found == "Ascend 910B: bf16, fp16, int4, int8; not fp8, mxfp4, mxfp8");
    CHECK(line.wanted == "bf16, fp8 (weights are F8_E4M3)");
    CHECK(line.remedy == "FP8 is not supported by Ascend 910B: convert the weights to BF16 or W8A8");
    CHECK(find_line(one.at_site(), Code::fit_accelerator)->remedy ==
          "this is another chip: take a bundle for ascend-910b");

    // One id stands for two chips, and the machine does not say which it has.
    manifests::Profile other = found.profile;
    other.id = "ascend-910x";
    other.accelerators[0].name = "Ascend 910X";
    other.accelerators[0].models = {"Ascend910X"};
    other.types->lacks = {"mxfp4"};
    other.types->computes = {"bf16", "fp8"};
    one.known.push_back(other);
    CHECK(types_line(one.at_site()).verdict == Verdict::not_met); // the model is said
    one.each_device([](manifests::PciFound& device) { device.model.clear(); });
    CHECK(types_line(one.at_site()).verdict == Verdict::cannot_tell);

    // Where the profile's own chip is there, what others lack is no question.
    one.accelerator().pci_ids = {"19e5:d802"};
    CHECK(types_line(one.at_site()).verdict == Verdict::met);
    one.machine.accelerators.clear();
    CHECK(types_line(one.at_site()).verdict == Verdict::met);
}

TEST_CASE("OCP FP8 on a chip with the FNUZ encodings is for the engine to convert, which is worth a note",
          "[runtime][fit]") {
    FitCase one = ascend_case();
    one.profile.types->computes = {"bf16", "fp8_fnuz"};
    one.profile.types->lacks.clear();
    one.needs.tensor_types = {"BF16", "F8_E4M3"};
    for (const Fit& fit : {one.at_build(), one.at_site()}) {
        const FitLine line = types_line(fit);
        CHECK(line.verdict == Verdict::note);
        CHECK(line.wanted == "bf16, fp8");
        CHECK_THAT(line.remedy, Catch::Contains("fp8_fnuz in place of fp8"));
        CHECK(fit.fits());
    }
    one.needs.tensor_types = {"F8_E4M3FNUZ"};
    CHECK(types_line(one.at_site()).verdict == Verdict::met);
    one.needs.tensor_types = {"F8_E4M3", "I8"}; // of int8 nothing is known
    CHECK(types_line(one.at_site()).verdict == Verdict::cannot_tell);
    // Nobody converts the other way, and a document that says that it fails is believed.
    one.profile.types->computes = {"bf16", "fp8"};
    one.needs.tensor_types = {"F8_E4M3FNUZ"};
    CHECK(types_line(one.at_site()).verdict == Verdict::cannot_tell);
    one.profile.types->computes = {"bf16", "fp8_fnuz"};
    one.profile.types->lacks = {"fp8"};
    one.needs.tensor_types = {"F8_E4M3"};
    CHECK(types_line(one.at_site()).verdict == Verdict::not_met);
}
