#include "runtime/long_output.hpp"

#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "runtime/terminal.hpp"
#include "tests/runtime/captured_output.hpp"

using manifests::OrderedJson;
using namespace runtime;

namespace {

std::vector<std::string> row(std::size_t i) {
    const std::string name = i == 1 ? "" : i == 2 ? "重み\x1b[2J" : "n" + std::to_string(i * i);
    return {std::to_string(i * 1000), name, i == 3 ? "a\\b" : "path " + std::string(i % 50, 'x')};
}

OrderedJson item(std::size_t i) {
    return {{"path", i == 2 ? "line\nfeed \"\xc2\x9b" : "p" + std::to_string(i)},
            {"parts", {1, i}},
            {"none", OrderedJson::array()}};
}

std::string printed(const std::function<void()>& action) {
    CapturedOutput out(STDOUT_FILENO);
    action();
    return out.text();
}

} // namespace

TEST_CASE("a long table is printed as a table that is kept", "[runtime][terminal]") {
    for (const std::size_t rows : {0U, 1U, 5U, 3000U}) { // the last one is printed in several pieces
        CAPTURE(rows);
        Table table({"SIZE", "NAME", "PATH"});
        table.align_right(0);
        for (std::size_t i = 0; i < rows; ++i)
            table.row(row(i));
        const std::string found = printed([&] {
            print_long_table({{"SIZE", "NAME", "PATH"}, {true, false, false}, rows, row});
        });
        CHECK((found == table.text())); // in brackets, or a failure shows all of it
    }
}

TEST_CASE("a long list in JSON is printed as one that is kept", "[runtime][terminal]") {
    for (const std::size_t count : {0U, 1U, 5U, 3000U}) {
        CAPTURE(count);
        const OrderedJson head{{"schema", "a/1"}, {"b", {{"c", 1}}}};
        OrderedJson whole = head;
        whole["list"] = OrderedJson::array();
        for (std::size_t i = 0; i < count; ++i)
            whole["list"].push_back(item(i));
        const std::string found = printed([&] { print_long_json(head, "list", count, item); });
        CHECK((found == printed([&] { print_json(whole); })));
        CHECK((OrderedJson::parse(found) == whole));
    }
}

TEST_CASE("a long list inside of JSON is printed as one that is kept", "[runtime][terminal]") {
    for (const std::size_t count : {0, 1, 5, 3000}) {
        CAPTURE(count);
        const OrderedJson value{{"schema", "a/1"}, {"list", nullptr}, {"notes", {"b"}}};
        OrderedJson whole = value;
        whole["list"] = OrderedJson::array();
        for (std::size_t i = 0; i < count; ++i)
            whole["list"].push_back(item(i));
        const std::string found = printed([&] {
            print_json_around(value, {{"list", list_text(count, item)}});
        });
        CHECK((found == printed([&] { print_json(whole); })));
    }
}

TEST_CASE("a document in JSON is printed as one that is a value", "[runtime][terminal]") {
    const OrderedJson document = GENERATE(
        OrderedJson::object(), OrderedJson::array(), OrderedJson("a"), OrderedJson(7),
        OrderedJson{{"empty", {{"list", OrderedJson::array()}, {"object", OrderedJson::object()}}}},
        OrderedJson{{"a", {1, {2, 3}, {{"b\\", "[{\",:}\\\\"}}, -4, true}}, {"c", nullptr}},
        OrderedJson{{"\xc2\x9b", "重み\u202e\x7f line\nfeed"}, {"x", "\xf0\x9f\x98\x80"}, {"y", {"é"}}});
    const OrderedJson value{{"schema", "\n  \"document\": null"},
                            {"document", nullptr},
                            {"last", {{"document", nullptr}}},
                            {"again", nullptr}};
    OrderedJson whole = value;
    whole["document"] = whole["again"] = document;
    const std::string text = manifests::write_json(document);
    const std::string wanted = printed([&] { print_json(whole); });
    for (const std::size_t piece_bytes : {std::size_t{1}, std::size_t{2}, std::size_t{3}, text.size()}) {
        CAPTURE(piece_bytes);
        const auto write = [&](const manifests::Sink& sink) {
            for (std::size_t at = 0; at < text.size(); at += piece_bytes)
                sink(std::string_view(text).substr(at, piece_bytes));
        };
        const auto print = [&] { print_json_around(value, {{"document", write}, {"again", write}}); };
        CHECK(printed(print) == wanted);
    }
}
