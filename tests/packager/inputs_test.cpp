#include "packager/inputs.hpp"

#include <atomic>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::BundlePath;
using manifests::Fault;
using manifests::FileMode;
using manifests::Recipe;
using manifests::Role;
using packager::Input;
using packager::read_inputs;
using tests::faults_with;
using tests::TempDir;

namespace {

manifests::RecipeFile file(const std::string& path, Role role, const std::string& source = "") {
    return {BundlePath::parse(path), role, source.empty() ? path : source, std::nullopt};
}

std::vector<Input> read(const TempDir& folder, std::vector<manifests::RecipeFile> files, unsigned jobs = 2) {
    Recipe recipe;
    recipe.files = std::move(files);
    return read_inputs(recipe, folder.path(), jobs, {});
}

} // namespace

TEST_CASE("inputs are described by their bytes and sorted by path", "[packager][inputs]") {
    const TempDir folder;
    tests::write_file(folder / "weights/b", "");
    tests::write_file(folder / "weights/a", std::string(3 << 20, 'x'));
    tests::write_file(folder / "config/c", "abc");
    const auto inputs = read(folder, {file("weights/b", Role::weights), file("weights/a", Role::weights),
                                      file("config/c", Role::config)});
    REQUIRE(inputs.size() == 3);
    CHECK(inputs[0].file.path.text() == "config/c");
    CHECK(inputs[0].file.size_bytes == 3);
    CHECK(inputs[0].file.digest.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(inputs[0].sha512 == "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    CHECK(inputs[1].file.digest == manifests::Digest::of(std::string(3 << 20, 'x')));
    CHECK_FALSE(inputs[1].sha512); // weights
    CHECK(inputs[2].file.size_bytes == 0);
    CHECK(inputs[2].file.digest == manifests::Digest::of(""));
}

TEST_CASE("only engine files keep the right to run, and a recipe may say otherwise", "[packager][inputs]") {
    const TempDir folder;
    for (const char* path : {"engine/a", "engine/b", "docs/c"})
        tests::write_file(folder / path, "x");
    REQUIRE(::chmod((folder / "engine/a").c_str(), 0700) == 0);
    REQUIRE(::chmod((folder / "engine/b").c_str(), 0677) == 0); // others may run it, its owner may not
    REQUIRE(::chmod((folder / "docs/c").c_str(), 0777) == 0);
    auto files = std::vector{file("engine/a", Role::engine), file("engine/b", Role::engine),
                             file("docs/c", Role::doc)};
    const auto mode_of = [&](std::size_t i) { return read(folder, files)[i].file.mode; };
    CHECK(mode_of(0) == FileMode::plain); // docs/c
    CHECK(mode_of(1) == FileMode::executable);
    CHECK(mode_of(2) == FileMode::plain);
    files[0].mode = FileMode::plain;
    files[1].mode = FileMode::executable;
    CHECK(mode_of(1) == FileMode::plain);
    CHECK(mode_of(2) == FileMode::executable);
}

TEST_CASE("a link to a file is that file, as model hubs keep their caches", "[packager][inputs]") {
    const TempDir folder;
    tests::write_file(folder / "blobs/1234", "weights");
    std::filesystem::create_directories(folder / "weights");
    std::filesystem::create_symlink("../blobs/1234", folder / "weights/model");
    const auto inputs = read(folder, {file("weights/model", Role::weights)});
    CHECK(inputs[0].file.digest == manifests::Digest::of("weights"));
    CHECK(packager::open_source(inputs[0]).size_bytes == 7);
}

TEST_CASE("a source can be anywhere", "[packager][inputs]") {
    const TempDir folder, elsewhere;
    tests::write_file(elsewhere / "x", "there");
    std::filesystem::create_directories(folder / "a");
    CHECK(read(folder, {file("weights/x", Role::weights, elsewhere / "x")})[0].file.size_bytes == 5);
    tests::write_file(folder / "b", "here");
    CHECK(read(folder, {file("weights/x", Role::weights, "a/../b")})[0].file.size_bytes == 4);
}

TEST_CASE("an input that is not there is an error with its path", "[packager][inputs]") {
    const TempDir folder;
    tests::write_file(folder / "weights/a", "x");
    std::filesystem::create_symlink("gone", folder / "weights/dangling");
    for (const std::string path : {"weights/b", "weights/a/b", "weights/dangling"}) {
        try {
            read(folder, {file("weights/a", Role::weights), file(path, Role::weights)});
            FAIL("accepted");
        } catch (const manifests::Error& error) {
            CHECK(error.fault() == Fault::io);
            CHECK_THAT(error.what(), Catch::Contains(path));
        }
    }
}

TEST_CASE("an input that is no file is refused, and a pipe does not hang", "[packager][inputs]") {
    const TempDir folder;
    std::filesystem::create_directories(folder / "weights/folder");
    REQUIRE(::mkfifo((folder / "weights/pipe").c_str(), 0600) == 0);
    std::filesystem::create_symlink("pipe", folder / "weights/link");
    for (const std::string source : {"weights/folder", "weights/pipe", "weights/link", "/dev/null"}) {
        CAPTURE(source);
        CHECK_THROWS_MATCHES(read(folder, {file("weights/x", Role::weights, source)}), manifests::Error,
                             faults_with(Fault::usage));
    }
}

TEST_CASE("a path that is listed twice is refused before anything is read", "[packager][inputs]") {
    const TempDir folder; // with no files in it: reading would be another fault
    CHECK_THROWS_MATCHES(
        read(folder, {file("a", Role::weights), file("b", Role::doc), file("a", Role::doc, "c")}),
        manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("a broken ELF file is refused with its path", "[packager][inputs]") {
    const TempDir folder;
    const std::string whole = tests::make_elf({}).bytes;
    tests::write_file(folder / "engine/half", whole.substr(0, 70));
    tests::write_file(folder / "engine/whole", whole);
    tests::write_file(folder / "docs/half", whole.substr(0, 70));
    CHECK(read(folder, {file("engine/whole", Role::engine)})[0].elf);
    CHECK_FALSE(read(folder, {file("docs/half", Role::doc)})[0].elf);
    CHECK_THROWS_MATCHES(read(folder, {file("engine/half", Role::engine)}), manifests::Error,
                         faults_with(Fault::refused));
}

TEST_CASE("progress counts every byte once", "[packager][inputs]") {
    const TempDir folder;
    Recipe recipe;
    for (int i = 0; i < 20; ++i) {
        const std::string path = "weights/" + std::to_string(i);
        tests::write_file(folder / path, std::string(static_cast<std::size_t>(i) * 1000, 'x'));
        recipe.files.push_back(file(path, Role::weights));
    }
    std::atomic<std::uint64_t> done = 0;
    std::uint64_t announced = 0;
    read_inputs(recipe, folder.path(), 4, [&](std::uint64_t total_bytes) {
        announced = total_bytes;
        return [&](std::uint64_t bytes) { done += bytes; };
    });
    CHECK(announced == 190'000);
    CHECK(done == 190'000);
}
