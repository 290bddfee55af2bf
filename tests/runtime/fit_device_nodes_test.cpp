#include <catch2/catch.hpp>

#include "tests/runtime/fit_case.hpp"

using manifests::Code;
using runtime::Fit;
using runtime::FitLine;
using runtime::Opener;
using tests::ascend_case;
using tests::find_line;
using tests::FitCase;
using Verdict = FitLine::Verdict;

namespace {

FitLine node_line(const FitCase& one) {
    const Fit fit = one.at_site();
    const FitLine* line = find_line(fit, Code::fit_device_node);
    REQUIRE(line != nullptr);
    return *line;
}

} // namespace

TEST_CASE("each device has its node, and there are others that all share", "[runtime][fit]") {
    FitCase one = ascend_case();
    CHECK(node_line(one).verdict == Verdict::met);
    CHECK(node_line(one).found == "9 nodes");
    SECTION("one of eight is missing") {
        one.machine.device_nodes.erase(one.machine.device_nodes.begin() + 2);
        CHECK(node_line(one).verdict == Verdict::not_met);
        CHECK(node_line(one).found == "missing: /dev/davinci{n}: 7 of 8");
        one.needs.memory->tensor_parallel = 4; // seven are enough then
        CHECK(node_line(one).verdict == Verdict::met);
    }
    SECTION("the one that all share is missing") {
        one.machine.device_nodes.pop_back();
        CHECK(node_line(one).found == "missing: /dev/davinci_manager");
        CHECK(node_line(one).verdict == Verdict::not_met);
    }
    SECTION("/dev could not be read, and that is not absent") {
        one.machine.device_nodes.clear();
        CHECK(node_line(one).verdict == Verdict::not_met);
        one.machine.unreadable = {"/dev"};
        CHECK(node_line(one).verdict == Verdict::cannot_tell);
        CHECK_FALSE(one.at_site().fits());
    }
    SECTION("a longer name is another node") {
        for (auto& node : one.machine.device_nodes)
            node.path += "x";
        CHECK(node_line(one).found == "missing: /dev/davinci_manager, /dev/davinci{n}: 0 of 8");
    }
}

TEST_CASE("a node is opened for reading and writing, as owner, in its group or as anybody",
          "[runtime][fit]") {
    const auto [why, mode, opener,
                verdict] = GENERATE(table<const char*, const char*, std::optional<Opener>, Verdict>({
        {"root", "0000", Opener{0, {0}}, Verdict::met},
        {"owner", "0600", Opener{7, {}}, Verdict::met},
        {"owner, whose bits hold even where the group has more", "0066", Opener{7, {9}}, Verdict::not_met},
        {"group", "0660", Opener{1000, {100, 9}}, Verdict::met},
        {"group, for reading only", "0640", Opener{1000, {9}}, Verdict::not_met},
        {"nobody's friend", "0660", Opener{1000, {100}}, Verdict::not_met},
        {"anybody", "0666", Opener{1000, {}}, Verdict::met},
        {"nobody knows who, and it is open to all", "0666", std::nullopt, Verdict::met},
        {"nobody knows who", "0660", std::nullopt, Verdict::note},
    }));
    CAPTURE(why, mode);
    FitCase one = ascend_case();
    one.opener = opener;
    for (auto& node : one.machine.device_nodes) {
        node.mode = mode;
        node.user = 7;
        node.group = 9;
    }
    CHECK(node_line(one).verdict == verdict);
    if (verdict == Verdict::not_met || verdict == Verdict::note)
        CHECK(node_line(one).found == "/dev/davinci_manager (" + std::string(mode) +
                                          ", user 7, group 9), /dev/davinci0 (" + mode +
                                          ", user 7, group 9)");
}

TEST_CASE("a profile that names no nodes asks for none", "[runtime][fit]") {
    FitCase one = ascend_case();
    one.accelerator().device_nodes.clear();
    const Fit fit = one.at_site();
    CHECK(find_line(fit, Code::fit_device_node) == nullptr);
    CHECK(fit.fits());
}
