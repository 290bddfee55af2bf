#include "runtime/manual.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "tests/runtime/sample_program.hpp"

namespace fs = std::filesystem;

namespace {

class Sample {
public:
    Sample() : options_(std::make_shared<SampleOptions>()) {
        app = runtime::make_app(sample_program(options_), status_);
        std::string name = fs::temp_directory_path().string() + "/manual-XXXXXX";
        folder = ::mkdtemp(name.data());
    }
    Sample(const Sample&) = delete;
    Sample& operator=(const Sample&) = delete;
    ~Sample() { fs::remove_all(folder); }

    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(folder + "/" + name) << text;
        return folder + "/" + name;
    }

private:
    std::shared_ptr<SampleOptions> options_;
    int status_ = 0;

public:
    std::unique_ptr<CLI::App> app;
    std::string folder;
};

/// @return what the command wrote, and ": N" if it did not end with 0
std::string shell(const std::string& command) {
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        text.append(buffer, got);
    const int status = ::pclose(pipe);
    return status == 0 ? text : text + ": " + std::to_string(status);
}

bool has_tool(const std::string& tool) {
    return shell("command -v " + tool + " >/dev/null").empty();
}

/// What bash offers for the last word; words are separated by blanks, as bash splits them.
std::string offered(const Sample& sample, const std::string& words) {
    const std::string script = sample.file("completion", runtime::bash_completion(*sample.app));
    const std::string ask =
        "source " + script + "; COMP_WORDS=(sealift-runtime " + words +
        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _sealift_runtime; echo \"${COMPREPLY[*]}\"";
    return shell("bash --norc -u -c '" + ask + "'");
}

} // namespace

TEST_CASE("the manual page says what --help says", "[runtime][manual]") {
    const Sample sample;
    const std::string page = runtime::man_page(*sample.app);
    for (const char* text : {".TH SEALIFT\\-RUNTIME 1 \"\" ", ".SS sealift\\-runtime verify",
                             ".SS sealift\\-runtime policy show", "\\fB\\-\\-format\\fR table|json",
                             "\\fIBUNDLE\\fR", ".SH EXIT STATUS", ".SH ENVIRONMENT", "\\fBNO_COLOR\\fR",
                             "\\fBSEALIFT_SITE\\fR", "\\fB\\-q\\fR, \\fB\\-\\-quiet\\fR"}) {
        CAPTURE(text, page);
        REQUIRE(page.find(text) != std::string::npos);
    }
}

TEST_CASE("nothing that a description says is taken for roff", "[runtime][manual]") {
    const Sample sample;
    const std::string page = runtime::man_page(*sample.app);
    REQUIRE(page.find("\n\\&.pem file with \\(dqa back\\eslash\\(dq") != std::string::npos);
    REQUIRE(page.find("\n\\(aqQuoted\\(aq: change nothing") != std::string::npos);
}

TEST_CASE("mandoc and groff have nothing to say about the manual page", "[runtime][manual]") {
    const Sample sample;
    const std::string page = sample.file("page.1", runtime::man_page(*sample.app, "2026-02-03"));
    if (has_tool("mandoc")) {
        CHECK(shell("mandoc -T lint " + page).empty());
        CHECK(shell("mandoc -T utf8 " + page).find(".pem file with \"a back\\slash\"") != std::string::npos);
    }
    if (has_tool("groff")) CHECK(shell("groff -man -ww -z -Tutf8 " + page).empty());
    if (!has_tool("mandoc") && !has_tool("groff")) WARN("neither mandoc nor groff is here to ask");
}

TEST_CASE("bash reads the completion script without complaint", "[runtime][manual]") {
    const Sample sample;
    const std::string script = sample.file("completion", runtime::bash_completion(*sample.app));
    REQUIRE(shell("bash -n " + script).empty());
    REQUIRE(shell("bash --norc -c 'source " + script + "; complete -p sealift-runtime'") ==
            "complete -o default -F _sealift_runtime sealift-runtime\n");
}

TEST_CASE("bash completes commands, options and choices", "[runtime][manual]") {
    const auto [words, wanted] = GENERATE(table<std::string, std::string>({
        {"\"\"", "verify policy completion man\n"},
        {"ver", "verify\n"},
        {"--v", "--version\n"},
        {"nonsense", "\n"},
        {"verify --for", "--format\n"},
        {"verify -", "-h --help --key --dry-run --end --format --progress -q --quiet --no-color\n"},
        {"verify --format \"\"", "table json\n"},
        {"verify --format j", "json\n"},
        {"verify --format = j", "json\n"},
        {"verify --format =", "table json\n"},
        {"verify --progress p", "plain\n"},
        {"verify --key \"\"", "\n"}, // empty: bash offers file names
        {"verify \"\"", "\n"},
        {"policy \"\"", "show pin\n"},
        {"policy show -", "-h --help\n"},
        {"completion \"\"", "bash\n"},
        {"--format \"\"", "verify policy completion man\n"}, // no option of the program itself
    }));
    CAPTURE(words);
    const Sample sample;
    REQUIRE(offered(sample, words) == wanted);
}
