#include "manifests/argument.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using manifests::ArgumentPiece;
using manifests::Code;
using manifests::Fault;
using manifests::parse_argument;
using manifests::plain_argument;
using tests::faults_with;
using Kind = manifests::ArgumentPiece::Kind;

namespace {

// "text(--model=) fd(weights/x)"
std::string shown(const std::vector<ArgumentPiece>& pieces) {
    std::string text;
    for (const ArgumentPiece& piece : pieces) {
        constexpr const char* names[] = {"text", "file", "fd", "offset", "dir", "port", "threads"};
        text += (text.empty() ? "" : " ") + std::string(names[static_cast<int>(piece.kind)]);
        if (!piece.value.empty()) text += "(" + piece.value + ")";
    }
    return text;
}

} // namespace

TEST_CASE("an argument falls into the pieces that it names", "[manifests][argument]") {
    const auto [argument, pieces] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"--port", "text(--port)"},
        {"{port}", "port"},
        {"{threads}", "threads"},
        {"{file:engine/x.so}", "file(engine/x.so)"},
        {"{fd:weights/a}", "fd(weights/a)"},
        {"{offset:weights/a}", "offset(weights/a)"},
        {"{dir:engine}", "dir(engine)"},
        {"--listen=127.0.0.1:{port}", "text(--listen=127.0.0.1:) port"},
        {"{fd:a}@{offset:a}", "fd(a) text(@) offset(a)"},
        {"{port}{port}", "port port"},
        {"{{", "text({)"},
        {"{{port}", "text({port})"},
        {"{{{port}}", "text({) port text(})"},
        {"a{{b}c", "text(a{b}c)"},
        {"}", "text(})"},
        {"a}b", "text(a}b)"},
        {"{file:a b}", "file(a b)"},
        {"{file:fd:a}", "file(fd:a)"},
        {"{file:\u65e5\u672c}", "file(\u65e5\u672c)"},
    }));
    CAPTURE(argument);
    CHECK(shown(parse_argument(argument)) == pieces);
}

TEST_CASE("an argument with an unknown placeholder or an open brace is refused", "[manifests][argument]") {
    const std::string argument =
        GENERATE(as<std::string>(), "{", "a{", "{port", "{{{", "{}", "{ port}", "{port }", "{Port}", "{PORT}",
                 "{host}", "{file}", "{fd}", "{file:a", "{port:1}", "{threads:2}", "{$HOME}", "{env:HOME}",
                 "{{{host}", "{port}{", "{file:a}{b}", "{File:a}", "{dir}");
    CAPTURE(argument);
    REQUIRE_THROWS_MATCHES(parse_argument(argument), manifests::Error,
                           faults_with(Fault::damaged, Code::format_document));
}

TEST_CASE("a placeholder takes only clean paths", "[manifests][argument]") {
    const std::string argument =
        GENERATE(as<std::string>(), "{file:}", "{file:/etc/passwd}", "{file:../x}", "{fd:a/../b}",
                 "{offset:a//b}", "{dir:.}", "{dir:engine/}", "{file:a\\b}", "{file:a\nb}", "{file: a/. }");
    CAPTURE(argument);
    REQUIRE_THROWS_MATCHES(parse_argument(argument), manifests::Error,
                           faults_with(Fault::damaged, Code::path_unclean));
}

TEST_CASE("plain text is one piece of text again", "[manifests][argument]") {
    for (const std::string text : {"{port}", "{{", "a{b}c", "}{", "{file:../x}", "no brace", "{\u00e4}"}) {
        CAPTURE(text);
        const auto pieces = parse_argument(plain_argument(text));
        REQUIRE(pieces.size() == 1);
        CHECK(pieces[0].kind == Kind::text);
        CHECK(pieces[0].value == text);
    }
    CHECK(parse_argument(plain_argument("")).empty());
}
