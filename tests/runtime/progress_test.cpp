#include "runtime/progress.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "tests/runtime/captured_output.hpp"
#include "tests/runtime/pseudo_terminal.hpp"

using namespace runtime;
using namespace std::chrono_literals;

namespace {

OutputOptions with_progress(const std::string& kind) {
    OutputOptions options;
    options.progress = kind;
    return options;
}

} // namespace

TEST_CASE("a bar says what, how far, how fast and how long", "[runtime][progress]") {
    const ProgressNumbers numbers{1'000'000'000, 4'000'000'000, 2.0, 500e6};
    REQUIRE(progress_bar("verifying", numbers, 100) ==
            "verifying  [#######.......................]  25%  1.0 GB of 4.0 GB  500 MB/s  0:06 left");
    REQUIRE(progress_line("verifying", numbers) == "verifying: 25%, 1.0 GB of 4.0 GB, 500 MB/s, 0:06 left");
}

TEST_CASE("a bar never gets wider than its terminal", "[runtime][progress]") {
    const ProgressNumbers numbers{699'900'000'000, 700'000'000'000, 3600, 12e6};
    for (std::size_t columns = 1; columns < 140; ++columns) {
        CAPTURE(columns);
        REQUIRE(display_width(progress_bar("复制 weights", numbers, columns)) <= columns);
    }
}

TEST_CASE("a bar shows 100% only when all is done", "[runtime][progress]") {
    const std::uint64_t huge = 9'000'000'000'000'000'000ULL;
    REQUIRE(progress_line("x", {huge - 1, huge, 1, 1e9}).find(" 99%") != std::string::npos);
    REQUIRE(progress_line("x", {huge, huge, 1, 1e9}).find(" 100%") != std::string::npos);
    REQUIRE(progress_line("x", {7, 5, 1, 1e9}).find(" 100%") != std::string::npos);
}

TEST_CASE("an unknown total promises nothing", "[runtime][progress]") {
    REQUIRE(progress_line("reading", {5000, 0, 1, 5000}) == "reading: 5.0 kB, 5.0 kB/s");
    REQUIRE(progress_bar("reading", {5000, 0, 1, 5000}, 80) == "reading  5.0 kB  5.0 kB/s");
}

TEST_CASE("a stall shows as no time left to tell", "[runtime][progress]") {
    REQUIRE(progress_line("x", {1, 10, 60, 0}).find("-:-- left") != std::string::npos);
    REQUIRE(progress_line("x", {0, 7'322'000'000, 60, 1e6}).find("2:02:02 left") != std::string::npos);
    REQUIRE(progress_line("x", {0, 1ULL << 62, 60, 1e3}).find("days left") != std::string::npos);
}

TEST_CASE("what is named in a bar is escaped", "[runtime][progress]") {
    REQUIRE(progress_bar("\x1b[2J", {1, 2, 1, 1}, 80).find('\x1b') == std::string::npos);
}

TEST_CASE("nothing is drawn where nobody wants it", "[runtime][progress]") {
    const auto kind = GENERATE(std::string("none"), std::string("auto"), std::string("quiet plain"));
    CAPTURE(kind);
    OutputOptions options = with_progress(kind == "quiet plain" ? "plain" : kind);
    options.quiet = kind == "quiet plain";
    CapturedOutput err(STDERR_FILENO); // a file, so "auto" is silent
    Progress progress("verifying", 10, options);
    progress.add(10);
    std::this_thread::sleep_for(kind == "auto" ? 1300ms : 1ms);
    progress.finish();
    REQUIRE(err.text().empty());
}

TEST_CASE("plain progress is lines on stderr with a closing one, and adds up over threads",
          "[runtime][progress]") {
    CapturedOutput out(STDOUT_FILENO);
    CapturedOutput err(STDERR_FILENO);
    Progress progress("verifying", 4'000'000, with_progress("plain"));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int step = 0; step < 1000; ++step)
                progress.add(1000);
        });
    for (std::thread& thread : threads)
        thread.join();
    std::this_thread::sleep_for(2200ms);
    progress.finish();
    progress.finish();
    progress.add(5);
    const std::string shown = err.text();
    REQUIRE(out.text().empty());
    CAPTURE(shown);
    REQUIRE(shown.find("sealift: verifying: 100%, 4.0 MB of 4.0 MB, ") == 0);
    REQUIRE(shown.find("sealift: verifying: 4.0 MB in 2.") != std::string::npos);
    REQUIRE(std::count(shown.begin(), shown.end(), '\n') == 2);
}

TEST_CASE("work that is given up gets no closing line", "[runtime][progress]") {
    CapturedOutput err(STDERR_FILENO);
    { Progress progress("verifying", 10, with_progress("plain")); }
    REQUIRE(err.text().empty());
}

TEST_CASE("on a terminal the bar appears after a second and is cleared", "[runtime][progress]") {
    ::setenv("TERM", "xterm", 1);
    std::string early;
    std::string late;
    CapturedOutput out(STDOUT_FILENO);
    {
        PseudoTerminal terminal(STDERR_FILENO, 60);
        Progress progress("verifying", 4'000'000, with_progress("auto"));
        std::this_thread::sleep_for(500ms);
        progress.finish();
        early = terminal.text();
    }
    {
        PseudoTerminal terminal(STDERR_FILENO, 60);
        Progress progress("verifying", 4'000'000, with_progress("auto"));
        progress.add(1'000'000);
        std::this_thread::sleep_for(1500ms);
        note("a line between");
        progress.finish();
        late = terminal.text();
    }
    REQUIRE(early.empty());
    REQUIRE(out.text().empty());
    CAPTURE(late);
    REQUIRE(late.find("\rverifying  ") == 0);
    REQUIRE(late.find("25%") != std::string::npos);
    REQUIRE(late.find("\r\x1b[Ksealift: a line between") != std::string::npos);
    REQUIRE(late.find("100%") == std::string::npos);
}
