#include <catch2/catch.hpp>

#include "tests/runtime/fit_case.hpp"

using manifests::BundleFile;
using manifests::Code;
using manifests::FileMode;
using runtime::Fit;
using runtime::FitLine;
using runtime::Room;
using tests::ascend_case;
using tests::find_line;
using tests::FitCase;
using Verdict = FitLine::Verdict;

namespace {

BundleFile file(const std::string& path, manifests::Role role, FileMode mode) {
    const manifests::Digest digest = manifests::Digest::of(path);
    return {manifests::BundlePath::parse(path), role, mode, 5, digest, digest, std::nullopt};
}

FitCase mindie_case() {
    FitCase one = ascend_case();
    one.needs.engine = {"MindIE", "2.3.0"};
    one.profile.file_modes = {{"mindie", "config", "0640", "guide"}};
    one.files = {file("config/a.json", manifests::Role::config, FileMode::group_plain),
                 file("docs/LICENSE", manifests::Role::doc, FileMode::plain)};
    return one;
}

Verdict verdict_of(const Fit& fit, Code code) {
    const FitLine* line = find_line(fit, code);
    REQUIRE(line != nullptr);
    return line->verdict;
}

} // namespace

TEST_CASE("an engine that insists on modes gets them, or the build is refused", "[runtime][fit]") {
    FitCase one = mindie_case();
    CHECK(verdict_of(one.at_build(), Code::fit_mode) == Verdict::met);
    CHECK(one.at_site().fits());
    one.files.push_back(file("config/b.json", manifests::Role::config, FileMode::plain));
    one.files.push_back(file("config/c.json", manifests::Role::config, FileMode::plain));
    for (const Fit& fit : {one.at_build(), one.at_site()}) {
        CHECK_FALSE(fit.fits());
        const FitLine* line = find_line(fit, Code::fit_mode);
        REQUIRE(line != nullptr);
        CHECK(line->found == "0644 (config/b.json and 1 more)");
        CHECK(line->wanted == "0640");
        CHECK(line->remedy.find("\"mode\": \"0640\"") != std::string::npos);
    }
}

TEST_CASE("modes are asked by the engine that the bundle has", "[runtime][fit]") {
    FitCase one = mindie_case();
    one.files[0].mode = FileMode::plain;
    one.needs.engine = {"vllm-ascend", "0.23.0"};
    CHECK(find_line(one.at_build(), Code::fit_mode) == nullptr);
    one.needs.engine = {}; // nobody says which: then it is worth knowing
    CHECK(verdict_of(one.at_build(), Code::fit_mode) == Verdict::note);
    one.files[0].mode = FileMode::group_plain;
    CHECK(find_line(one.at_build(), Code::fit_mode) == nullptr);
    one.profile.file_modes[0].engine.clear(); // any engine of this chip
    one.files[0].mode = FileMode::plain;
    CHECK(verdict_of(one.at_build(), Code::fit_mode) == Verdict::not_met);
    one.files.erase(one.files.begin()); // no file of this role
    CHECK(find_line(one.at_build(), Code::fit_mode) == nullptr);
}

TEST_CASE("room is there, is short, or was not looked at", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.room = Room{700'000'000'000, 700'000'000'000, "/srv/site", false};
    CHECK(verdict_of(one.at_site(), Code::site_space) == Verdict::met);
    one.room->free_bytes = 699'999'999'999;
    const Fit fit = one.at_site();
    CHECK_FALSE(fit.fits());
    CHECK(find_line(fit, Code::site_space)->found == "700 GB at /srv/site");
    CHECK(find_line(fit, Code::site_space)->remedy == "make 1 B of room, or install elsewhere with --site");
    one.room->shares_blocks = true;
    one.room->wanted_bytes = 4096;
    CHECK(verdict_of(one.at_site(), Code::site_space) == Verdict::met);
    one.room->free_bytes.reset();
    CHECK(one.at_site().verdict() == Fit::Class::runs_but);
    CHECK(verdict_of(one.at_site(), Code::site_space) == Verdict::note);
}
