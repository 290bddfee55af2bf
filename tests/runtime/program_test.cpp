#include "runtime/program.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include "tests/runtime/captured_output.hpp"
#include "tests/runtime/sample_program.hpp"

namespace {

struct Ran {
    int status = 0;
    std::string out;
    std::string err;
    SampleOptions options;
};

Ran run(const std::vector<std::string>& words) {
    const auto options = std::make_shared<SampleOptions>();
    std::vector<const char*> argv{"sealift-runtime"};
    for (const std::string& word : words)
        argv.push_back(word.c_str());
    CapturedOutput out(STDOUT_FILENO);
    CapturedOutput err(STDERR_FILENO);
    Ran ran;
    ran.status = runtime::run_program(sample_program(options), static_cast<int>(argv.size()), argv.data());
    ran.out = out.text();
    ran.err = err.text();
    ran.options = *options;
    runtime::set_terminal({});
    return ran;
}

using Words = std::vector<std::string>;

} // namespace

TEST_CASE("how a command ends is its exit status", "[runtime][program]") {
    const auto [end, status, message] = GENERATE(table<std::string, int, std::string>({
        {"done", 0, ""},
        {"no", 1, ""},
        {"damaged", 1, "[SL-FORMAT-TRUNCATED]"},
        {"io", 3, "cannot read 'x'"},
        {"memory", 3, "out of memory"},
        {"other", 3, "unknown"},
    }));
    CAPTURE(end);
    const Ran ran = run({"verify", "x", "--end", end});
    CAPTURE(ran.err);
    REQUIRE(ran.status == status);
    REQUIRE(ran.out.empty());
    REQUIRE(ran.err.find(message) != std::string::npos);
    REQUIRE(ran.err.find('\x1b') == std::string::npos);
}

TEST_CASE("an error has its code and its hint, each on a line of its own", "[runtime][program]") {
    REQUIRE(run({"verify", "x", "--end", "damaged"}).err ==
            "sealift-runtime: error: x.sealift: [SL-FORMAT-TRUNCATED] file ends \\x1b[2J\n"
            "sealift-runtime: hint: copy it again\n");
}

TEST_CASE("a wrong command line is said with the nearest name, on stderr, with 2", "[runtime][program]") {
    const auto [words, wanted] = GENERATE(table<Words, std::string>({
        {Words(), "needs a command"},
        {{"verfiy", "x"}, "did you mean verify?"},
        {{"instal"}, "no command 'instal'"},
        {{"verify", "x", "--fromat", "json"}, "did you mean --format?"},
        {{"verify", "x", "--fromat=json"}, "did you mean --format?"},
        {{"verify", "x", "-z"}, "no option '-z'"},
        {{"verify", "x", "y"}, "no use for the argument 'y'"},
        {{"verify"}, "BUNDLE is required"},
        {{"verify", "x", "--format", "yaml"}, "--format: yaml not in {table,json}"},
        {{"verify", "x", "--format"}, "--format"},
        {{"verify", "x", "--format=json", "--format=table"}, "--format"},
        {{"policy"}, "sealift-runtime policy needs a command"},
        {{"policy", "shwo"}, "did you mean show?"},
        {{"\x1b[2J"}, "'\\x1b[2J'"},
        {{"verify", "x", "--format", "\x1b[2J"}, "\\x1b[2J not in"},
    }));
    const Ran ran = run(words);
    CAPTURE(words, ran.err);
    REQUIRE(ran.status == 2);
    REQUIRE(ran.out.empty());
    REQUIRE(ran.err.find("sealift-runtime: error: ") == 0);
    REQUIRE(ran.err.find(wanted) != std::string::npos);
    REQUIRE(ran.err.find("sealift-runtime: hint: ") != std::string::npos);
    REQUIRE(ran.err.find('\x1b') == std::string::npos);
}

TEST_CASE("help and version are results: on stdout, with 0", "[runtime][program]") {
    const auto [words, wanted] = GENERATE(table<Words, std::string>({
        {{"--help"}, "Say whether a bundle can be trusted"},
        {{"-h"}, "Exit status:\n  0  done"},
        {{"--help"}, "SEALIFT_SITE"},
        {{"verify", "--help"}, "--format table|json [table]"},
        {{"verify", "--help"}, "Exit status:\n  0  done"},
        {{"policy", "show", "--help"}, "Print it"},
        {{"--version"}, "sealift-runtime 0.1.0\n"},
    }));
    const Ran ran = run(words);
    CAPTURE(words, ran.out);
    REQUIRE(ran.status == 0);
    REQUIRE(ran.err.empty());
    REQUIRE(ran.out.find(wanted) != std::string::npos);
    for (std::size_t begin = 0; begin < ran.out.size();) {
        const std::size_t end = ran.out.find('\n', begin);
        REQUIRE(end - begin <= 80);
        begin = end + 1;
    }
}

TEST_CASE("the output options reach the command", "[runtime][program]") {
    const Ran plain = run({"verify", "x"});
    REQUIRE(plain.options.output.format == runtime::Format::table);
    REQUIRE(plain.options.output.progress == "auto");
    REQUIRE_FALSE(plain.options.output.quiet);
    const Ran all = run({"verify", "x", "--format", "json", "--progress", "plain", "-q", "--no-color"});
    REQUIRE(all.options.output.format == runtime::Format::json);
    REQUIRE(all.options.output.progress == "plain");
    REQUIRE(all.options.output.quiet);
    REQUIRE(all.options.output.no_color);
}

TEST_CASE("only a close name is suggested", "[runtime][program]") {
    const Words names{"install", "verify", "-o", "--output"};
    REQUIRE(runtime::nearest_name("isntall", names) == "install");
    REQUIRE(runtime::nearest_name("--ouput", names) == "--output");
    REQUIRE(runtime::nearest_name("-x", names).empty());
    REQUIRE(runtime::nearest_name("weights", names).empty());
    REQUIRE(runtime::nearest_name("", names).empty());
}
