// Two builds of the same inputs are the same bytes, whatever is different around them. The program is run, as
// umask, clock, locale and folder belong to a process.

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/json.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sample_bundle.hpp"

using tests::TempDir;

namespace {

std::string signing_key(const TempDir& folder) {
    const auto made =
        tests::run({tests::built_program("sealift"), "keygen", "-o", folder / "key", "--no-passphrase"});
    REQUIRE(made.status == 0);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (tests::read_file(entry.path().string()).find("PRIVATE KEY") != std::string::npos)
            return entry.path().string();
    }
    throw std::runtime_error("keygen wrote no secret key");
}

void must_build(std::vector<std::string> command, const tests::ProcessOptions& options) {
    command.emplace_back("-q");
    const auto built = tests::run(command, options);
    CAPTURE(built.error, built.out);
    REQUIRE(built.status == 0);
}

// The same files, made in the opposite order, with other times and other rights for group and others.
std::string copy_backwards(const std::string& from, const std::string& to) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(from)) {
        if (entry.is_regular_file()) paths.push_back(entry.path().lexically_relative(from).string());
    }
    std::sort(paths.rbegin(), paths.rend());
    for (const std::string& path : paths) {
        tests::write_file(to + "/" + path, tests::read_file(from + "/" + path));
        const bool program = path == "engine/stub_engine";
        REQUIRE(::chmod((to + "/" + path).c_str(), program ? 0711 : 0666) == 0);
        std::filesystem::last_write_time(to + "/" + path, std::filesystem::file_time_type::clock::now() -
                                                              std::chrono::hours(24 * 365 * 20));
    }
    return to;
}

} // namespace

TEST_CASE("two builds of the same inputs are the same bytes", "[packager][build][reproducible]") {
    const TempDir folder, elsewhere, keys;
    const std::string key = signing_key(keys);
    const std::string program = tests::built_program("sealift");
    const std::string here = tests::write_sample_inputs(folder, {.bootable = false});
    const std::string there = copy_backwards(here, elsewhere / "quite another name");

    must_build({program, "build", here, "-o", folder / "a.sealift", "--signing-key", key, "-j", "1"}, {});
    const mode_t before = ::umask(0077);
    tests::ProcessOptions abroad;
    abroad.folder = there;
    abroad.environment = {{"TZ", "Asia/Kathmandu"}, {"LC_ALL", "tr_TR.UTF-8"}, {"LANG", "de_DE.UTF-8"},
                          {"HOME", "/nonexistent"}, {"USER", "somebody"},      {"HOSTNAME", "elsewhere"}};
    must_build({program, "build", "sealift.json", "-o", "b.sealift", "--signing-key", key, "-j", "2"},
               abroad);
    ::umask(before);
    CHECK(tests::read_file(folder / "a.sealift") == tests::read_file(there + "/b.sealift"));

    must_build({program, "build", there, "-o", elsewhere / "c/", "--signing-key", key, "-j", "5"}, {});
    must_build({program, "build", here, "-o", folder / "c/", "--signing-key", key}, {});
    CHECK(tests::run({"diff", "-r", elsewhere / "c", folder / "c"}).status == 0);

    if (!tests::have_tool("faketime")) return;
    must_build({"faketime", "2001-02-03 04:05:06", program, "build", here, "-o", folder / "d.sealift",
                "--signing-key", key},
               {});
    CHECK(tests::read_file(folder / "a.sealift") == tests::read_file(folder / "d.sealift"));
}

TEST_CASE("the order of a recipe's files does not show", "[packager][build][reproducible]") {
    const TempDir folder;
    const std::string inputs = tests::write_sample_inputs(folder, {.bootable = false});
    const std::string program = tests::built_program("sealift");
    must_build({program, "build", inputs, "-o", folder / "a"}, {});
    auto recipe = manifests::OrderedJson::parse(tests::read_file(inputs + "/sealift.json"));
    std::reverse(recipe["files"].begin(), recipe["files"].end());
    tests::write_file(inputs + "/sealift.json", recipe.dump());
    must_build({program, "build", inputs, "-o", folder / "b"}, {});
    CHECK(tests::read_file(folder / "a") == tests::read_file(folder / "b"));
}
