#include "runtime/terminal.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "tests/runtime/captured_output.hpp"
#include "tests/runtime/pseudo_terminal.hpp"

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::Severity;
using namespace runtime;

namespace {

const std::string escape = "\x1b";

std::string printed_json(const manifests::OrderedJson& value) {
    CapturedOutput out(STDOUT_FILENO);
    print_json(value);
    return out.text();
}

manifests::Report sample_report() {
    manifests::Report report;
    report.add({Code::content_digest, "weights/\x1b[2Jmodel", "digest is 'a', wanted 'b'", "copy it again",
                Severity::refusal});
    report.add({Code::fit_driver, "", "no version file", "", Severity::not_checked});
    return report;
}

} // namespace

TEST_CASE("table cells never reach the output with a raw escape", "[runtime][terminal]") {
    const auto cell = GENERATE(std::string("\x1b[2J"), std::string("a\rb"), std::string("line\nline"),
                               std::string("\xc2\x9b"
                                           "31m"),
                               std::string("\xe2\x80\xae"
                                           "gnp.exe"),
                               std::string("\x07"), std::string("\xff\xfe"), std::string("a\0b", 3));
    CAPTURE(cell);
    Table table({"NAME", "SIZE"});
    table.row({cell, "1"});
    const std::string text = table.text();
    REQUIRE(text.find(cell) == std::string::npos);
    REQUIRE(text.find(escape) == std::string::npos);
    REQUIRE(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("a cell in which outside text is escaped already is not escaped twice", "[runtime][terminal]") {
    runtime::Table table({"A", "B", "C"});
    table.safe_row({manifests::escaped("x\x1b[2J"), "raw \x1b", ""});
    CHECK(table.text() == "A         B         C\nx\\x1b[2J  raw \\x1b  -\n");
}

TEST_CASE("columns line up by the width that is shown", "[runtime][terminal]") {
    Table table({"NAME", "SIZE", "ROLE"});
    table.row({"模型", "7", "weights"});
    table.row({"abcdef", "1234567", "doc"});
    table.row({"e\xcc\x81", "", ""});
    table.align_right(1);
    REQUIRE(table.text() == "NAME       SIZE  ROLE\n"
                            "模型          7  weights\n"
                            "abcdef  1234567  doc\n"
                            "e\xcc\x81             -  -\n");
}

TEST_CASE("display width counts columns, not bytes", "[runtime][terminal]") {
    const auto [text, width] = GENERATE(table<std::string, std::size_t>({
        {"", 0},
        {"abc", 3},
        {"é", 1},
        {"e\xcc\x81", 1},
        {"昇腾", 4},
        {"한글", 4},
        {"ＡＢ", 4},
        {"🚀", 2},
        {"\xff\xff", 2},
    }));
    CAPTURE(text);
    REQUIRE(display_width(text) == width);
}

TEST_CASE("a wide character is never cut in two", "[runtime][terminal]") {
    REQUIRE(cut_to_width("昇腾", 3) == "昇");
    REQUIRE(cut_to_width("昇腾", 1).empty());
    REQUIRE(cut_to_width("abc", 9) == "abc");
}

TEST_CASE("a row with too many cells is our own mistake", "[runtime][terminal]") {
    Table table({"NAME"});
    try {
        table.row({"a", "b"});
        FAIL("accepted");
    } catch (const Error& error) {
        REQUIRE(error.fault() == Fault::internal);
    }
}

TEST_CASE("lines of ours keep their backslashes and lose what a terminal obeys", "[runtime][terminal]") {
    REQUIRE(harmless("'a\\x1b' \x1b]0;t\x07") == "'a\\x1b' \\x1b]0;t\\x07");
}

TEST_CASE("printed JSON holds no character that a terminal obeys, and reads back the same",
          "[runtime][terminal]") {
    const manifests::OrderedJson value = {{"name", "\x1b[31m \xc2\x9b \xe2\x80\xae \x7f 昇腾"},
                                          {"list", {1, 2}}};
    const std::string text = printed_json(value);
    REQUIRE(text.find(escape) == std::string::npos);
    REQUIRE(text.find("\xe2\x80\xae") == std::string::npos);
    REQUIRE(text.find("\xc2\x9b") == std::string::npos);
    REQUIRE(text.find('\x7f') == std::string::npos);
    REQUIRE(text.find("昇腾") != std::string::npos);
    REQUIRE(manifests::OrderedJson::parse(text) == value);
}

TEST_CASE("a full disk behind stdout is an error, not silence", "[runtime][terminal]") {
    CapturedOutput out(STDOUT_FILENO);
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ::dup2(full, STDOUT_FILENO);
    ::close(full);
    Fault fault = Fault::internal;
    try {
        print("text");
    } catch (const Error& error) {
        fault = error.fault();
    }
    out.text();
    REQUIRE(fault == Fault::io);
    REQUIRE_FALSE(output_reader_gone());
}

TEST_CASE("a reader that has gone is told apart from other failures", "[runtime][terminal]") {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGPIPE, SIG_IGN);
        int ends[2];
        if (::pipe(ends) != 0) ::_exit(9);
        ::close(ends[0]);
        ::dup2(ends[1], STDOUT_FILENO);
        try {
            print("text");
        } catch (const Error& error) {
            ::_exit(error.fault() == Fault::io && output_reader_gone() ? 0 : 1);
        }
        ::_exit(2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
}

TEST_CASE("a report prints each finding with its code and its hint", "[runtime][terminal]") {
    CapturedOutput out(STDOUT_FILENO);
    print_report(sample_report(), OutputOptions{});
    REQUIRE(out.text() == "SL-CONTENT-DIGEST  weights/\\x1b[2Jmodel: digest is 'a', wanted 'b'\n"
                          "    hint: copy it again\n"
                          "SL-FIT-DRIVER  not checked: no version file\n");
}

TEST_CASE("a report as JSON always has the five members", "[runtime][terminal]") {
    const auto json = report_json(sample_report());
    REQUIRE(json.size() == 2);
    for (const auto& finding : json)
        for (const char* member : {"code", "severity", "where", "text", "hint"})
            REQUIRE(finding.at(member).is_string());
    REQUIRE(json[0]["code"] == "SL-CONTENT-DIGEST");
    REQUIRE(json[1]["severity"] == "not-checked");
}

TEST_CASE("a name that is not UTF-8 still becomes JSON", "[runtime][terminal]") {
    manifests::Report report;
    report.add({Code::path_unclean, "a\xff", "not UTF-8", "", Severity::refusal});
    REQUIRE(manifests::OrderedJson::parse(printed_json(report_json(report)))[0]["where"] == "a\\xff");
}

TEST_CASE("notes are silent when quiet, warnings and errors are not", "[runtime][terminal]") {
    CapturedOutput err(STDERR_FILENO);
    set_terminal({.program = "sealift", .quiet = true, .no_color = false});
    note("not said");
    warning("said \x1b[2J");
    error_line("failed", "try again");
    set_terminal({});
    note("said too");
    REQUIRE(err.text() ==
            "sealift: warning: said \\x1b[2J\nsealift: error: failed\nsealift: hint: try again\n"
            "sealift: said too\n");
}

TEST_CASE("colours need a terminal, and nobody who minds", "[runtime][terminal]") {
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "xterm", 1);
    std::string on_file;
    {
        CapturedOutput out(STDOUT_FILENO);
        on_file = styled(Style::bad, "no");
    }
    std::string shown;
    std::string unwanted;
    std::string forbidden;
    std::string dumb;
    {
        PseudoTerminal terminal(STDOUT_FILENO);
        shown = styled(Style::bad, "no");
        ::setenv("NO_COLOR", "1", 1);
        unwanted = styled(Style::bad, "no");
        ::unsetenv("NO_COLOR");
        set_terminal({.program = "sealift", .quiet = false, .no_color = true});
        forbidden = styled(Style::bad, "no");
        set_terminal({});
        ::setenv("TERM", "dumb", 1);
        dumb = styled(Style::bad, "no");
        ::setenv("TERM", "xterm", 1);
    }
    REQUIRE(on_file == "no");
    REQUIRE(shown == "\x1b[31mno\x1b[0m");
    REQUIRE(unwanted == "no");
    REQUIRE(forbidden == "no");
    REQUIRE(dumb == "no");
}
