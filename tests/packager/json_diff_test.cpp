#include "packager/json_diff.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using manifests::Json;
using packager::diff_json;
using packager::JsonChange;
using packager::JsonDiff;

namespace {

// "~/a 1>2", "+/b 3", "-/c 4": one word a change.
std::string shown(const std::string& a, const std::string& b) {
    std::string text;
    for (const JsonChange& change : diff_json(Json::parse(a), Json::parse(b)).changes) {
        const char* mark = !change.before ? "+" : !change.after ? "-" : "~";
        const std::string between = change.before && change.after ? ">" : "";
        text += (text.empty() ? "" : ", ") + std::string(mark) + change.pointer + " " +
                change.before.value_or("") + between + change.after.value_or("");
    }
    return text;
}

} // namespace

TEST_CASE("differences of JSON are named by pointers", "[packager][json_diff]") {
    const auto [why, a, b, wanted] = GENERATE(table<std::string, std::string, std::string, std::string>({
        {"the same", R"({"a":[1,{"b":null}]})", R"({"a":[1,{"b":null}]})", ""},
        {"order of members", R"({"a":1,"b":2})", R"({"b":2,"a":1})", ""},
        {"a value", R"({"a":{"b":1}})", R"({"a":{"b":2}})", "~/a/b 1>2"},
        {"a kind", R"({"a":1})", R"({"a":"1"})", "~/a 1>\"1\""},
        {"added and removed", R"({"a":1})", R"({"b":1})", "-/a 1, +/b 1"},
        {"the whole", "1", "[]", "~ 1>[]"},
        {"names with / and ~", R"({"a/b":{"~":1}})", R"({"a/b":{"~":2}})", "~/a~1b/~0 1>2"},
        {"an argument in the middle", R"(["a","c"])", R"(["a","b","c"])", "+/1 \"b\""},
        {"an argument less", R"(["a","b","c"])", R"(["a","c"])", "-/1 \"b\""},
        {"one changed", R"(["a","b","c"])", R"(["a","x","c"])", "~/1 \"b\">\"x\""},
        {"from nothing", "[]", "[1,2]", "+/0 1, +/1 2"},
        {"named ones in another place", R"([{"id":"x","n":1},{"id":"y"}])",
         R"([{"id":"w"},{"id":"x","n":2}])", "~/0/n 1>2, -/1 {\"id\":\"y\"}, +/0 {\"id\":\"w\"}"},
        {"only another order", R"([{"id":"x"},{"id":"y"}])", R"([{"id":"y"},{"id":"x"}])",
         R"(~ [{"id":"x"},{"id":"y"}]>[{"id":"y"},{"id":"x"}])"},
        {"names given twice count places", R"([{"id":"x"},{"id":"x"}])", R"([{"id":"x"}])",
         "-/1 {\"id\":\"x\"}"},
    }));
    CAPTURE(why);
    CHECK(shown(a, b) == wanted);
}

TEST_CASE("long values are cut between characters", "[packager][json_diff]") {
    std::string umlauts;
    for (int i = 0; i < 200; ++i)
        umlauts += "\xc3\xa4";
    const JsonDiff diff = diff_json(Json(umlauts), Json(1));
    REQUIRE(diff.changes.size() == 1);
    const std::string& text = *diff.changes[0].before;
    CHECK(text.size() <= JsonChange::most_value_bytes + 3);
    CHECK(text.ends_with("\xc3\xa4..."));
}

TEST_CASE("a flood of differences is counted, not kept", "[packager][json_diff]") {
    const Json a = std::vector<int>(5000, 1);
    const Json b = std::vector<int>(5000, 2);
    const JsonDiff diff = diff_json(a, b);
    CHECK(diff.changes.size() == JsonDiff::most_changes);
    CHECK(diff.more == 4000);
}
