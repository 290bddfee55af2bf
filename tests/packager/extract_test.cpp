#include "packager/extract.hpp"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"

using manifests::Code;
using manifests::Fault;
using runtime::Bundle;
using tests::faults_with;
using tests::make_sample;
using tests::SampleOptions;
using tests::TempDir;

namespace {

std::uint64_t extract(const std::string& bundle, const std::vector<std::string>& paths,
                      const std::string& folder) {
    return packager::extract(Bundle::open(bundle), paths, folder, 2, {});
}

std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) paths.push_back(entry.path().lexically_relative(folder).string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

unsigned mode_of(const std::string& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
}

} // namespace

TEST_CASE("all files come out as they went in, with the modes of the bundle", "[packager][extract]") {
    const auto form = GENERATE(SampleOptions::Form::file, SampleOptions::Form::folder);
    const TempDir folder;
    const auto sample = make_sample(folder, {.form = form, .bootable = false});
    const mode_t before = ::umask(0027);
    extract(sample.path, {}, folder / "out");
    ::umask(before);
    const auto files = files_in(folder / "out");
    CHECK(files.size() == Bundle::open(sample.path).document().files.size());
    for (const std::string& path : files) {
        CAPTURE(path);
        CHECK(tests::read_file(folder / ("out/" + path)) == tests::read_file(sample.inputs + "/" + path));
        CHECK(mode_of(folder / ("out/" + path)) == (path == "engine/stub_engine" ? 0755 : 0644));
    }
    CHECK(mode_of(folder / "out") == 0755);
    CHECK(mode_of(folder / "out/weights") == 0755);
}

TEST_CASE("one file, one folder, or both come out alone", "[packager][extract]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    extract(sample.path, {"docs/LICENSE"}, folder / "one");
    CHECK(files_in(folder / "one") == std::vector<std::string>{"docs/LICENSE"});
    CHECK(extract(sample.path, {"weights"}, folder / "two") > 1'350'000);
    CHECK(files_in(folder / "two").size() == 4);
    extract(sample.path, {"weights/tokenizer.json", "weights", "config/same_answer.json"}, folder / "three/");
    CHECK(files_in(folder / "three").size() == 5);
}

TEST_CASE("a path that is not in the bundle is refused", "[packager][extract]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    for (const std::string path :
         {"weight", "weights/x", "Weights", "../weights", "/weights", "docs/LICENSE/x", "", "."}) {
        CAPTURE(path);
        CHECK_THROWS_MATCHES(extract(sample.path, {"docs/LICENSE", path}, folder / "out"), manifests::Error,
                             faults_with(Fault::usage));
        CHECK_FALSE(std::filesystem::exists(folder / "out"));
    }
}

TEST_CASE("a folder that is not empty is left alone", "[packager][extract]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    tests::write_file(folder / "full/a", "mine");
    tests::write_file(folder / "file", "mine");
    for (const char* name : {"full", "full/", "file"}) {
        CHECK_THROWS_MATCHES(extract(sample.path, {}, folder / name), manifests::Error,
                             faults_with(Fault::usage));
    }
    CHECK(files_in(folder / "full") == std::vector<std::string>{"a"});
    std::filesystem::create_directory(folder / "empty");
    CHECK_NOTHROW(extract(sample.path, {"docs"}, folder / "empty"));
}

TEST_CASE("a damaged file leaves nothing behind", "[packager][extract]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const Bundle bundle = Bundle::open(sample.path);
    const auto* file = bundle.document().find(manifests::BundlePath::parse("weights/model-00002.gguf"));
    REQUIRE(file != nullptr);
    tests::flip_bit(sample.path, bundle.locate(*file).offset + file->size_bytes - 1, 7);
    CHECK_THROWS_MATCHES(extract(sample.path, {}, folder / "out"), manifests::Error,
                         faults_with(Fault::damaged, Code::content_digest));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
        CHECK(entry.path().filename().string().find(".sealift-") == std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder / "out"));
    CHECK_NOTHROW(extract(sample.path, {"engine"}, folder / "engine")); // what is whole can still be had
}
