#include "manifests/error.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/faults.hpp"

using manifests::Code;
using manifests::Error;
using manifests::Exit;
using manifests::exit_of;
using manifests::Fault;
using tests::faults_with;

TEST_CASE("every fault has the exit status that the table of statuses gives it", "[manifests][error]") {
    const auto [fault, wanted] = GENERATE(table<Fault, Exit>({
        {Fault::internal, Exit::no_answer},
        {Fault::usage, Exit::usage},
        {Fault::damaged, Exit::no},
        {Fault::refused, Exit::no},
        {Fault::io, Exit::no_answer},
        {Fault::missing, Exit::no_answer},
    }));
    CAPTURE(tests::name_of(fault));
    REQUIRE(exit_of(fault) == wanted);
}

TEST_CASE("the exit statuses are those that scripts rely on", "[manifests][error]") {
    REQUIRE(static_cast<int>(Exit::done) == 0);
    REQUIRE(static_cast<int>(Exit::no) == 1);
    REQUIRE(static_cast<int>(Exit::usage) == 2);
    REQUIRE(static_cast<int>(Exit::no_answer) == 3);
}

TEST_CASE("an error says where it was, the outermost place first", "[manifests][error]") {
    Error error(Fault::damaged, Code::format_document, "digest is not lower-case hex");
    error.in("components[3]").in("bom.json").in("site.bundle");
    REQUIRE(std::string(error.what()) ==
            "site.bundle: bom.json: components[3]: digest is not lower-case hex");
    REQUIRE(error.fault() == Fault::damaged);
    REQUIRE(error.code() == Code::format_document);
}

TEST_CASE("a place that comes from outside cannot move the cursor", "[manifests][error]") {
    Error error(Fault::io, "cannot open");
    error.in("a\x1b[2J\nsealift: all is well");
    const std::string text = error.what();
    REQUIRE(text == "a\\x1b[2J\\nsealift: all is well: cannot open");
    REQUIRE(text.find('\n') == std::string::npos);
    REQUIRE(text.find('\x1b') == std::string::npos);
}

TEST_CASE("an error without a code has none, and a hint is kept apart from the text", "[manifests][error]") {
    Error error(Fault::missing, "no key");
    REQUIRE_FALSE(error.code().has_value());
    REQUIRE(error.hint().empty());
    error.hint("give one with --key").in("a.bundle");
    REQUIRE(error.hint() == "give one with --key");
    REQUIRE(std::string(error.what()) == "a.bundle: no key");
    REQUIRE(error.as(Fault::usage).fault() == Fault::usage);
}

TEST_CASE("faults_with tells faults and codes apart", "[manifests][error]") {
    const Error error(Fault::damaged, Code::format_json, "not JSON");
    REQUIRE(faults_with(Fault::damaged).match(error));
    REQUIRE(faults_with(Fault::damaged, Code::format_json).match(error));
    REQUIRE_FALSE(faults_with(Fault::io).match(error));
    REQUIRE_FALSE(faults_with(Fault::io, Code::format_json).match(error));
    REQUIRE_FALSE(faults_with(Fault::damaged, Code::format_limit).match(error));
    REQUIRE_FALSE(faults_with(Fault::damaged, Code::format_json).match(Error(Fault::damaged, "no code")));
}
