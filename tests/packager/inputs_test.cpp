#include "packager/inputs.hpp"

#include <filesystem>
#include <set>
#include <stdexcept>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/plain_tree.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::BundlePath;
using manifests::Fault;
using manifests::FileMode;
using manifests::Role;
using packager::Inputs;
using packager::look_at_inputs;
using tests::faults_with;
using tests::TempDir;

namespace {

manifests::RecipeFile file(const std::string& path, Role role, const std::string& source = "") {
    return {BundlePath::parse(path), role, source.empty() ? path : source, std::nullopt};
}

Inputs look(const TempDir& folder, std::vector<manifests::RecipeFile> files) {
    return look_at_inputs(std::move(files), folder.path());
}

const manifests::BundleFile& named(const Inputs& inputs, const std::string& path) {
    for (const manifests::BundleFile& one : inputs.files)
        if (one.path.text() == path) return one;
    throw std::runtime_error("no input " + path);
}

} // namespace

TEST_CASE("inputs are sorted by path, and small ones described by their bytes", "[packager][inputs]") {
    const TempDir folder;
    const std::string most(packager::small_file_bytes, 'm');
    tests::write_file(folder / "weights/b", "");
    tests::write_file(folder / "weights/a", most);
    tests::write_file(folder / "config/c", "abc");
    const auto inputs = look(folder, {file("weights/b", Role::weights), file("weights/a", Role::weights),
                                      file("config/c", Role::config)});
    REQUIRE(inputs.files.size() == 3);
    REQUIRE(inputs.sources.size() == 3);
    CHECK(inputs.files[0].path.text() == "config/c");
    CHECK(inputs.files[0].size_bytes == 3);
    CHECK(inputs.files[0].digest.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(inputs.files[0].fs_verity == tests::plain_verity("abc"));
    CHECK(inputs.sources[0].sha512); // asked for
    CHECK(inputs.files[1].digest == manifests::Digest::of(most));
    CHECK(inputs.files[1].fs_verity == tests::plain_verity(most));
    CHECK_FALSE(inputs.sources[1].sha512); // weights
    CHECK(inputs.files[2].size_bytes == 0);
    CHECK(inputs.files[2].digest == manifests::Digest::of(""));
    CHECK(inputs.files[2].fs_verity == tests::plain_verity(""));
    CHECK(packager::open_source(inputs, 1, inputs.files[1]).size_bytes == most.size());
}

TEST_CASE("large inputs have stand-ins: the same for the same bytes, another for all others",
          "[packager][inputs]") {
    const TempDir folder;
    std::string bytes(3 << 20, 'x');
    const auto put = [&](const char* path) { tests::write_file(folder / path, bytes); };
    put("weights/a");
    put("weights/b");
    bytes[bytes.size() / 2] = 'y'; // the same ends
    put("weights/c");
    bytes.back() = 'z';
    put("weights/d");
    bytes.resize(packager::small_file_bytes + 1); // over the limit, and of one chunk
    put("weights/e");
    bytes.resize(600'000); // nobody else has this size
    put("weights/f");
    std::vector<manifests::RecipeFile> files;
    for (const char* path : {"weights/a", "weights/b", "weights/c", "weights/d", "weights/e", "weights/f"})
        files.push_back(file(path, Role::weights));
    const Inputs inputs = look(folder, files);
    const auto of = [&](const char* path) -> const manifests::BundleFile& { return named(inputs, path); };
    CHECK(of("weights/a").digest == of("weights/b").digest);
    CHECK(of("weights/a").fs_verity == of("weights/b").fs_verity);
    CHECK(of("weights/a").chunk_table == of("weights/b").chunk_table);
    std::set<manifests::Digest> digests;
    for (const auto& one : inputs.files) {
        CHECK(one.chunk_table.has_value() == (one.size_bytes > 524'288));
        for (const auto& stand_in : {one.digest, one.fs_verity, one.chunk_table.value_or(one.digest)})
            digests.insert(stand_in);
    }
    CHECK(digests.size() == 4 * 3 + 2); // b is a, and e has no table
}

TEST_CASE("files with holes are noticed", "[packager][inputs]") {
    const TempDir folder;
    tests::write_file(folder / "weights/a", std::string(2 << 20, 'x'));
    CHECK(look(folder, {file("weights/a", Role::weights)}).sources[0].hole_bytes == 0);
    tests::resize_file(folder / "weights/a", 10 << 20);
    CHECK(look(folder, {file("weights/a", Role::weights)}).sources[0].hole_bytes == 8 << 20);
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
    const auto mode_of = [&](std::size_t i) { return look(folder, files).files[i].mode; };
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
    const auto inputs = look(folder, {file("weights/model", Role::weights)});
    CHECK(inputs.files[0].digest == manifests::Digest::of("weights"));
    CHECK(packager::open_source(inputs, 0, inputs.files[0]).size_bytes == 7);
}

TEST_CASE("a source can be anywhere", "[packager][inputs]") {
    const TempDir folder, elsewhere;
    tests::write_file(elsewhere / "x", "there");
    std::filesystem::create_directories(folder / "a");
    CHECK(look(folder, {file("weights/x", Role::weights, elsewhere / "x")}).files[0].size_bytes == 5);
    tests::write_file(folder / "b", "here");
    CHECK(look(folder, {file("weights/x", Role::weights, "a/../b")}).files[0].size_bytes == 4);
}

TEST_CASE("an input that is not there is an error with its path", "[packager][inputs]") {
    const TempDir folder;
    tests::write_file(folder / "weights/a", "x");
    std::filesystem::create_symlink("gone", folder / "weights/dangling");
    for (const std::string path : {"weights/b", "weights/a/b", "weights/dangling"}) {
        try {
            look(folder, {file("weights/a", Role::weights), file(path, Role::weights)});
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
        CHECK_THROWS_MATCHES(look(folder, {file("weights/x", Role::weights, source)}), manifests::Error,
                             faults_with(Fault::usage));
    }
}

TEST_CASE("a path that is listed twice is refused before anything is read", "[packager][inputs]") {
    const TempDir folder; // with no files in it: reading would be another fault
    CHECK_THROWS_MATCHES(
        look(folder, {file("a", Role::weights), file("b", Role::doc), file("a", Role::doc, "c")}),
        manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("a broken ELF file is refused with its path", "[packager][inputs]") {
    const TempDir folder;
    const std::string whole = tests::make_elf({}).bytes;
    tests::write_file(folder / "engine/half", whole.substr(0, 70));
    tests::write_file(folder / "engine/whole", whole);
    tests::write_file(folder / "docs/half", whole.substr(0, 70));
    CHECK(look(folder, {file("engine/whole", Role::engine)}).elf_of(0) != nullptr);
    CHECK(look(folder, {file("docs/half", Role::doc)}).elf_of(0) == nullptr);
    CHECK_THROWS_MATCHES(look(folder, {file("engine/half", Role::engine)}), manifests::Error,
                         faults_with(Fault::refused));
}
