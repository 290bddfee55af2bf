#include "packager/death_watch.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using packager::DeathWatch;

namespace {

// Runs `work` in a process of its own, which then is killed.
template<typename Work>
void in_a_killed_process(Work work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        work();
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
}

bool goes_away(const std::string& path) {
    for (int tries = 0; tries < 1000 && std::filesystem::exists(path); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return !std::filesystem::exists(path);
}

} // namespace

TEST_CASE("what a killed process was filling goes away, and nothing else", "[packager][death_watch]") {
    const tests::TempDir folder;
    const std::string path = folder / "half/deeper/file";
    tests::write_file(path, "half of it");
    tests::write_file(folder / "other", "stays");
    const bool is_folder = GENERATE(true, false);
    const std::string watched = is_folder ? folder / "half" : path;
    in_a_killed_process([&] { new DeathWatch(watched); });
    CHECK(goes_away(watched));
    CHECK(std::filesystem::exists(folder / "half") == !is_folder);
    CHECK(tests::read_file(folder / "other") == "stays");
}

TEST_CASE("what was watched to the end stays", "[packager][death_watch]") {
    const tests::TempDir folder;
    const std::string path = folder / "whole";
    tests::write_file(path, "all of it");
    { const DeathWatch watch(path); }
    in_a_killed_process([&] { const DeathWatch watch(path); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK(tests::read_file(path) == "all of it");
}

TEST_CASE("another watch does not keep this one waiting", "[packager][death_watch]") {
    const tests::TempDir folder;
    tests::write_file(folder / "one", "1");
    tests::write_file(folder / "two", "2");
    in_a_killed_process([&] {
        new DeathWatch(folder / "one");
        new DeathWatch(folder / "two");
    });
    CHECK(goes_away(folder / "one"));
    CHECK(goes_away(folder / "two"));
}
