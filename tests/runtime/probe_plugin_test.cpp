#include "runtime/probe_plugin.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using Catch::Matchers::Contains;
using runtime::run_probe_plugin;
using namespace std::chrono_literals;

namespace {

class Script {
public:
    explicit Script(const std::string& body) {
        tests::write_file(path(), "#!/bin/sh\n" + body);
        std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
    }
    std::string path() const { return folder_ / "plugin"; }
    std::string operator/(const std::string& name) const { return folder_ / name; }

private:
    tests::TempDir folder_;
};

std::string refusal(const std::string& path, const runtime::PluginLimits& limits = {}) {
    try {
        run_probe_plugin(path, limits);
    } catch (const manifests::Error& error) {
        return (error.fault() == manifests::Fault::io ? "" : "another fault: ") + std::string(error.what());
    }
    return "not refused";
}

} // namespace

TEST_CASE("a plug-in's output is what it printed, to the byte", "[runtime][probe][plugin]") {
    const Script script("printf 'a\\n\\0b'; echo noise >&2");
    CHECK(run_probe_plugin(script.path()) == std::string("a\n\0b", 4));
}

TEST_CASE("a plug-in has no environment, no input and no arguments", "[runtime][probe][plugin]") {
    const Script script("cat; echo \"$#:${HOME-}:${LC_ALL-}:${LD_PRELOAD-}:$(pwd)\"");
    CHECK(run_probe_plugin(script.path()) == "0::::/\n");
}

TEST_CASE("a plug-in that fails is no answer, with its last words", "[runtime][probe][plugin]") {
    CHECK_THAT(refusal(Script("echo first >&2; printf 'dcmi \\033[2J failed\\n' >&2; exit 3").path()),
               Contains("exit status 3: dcmi \\x1b[2J failed"));
    CHECK_THAT(refusal(Script("kill -9 $$").path()), Contains("signal 9"));
    CHECK_THAT(refusal("/nowhere/plugin"), Contains("No such file"));
    const Script plain("");
    std::filesystem::permissions(plain.path(), std::filesystem::perms::owner_read);
    CHECK_THAT(refusal(plain.path()), Contains("exit status 127"));
}

TEST_CASE("a plug-in that prints without end is stopped", "[runtime][probe][plugin]") {
    CHECK_THAT(refusal(Script("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done").path()),
               Contains("over 1048576 bytes"));
    CHECK_THAT(refusal(Script("printf 12345").path(), {.output_bytes = 4}), Contains("over 4 bytes"));
    CHECK(run_probe_plugin(Script("printf 1234").path(), {.output_bytes = 4}) == "1234");
}

TEST_CASE("a plug-in that does not end is stopped, with all that it started", "[runtime][probe][plugin]") {
    const Script script("(sleep 1; echo late > \"${0%/*}/late\") & sleep 60");
    CHECK_THAT(refusal(script.path(), {.time = 300ms}), Contains("in time"));
    std::this_thread::sleep_for(1200ms);
    CHECK_FALSE(std::filesystem::exists(script / "late"));
    const Script closed("exec >&- 2>&-; sleep 60");
    CHECK_THAT(refusal(closed.path(), {.time = 300ms}), Contains("in time"));
}

TEST_CASE("a plug-in that complains a lot is not held up", "[runtime][probe][plugin]") {
    const Script script(
        "i=0; while [ $i -lt 3000 ]; do echo 'a long line of complaints about nothing at all' >&2; "
        "i=$((i+1)); done; echo done");
    CHECK(run_probe_plugin(script.path()) == "done\n");
}
