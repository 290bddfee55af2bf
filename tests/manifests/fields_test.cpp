// Fields of manifests/json.hpp.
#include <functional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/json.hpp"
#include "tests/support/faults.hpp"

using manifests::Code;
using manifests::Fault;
using manifests::Fields;
using manifests::Json;
using manifests::read_json;
using tests::faults_with;

namespace {

Json sample() {
    return read_json(R"({"null":null,"object":{"a":1},"array":["a","b"],"mixed":["a",1],"text":"t","empty":"",
                        "true":true,"count":7,"zero":0,"minus":-1,"minus zero":-0,"most":9223372036854775807,
                        "half":0.5,"whole":1.0,"thousand":1e3})",
                     {.floats = true});
}

using Use = std::function<void(Fields&)>;

} // namespace

TEST_CASE("a member of another kind is refused, never converted", "[manifests][json]") {
    const auto [why, use] = GENERATE(table<std::string, Use>({
        {"count of -1", [](Fields& f) { f.count("minus"); }},
        {"count of -0", [](Fields& f) { f.count("minus zero"); }},
        {"count of 0.5", [](Fields& f) { f.count("half"); }},
        {"count of 1.0", [](Fields& f) { f.count("whole"); }},
        {"count of 1e3", [](Fields& f) { f.count("thousand"); }},
        {"count of a string", [](Fields& f) { f.count("text"); }},
        {"count of true", [](Fields& f) { f.count("true"); }},
        {"count of null", [](Fields& f) { f.count("null"); }},
        {"count that is not there", [](Fields& f) { f.count("absent"); }},
        {"optional count of -1", [](Fields& f) { f.count_or("minus", 3); }},
        {"optional count of null", [](Fields& f) { f.count_or("null", 3); }},
        {"text of a count", [](Fields& f) { f.text("count"); }},
        {"text of null", [](Fields& f) { f.text("null"); }},
        {"text of true", [](Fields& f) { f.text("true"); }},
        {"text of an array", [](Fields& f) { f.text("array"); }},
        {"text that is not there", [](Fields& f) { f.text("absent"); }},
        {"optional text of null", [](Fields& f) { f.maybe_text("null"); }},
        {"text or a default, of a count", [](Fields& f) { f.text_or("count", "x"); }},
        {"flag of a count", [](Fields& f) { f.flag_or("count", false); }},
        {"flag of a string", [](Fields& f) { f.flag_or("text", false); }},
        {"flag of null", [](Fields& f) { f.flag_or("null", false); }},
        {"array of an object", [](Fields& f) { f.array("object"); }},
        {"array of null", [](Fields& f) { f.array("null"); }},
        {"array that is not there", [](Fields& f) { f.array("absent"); }},
        {"optional array of a string", [](Fields& f) { f.maybe_array("text"); }},
        {"optional array of null", [](Fields& f) { f.maybe_array("null"); }},
        {"object of an array", [](Fields& f) { f.object("array"); }},
        {"object of null", [](Fields& f) { f.object("null"); }},
        {"object that is not there", [](Fields& f) { f.object("absent"); }},
        {"texts of a mixed array", [](Fields& f) { f.texts("mixed"); }},
        {"texts of a string", [](Fields& f) { f.texts("text"); }},
        {"texts that are not there", [](Fields& f) { f.texts("absent"); }},
        {"optional texts of null", [](Fields& f) { f.texts_or_none("null"); }},
        {"optional texts of a mixed array", [](Fields& f) { f.texts_or_none("mixed"); }},
        {"any member that is not there", [](Fields& f) { f.member("absent"); }},
        {"another text", [](Fields& f) { f.must_be("text", "u"); }},
        {"another text, one letter longer", [](Fields& f) { f.must_be("text", "tt"); }},
        {"another count", [](Fields& f) { f.must_be("count", std::uint64_t{8}); }},
        {"a count where a text is wanted", [](Fields& f) { f.must_be("count", "7"); }},
        {"a fixed text that is not there", [](Fields& f) { f.must_be("absent", ""); }},
    }));
    CAPTURE(why);
    const Json value = sample();
    Fields fields(value);
    REQUIRE_THROWS_MATCHES(use(fields), manifests::Error, faults_with(Fault::damaged, Code::format_document));
}

TEST_CASE("only an object has fields", "[manifests][json]") {
    const std::string text = GENERATE(as<std::string>(), "[]", "null", "1", "-1", "\"{}\"", "true", "[{}]");
    CAPTURE(text);
    const Json value = read_json(text);
    REQUIRE_THROWS_MATCHES(Fields(value), manifests::Error,
                           faults_with(Fault::damaged, Code::format_document));
}

TEST_CASE("members of the right kind are read", "[manifests][json]") {
    const Json value = sample();
    Fields fields(value);
    REQUIRE(fields.count("zero") == 0);
    REQUIRE(fields.count("most") == 9223372036854775807ULL);
    REQUIRE(fields.count_or("count", 3) == 7);
    REQUIRE(fields.count_or("absent", 3) == 3);
    REQUIRE(fields.text("empty").empty());
    REQUIRE(fields.text_or("absent", "x") == "x");
    REQUIRE(fields.maybe_text("absent") == std::nullopt);
    REQUIRE(fields.maybe_text("text") == "t");
    REQUIRE(fields.flag_or("true", false));
    REQUIRE(fields.flag_or("absent", true));
    REQUIRE(fields.array("array").size() == 2);
    REQUIRE(fields.maybe_array("absent") == nullptr);
    REQUIRE(fields.object("object").size() == 1);
    REQUIRE(fields.texts("array") == std::vector<std::string>{"a", "b"});
    REQUIRE(fields.texts_or_none("absent").empty());
    REQUIRE(fields.maybe("absent") == nullptr);
    REQUIRE(fields.has("null"));
    REQUIRE_FALSE(fields.has("absent"));
    REQUIRE_NOTHROW(fields.must_be("text", "t"));
    REQUIRE_NOTHROW(fields.must_be("count", std::uint64_t{7}));
}

TEST_CASE("a member that nobody asked for is refused", "[manifests][json]") {
    const Json value = read_json(R"({"a":1,"b":2})");
    Fields fields(value);
    fields.count("a");
    REQUIRE_THROWS_MATCHES(fields.refuse_others(), manifests::Error,
                           faults_with(Fault::damaged, Code::format_document));
    REQUIRE(fields.has("b")); // looking whether it is there is not reading it
    REQUIRE_THROWS_MATCHES(fields.refuse_others(), manifests::Error,
                           faults_with(Fault::damaged, Code::format_document));
    REQUIRE_NOTHROW(fields.allow_others("a foreign document"));
    fields.maybe("b");
    REQUIRE_NOTHROW(fields.refuse_others());
}

TEST_CASE("names of members are compared by their bytes", "[manifests][json]") {
    const Json value = read_json(R"({"A":1," a":2,"a ":3})");
    Fields fields(value);
    REQUIRE_THROWS_MATCHES(fields.member("a"), manifests::Error,
                           faults_with(Fault::damaged, Code::format_document));
}
