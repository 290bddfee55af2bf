#include "packager/target_rules.hpp"

#include <catch2/catch.hpp>

using packager::ascend_family;
using packager::ascend_folder_hint;
using packager::runs_on;

TEST_CASE("code runs on the chips that its vendor says", "[packager][target_rules]") {
    const auto [code, chip] = GENERATE(table<std::string, std::string>({
        {"sm_80", "sm_80"},
        {"sm_80", "sm_86"},
        {"sm_80", "sm_89"},
        {"sm_90", "sm_90a"},
        {"sm_90a", "sm_90"},
        {"sm_100f", "sm_103"},
        {"sm_120", "sm_121"},
        {"compute_50", "sm_90"},
        {"compute_90", "sm_90"},
        {"compute_90", "sm_120"},
        {"compute_100f", "sm_103"},
        {"gfx942", "gfx942"},
        {"gfx9-4-generic", "gfx942"},
        {"gfx11-generic", "gfx1100"},
        {"Ascend910B3", "Ascend910B3"},
        {"mp_31", "mp_31"},
    }));
    CAPTURE(code, chip);
    CHECK(runs_on(code, chip));
}

TEST_CASE("code runs on no other chips", "[packager][target_rules]") {
    const auto [code, chip] = GENERATE(table<std::string, std::string>({
        {"sm_90", "sm_80"},
        {"sm_80", "sm_90"},
        {"sm_86", "sm_80"},
        {"sm_90a", "sm_100"},
        {"sm_100a", "sm_103"},
        {"sm_100f", "sm_120"},
        {"sm_9", "sm_90"},
        {"compute_90", "sm_80"},
        {"compute_90a", "sm_100"},
        {"compute_100f", "sm_120"},
        {"sm_90x", "sm_90"},
        {"sm_", "sm_90"},
        {"gfx90a", "gfx942"},
        {"gfx9-generic", "gfx942"},
        {"gfx9-4-generic", "gfx90a"},
        {"gfx9-4-generic", ""},
        {"Ascend910B", "Ascend910B3"},
        {"Ascend910B1", "Ascend910B3"},
        {"ascend910b3", "Ascend910B3"},
        {"sm_80", "gfx942"},
        {"", "sm_80"},
    }));
    CAPTURE(code, chip);
    CHECK_FALSE(runs_on(code, chip));
}

TEST_CASE("SoC names of Ascend belong to the folders of operator packages", "[packager][target_rules]") {
    const auto [name, family] = GENERATE(table<std::string, std::string>({
        {"Ascend910B3", "ascend910b"},
        {"Ascend910B4-1", "ascend910b"},
        {"Ascend910B2C", "ascend910b"},
        {"ascend910b", "ascend910b"},
        {"Ascend910B", "ascend910"},
        {"Ascend910A", "ascend910"},
        {"Ascend910ProA", "ascend910"},
        {"Ascend910PremiumA", "ascend910"},
        {"Ascend910_9391", "ascend910_93"},
        {"ascend910_93", "ascend910_93"},
        {"Ascend310P3", "ascend310p"},
        {"Ascend310B1", "ascend310b"},
        {"Ascend310", "ascend310"},
        {"Ascend950DT_9582", "ascend950"},
        {"ascend950", "ascend950"},
        {"Ascend910C", ""},
        {"Ascend9100", ""},
        {"ascend910bx", ""},
        {"ascend", ""},
        {"", ""},
        {"descend910b", ""},
    }));
    CAPTURE(name);
    CHECK(ascend_family(name) == family);
}

TEST_CASE("a folder speaks of a chip by its whole name", "[packager][target_rules]") {
    CHECK(ascend_folder_hint("kernels/ascend910b/add.o") == "ascend910b");
    CHECK(ascend_folder_hint("kernels/Ascend310P3/op/add.o") == "ascend310p");
    CHECK(ascend_folder_hint("kernels/ascend310p/ascend910b/add.o") == "ascend910b");
    CHECK(ascend_folder_hint("kernels/Ascend910B/add.o").empty()); // chip or family, nobody can say
    CHECK(ascend_folder_hint("kernels/ascend910b").empty());       // a file
    CHECK(ascend_folder_hint("kernels/my-ascend910b/add.o").empty());
    CHECK(ascend_folder_hint("add.o").empty());
}
