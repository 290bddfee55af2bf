#include "manifests/json.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/faults.hpp"

using manifests::Code;
using manifests::Fault;
using manifests::Fields;
using manifests::Json;
using manifests::JsonRules;
using manifests::OrderedJson;
using manifests::read_json;
using tests::faults_with;

namespace {

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

std::string object_of(std::size_t members) {
    std::string text = "{";
    for (std::size_t i = 0; i < members; ++i)
        text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
    return text + "}";
}

// What no reader may take, with the reason.
const std::vector<std::pair<std::string, std::string>>& not_strict() {
    static const std::vector<std::pair<std::string, std::string>> rows{
        {"nothing", ""},
        {"only spaces", " \n\t"},
        {"cut", "{\"a\":"},
        {"cut in a string", "{\"a\":\"b"},
        {"not closed", "[1"},
        {"closed by the other bracket", "[1}"},
        {"comma at the end of an array", "[1,]"},
        {"comma at the end of an object", "{\"a\":1,}"},
        {"two commas", "[1,,2]"},
        {"no colon", "{\"a\" 1}"},
        {"single quotes", "{'a':1}"},
        {"name without quotes", "{a:1}"},
        {"number as a name", "{1:1}"},
        {"text after the end", "{} x"},
        {"a second document", "{}{}"},
        {"a second line", "{}\n{}"},
        {"NUL after the end", std::string("{}\0", 3)},
        {"NUL and a second document", std::string("{}\0{\"a\":1}", 11)},
        {"NUL between", std::string("[1,\0 2]", 7)},
        {"NUL in a string", std::string("[\"a\0b\"]", 7)},
        {"NUL escaped in a string", "[\"a\\u0000b\"]"},
        {"NUL escaped in a name", "{\"a\\u0000\":1}"},
        {"byte order mark", "\xef\xbb\xbf{}"},
        {"byte order mark of UTF-16", "\xff\xfe{\\x00}"},
        {"line feed in a string", "[\"a\nb\"]"},
        {"tab in a string", "[\"a\tb\"]"},
        {"unknown escape", "[\"\\x41\"]"},
        {"short escape", "[\"\\u12\"]"},
        {"lone high surrogate", "[\"\\ud800\"]"},
        {"lone low surrogate", "[\"\\udc00\"]"},
        {"surrogates in the wrong order", "[\"\\udc00\\ud800\"]"},
        {"high surrogate before a letter", "[\"\\ud800a\"]"},
        {"surrogate as UTF-8", "[\"\xed\xa0\x80\"]"},
        {"not UTF-8", "[\"\xff\"]"},
        {"overlong", "[\"\xc0\xaf\"]"},
        {"cut UTF-8", "[\"\xe2\x82\"]"},
        {"above U+10FFFF", "[\"\xf4\x90\x80\x80\"]"},
        {"not UTF-8 in a name", "{\"\xff\":1}"},
        {"zero in front", "[01]"},
        {"zero in front of a negative", "[-01]"},
        {"plus in front", "[+1]"},
        {"only a minus", "[-]"},
        {"hex", "[0x10]"},
        {"point without digits", "[1.]"},
        {"point in front", "[.5]"},
        {"not a number", "[NaN]"},
        {"infinity", "[Infinity]"},
        {"upper-case literal", "[True]"},
        {"comment", "{} // done"},
        {"block comment", "/* a */ {}"},
        {"hash comment", "# a\n{}"},
        {"2^63", "[9223372036854775808]"},
        {"2^64-1", "[18446744073709551615]"},
        {"2^64", "[18446744073709551616]"},
        {"-2^63-1", "[-9223372036854775809]"},
        {"a hundred digits", "[" + std::string(100, '9') + "]"},
        {"exponent", "[1e3]"},
        {"exponent of upper case", "[1E3]"},
        {"fraction of zero", "[1.0]"},
        {"fraction", "[0.5]"},
        {"overflow", "[1e999]"},
        {"form feed as space", "[1,\f2]"},
        {"no-break space as space", "[1,\u00a0 2]"},
    };
    return rows;
}

const std::vector<std::string> with_duplicates = {R"({"a":1,"a":1})",
                                                  R"({"a":1,"b":2,"a":3})",
                                                  R"({"x":{"a":1,"a":2}})",
                                                  R"([[[{"a":null,"a":null}]]])",
                                                  R"({"a":{"a":1},"a":2})",
                                                  R"({"a":1,"\u0061":2})",
                                                  R"({"":1,"":2})",
                                                  R"({"/":1,"\/":2})",
                                                  R"({"a":[],"b":{"c":{}},"a":[]})"};

// The text in pieces of this length.
manifests::NextPiece pieces(std::string_view text, std::size_t length) {
    return [rest = text, length]() mutable {
        const std::string_view piece = rest.substr(0, length);
        rest.remove_prefix(piece.size());
        return piece;
    };
}

struct Streamed {
    Json value;
    std::vector<Json> elements;
};

Streamed read_streamed(const manifests::NextPiece& next, const JsonRules& rules = {}) {
    Streamed streamed;
    streamed.value = manifests::read_json_list(
        next, "list", [&](const Json& element) { streamed.elements.push_back(element); }, rules);
    return streamed;
}

Streamed read_streamed(std::string_view text, std::size_t length = 3, const JsonRules& rules = {}) {
    return read_streamed(pieces(text, length), rules);
}

} // namespace

TEST_CASE("what is not strict JSON is refused, whole and in pieces", "[manifests][json]") {
    for (const auto& [why, text] : not_strict()) {
        CAPTURE(why);
        CHECK_THROWS_MATCHES(read_json(text), manifests::Error,
                             faults_with(Fault::damaged, Code::format_json));
        for (const std::size_t length : {std::size_t{1}, std::size_t{2}, std::size_t{5}, text.size() + 1})
            CHECK_THROWS_MATCHES(read_streamed(text, length), manifests::Error,
                                 faults_with(Fault::damaged, Code::format_json));
    }
}

TEST_CASE("a member given twice is refused, however deep and however spelled", "[manifests][json]") {
    for (const std::string& text : with_duplicates) {
        CAPTURE(text);
        CHECK_THROWS_MATCHES(read_json(text), manifests::Error,
                             faults_with(Fault::damaged, Code::format_duplicate));
        CHECK_THROWS_MATCHES(read_streamed(text), manifests::Error,
                             faults_with(Fault::damaged, Code::format_duplicate));
        const std::string inside = R"({"list":[)" + text + "]}";
        CHECK_THROWS_MATCHES(read_streamed(inside), manifests::Error,
                             faults_with(Fault::damaged, Code::format_duplicate));
    }
    CHECK_THROWS_MATCHES(read_streamed(R"({"list":[],"list":[]})"), manifests::Error,
                         faults_with(Fault::damaged, Code::format_duplicate));
    CHECK_THROWS_MATCHES(read_streamed(R"({"list":[1],"other":{},"list":1})"), manifests::Error,
                         faults_with(Fault::damaged, Code::format_duplicate));
}

TEST_CASE("the same name in different objects is no duplicate", "[manifests][json]") {
    const std::string text =
        GENERATE(as<std::string>(), R"([{"a":1},{"a":1}])", R"({"a":{"a":{"a":1}}})", R"({"a":1,"A":2})",
                 R"({"x":{"a":1},"y":{"a":1},"a":1})", "{\"\u00e9\":1,\"e\u0301\":2}");
    CAPTURE(text);
    REQUIRE_NOTHROW(read_json(text));
}

TEST_CASE("limits hold exactly: what is at one is read, what is over it is refused", "[manifests][json]") {
    const JsonRules rules;
    REQUIRE(rules.most_depth == 32);
    REQUIRE(rules.most_members == 10'000);
    REQUIRE_NOTHROW(read_json(nested(32)));
    REQUIRE_NOTHROW(read_json(object_of(10'000)));
    REQUIRE_NOTHROW(read_json("[1,2]", {.most_bytes = 5}));
    const std::string text =
        GENERATE(nested(33), nested(100'000), "[" + std::string(100'000, '['), "{\"a\":" + nested(32) + "}",
                 object_of(10'001), "[[" + object_of(10'001) + "]]");
    REQUIRE_THROWS_MATCHES(read_json(text), manifests::Error,
                           faults_with(Fault::damaged, Code::format_limit));
    REQUIRE_THROWS_MATCHES(read_json("[1, 2]", {.most_bytes = 5}), manifests::Error,
                           faults_with(Fault::damaged, Code::format_limit));
    const std::size_t length = text.size() > 1000 ? 1000 : 1;
    REQUIRE_THROWS_MATCHES(read_streamed(text, length), manifests::Error,
                           faults_with(Fault::damaged, Code::format_limit));
    REQUIRE_THROWS_MATCHES(read_streamed("[1, 2]", length, {.most_bytes = 5}), manifests::Error,
                           faults_with(Fault::damaged, Code::format_limit));
    REQUIRE_NOTHROW(read_streamed(nested(32)));
    REQUIRE_NOTHROW(read_streamed(object_of(10'000), 100));
    REQUIRE_NOTHROW(read_streamed("[1,2]", 1, {.most_bytes = 5}));
    REQUIRE_NOTHROW(read_streamed("{\"list\":[" + nested(30) + "]}"));
    REQUIRE_THROWS_MATCHES(read_streamed("{\"list\":[" + nested(31) + "]}"), manifests::Error,
                           faults_with(Fault::damaged, Code::format_limit));
}

TEST_CASE("depth is what is open at once, not what was opened", "[manifests][json]") {
    std::string text = "[";
    for (int i = 0; i < 1000; ++i)
        text += (i == 0 ? "" : ",") + std::string(R"({"a":[{}]})");
    REQUIRE(read_json(text + "]").size() == 1000);
}

TEST_CASE("integers keep every bit up to the ends of 64 signed bits", "[manifests][json]") {
    const Json value = read_json("[0,9223372036854775807,-9223372036854775808,-1]");
    REQUIRE(value[0].get<std::uint64_t>() == 0);
    REQUIRE(value[1].get<std::uint64_t>() == 9223372036854775807ULL);
    REQUIRE(value[2].is_number_integer());
    REQUIRE(value[2].get<std::int64_t>() == std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("comments and fractions are read only when they are asked for", "[manifests][json]") {
    const std::string commented = "{ // the name\n \"a\": /* here */ 1 }";
    REQUIRE(read_json(commented, {.comments = true})["a"] == 1);
    REQUIRE_THROWS_MATCHES(read_json("{ /* never closed", {.comments = true}), manifests::Error,
                           faults_with(Fault::damaged, Code::format_json));
    REQUIRE_THROWS_MATCHES(read_json("{ // \xff\n}", {.comments = true}), manifests::Error,
                           faults_with(Fault::damaged, Code::format_json));
    REQUIRE_THROWS_MATCHES(read_json("{} # no", {.comments = true}), manifests::Error,
                           faults_with(Fault::damaged, Code::format_json));
    REQUIRE(read_json("[0.5,1e3]", {.floats = true})[1].get<double>() == 1000.0);
    const std::string number =
        GENERATE(as<std::string>(), "18446744073709551616", "9223372036854775808", "1e999");
    REQUIRE_THROWS_MATCHES(read_json("[" + number + "]", {.floats = true}), manifests::Error,
                           faults_with(Fault::damaged, Code::format_json));
}

TEST_CASE("a refusal says where, and cannot move the cursor", "[manifests][json]") {
    try {
        read_json("{\"a\": \x1b[2J}");
        FAIL("was read");
    } catch (const manifests::Error& error) {
        const std::string text = error.what();
        CAPTURE(text);
        REQUIRE(text.find("byte 7") != std::string::npos);
        REQUIRE(text.find('\x1b') == std::string::npos);
        REQUIRE(text.size() < 400);
    }
}

TEST_CASE("a document of many duplicates or members is refused in linear time", "[manifests][json]") {
    std::string text = "[";
    for (int i = 0; i < 200'000; ++i)
        text += "{\"name\":\"a\",\"size\":1},";
    text += "{\"a\":1,\"a\":2}]";
    REQUIRE_THROWS_MATCHES(read_json(text), manifests::Error,
                           faults_with(Fault::damaged, Code::format_duplicate));
}

TEST_CASE("the elements of one list are given away in order, and the rest is read", "[manifests][json]") {
    const std::string text =
        R"({"before":[1,[2]],"list":[1,"two",[3,{"list":[4]}],{"list":[5],"a":{}},null,true,-7,[],{}],)"
        R"("after":{"list":[6,7]},"last":"\u00e9\"]}"})";
    const Json wanted = Json::parse(text);
    for (std::size_t length = 1; length <= text.size() + 1; ++length) {
        CAPTURE(length);
        const Streamed streamed = read_streamed(text, length);
        CHECK(Json(streamed.elements) == wanted["list"]);
        Json rest = wanted;
        rest["list"] = Json::array();
        CHECK(streamed.value == rest);
    }
    for (std::size_t cut = 0; cut <= text.size(); ++cut) { // two pieces, cut at every byte
        const auto next = [&, part = 0]() mutable {
            ++part;
            if (cut == 0 || cut == text.size())
                return part == 1 ? std::string_view(text) : std::string_view();
            return part == 1   ? std::string_view(text).substr(0, cut)
                   : part == 2 ? std::string_view(text).substr(cut)
                               : std::string_view();
        };
        const Streamed streamed = read_streamed(manifests::NextPiece(next));
        if (Json(streamed.elements) != wanted["list"]) FAIL_CHECK("cut at byte " << cut);
    }
}

TEST_CASE("a cut document is refused wherever it is cut", "[manifests][json]") {
    const std::string text = R"({"a":{"b":[1]},"list":[{"c":"d"},12,"\u00e9"],"e":true})";
    for (std::size_t end = 0; end < text.size(); ++end) {
        CAPTURE(end);
        CHECK_THROWS_MATCHES(read_streamed(std::string_view(text).substr(0, end), 4), manifests::Error,
                             faults_with(Fault::damaged, Code::format_json));
    }
}

TEST_CASE("a list of the name that stands elsewhere is not given away", "[manifests][json]") {
    const std::string text = GENERATE(
        as<std::string>(), R"({"a":{"list":[1,2]}})", R"([{"list":[1,2]}])", R"({"a":[{"list":[1]}]})",
        R"([["list",[1,2]]])", R"({"list":{"list":[1,2]}})", R"({"list":1,"a":[1,2]})", R"({"list":"x"})",
        R"({"list":null})", R"({"lis":[1],"listt":[2],"List":[3]})", R"({})", R"([])", R"("list")", "7",
        R"({"":[1],"a":"list","b":[1]})", R"(["list",[1,2],{"a":["list"]}])");
    CAPTURE(text);
    const Streamed streamed = read_streamed(text);
    CHECK(streamed.elements.empty());
    CHECK(streamed.value == Json::parse(text)); // whoever wants a list finds none: Fields::array says so
}

TEST_CASE("what the taker of elements throws comes out, and nothing after it is read", "[manifests][json]") {
    std::size_t given = 0;
    const auto give = [&](const Json&) {
        if (++given == 2) throw manifests::Error(Fault::damaged, Code::path_unclean, "the second");
    };
    CHECK_THROWS_MATCHES(manifests::read_json_list(pieces(R"({"list":[1,2,3,4)", 1), "list", give),
                         manifests::Error, faults_with(Fault::damaged, Code::path_unclean));
    CHECK(given == 2);
}

TEST_CASE("a long list is read without being kept", "[manifests][json]") {
    // 100,000 elements of a kilobyte: more than the 64 MiB that a document may have, so the limit is raised.
    const std::string element = "{\"a\":\"" + std::string(1000, 'x') + "\"}";
    std::size_t made = 0;
    std::string piece;
    const auto next = [&]() -> std::string_view {
        if (made > 100'000) return {};
        piece = made == 0 ? "{\"list\":[" + element : made == 100'000 ? "]}" : "," + element;
        ++made;
        return piece;
    };
    std::size_t given = 0;
    const Json value = manifests::read_json_list(
        next, "list",
        [&](const Json& one) { given += one.at("a").get_ref<const std::string&>().size() == 1000 ? 1 : 0; },
        {.most_bytes = 1ULL << 30});
    CHECK(given == 100'000);
    CHECK(value["list"].empty());
}

TEST_CASE("text is appended as JSON in the spelling of everything that we write", "[manifests][json]") {
    std::string every;
    for (int c = 1; c < 0x80; ++c)
        every += static_cast<char>(c);
    for (const std::string& text : {std::string(), std::string("plain"), std::string("\"\\/"), every,
                                    std::string("\u00e9\u20ac\U0001f600"), std::string(1, '\0')}) {
        CAPTURE(text);
        std::string out = "in front ";
        manifests::append_json_string(out, text);
        CHECK(out == "in front " + manifests::write_json(text));
    }
    std::string out;
    REQUIRE_THROWS_MATCHES(manifests::append_json_string(out, "a\xff"), manifests::Error,
                           faults_with(Fault::internal));
}

TEST_CASE("what we write keeps its order and has one spelling", "[manifests][json]") {
    OrderedJson value;
    value["z"] = 1;
    value["a"] = OrderedJson::array({true, nullptr, "\u20ac/\"\n\x7f"});
    REQUIRE(manifests::write_json(value) == "{\"z\":1,\"a\":[true,null,\"\u20ac/\\\"\\n\x7f\"]}");
    REQUIRE(manifests::write_json_for_people(OrderedJson{{"z", 1}, {"a", 2}}) ==
            "{\n  \"z\": 1,\n  \"a\": 2\n}\n");
}

TEST_CASE("text that is not UTF-8 cannot be written, and the one exception says so", "[manifests][json]") {
    OrderedJson value;
    value["path"] = "a\xff";
    REQUIRE_THROWS_MATCHES(manifests::write_json(value), manifests::Error, faults_with(Fault::internal));
    REQUIRE_THROWS_MATCHES(manifests::write_json_for_people(value), manifests::Error,
                           faults_with(Fault::internal));
}
