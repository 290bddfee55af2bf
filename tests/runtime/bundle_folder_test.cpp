// The folder form and an installed generation: what tools may rewrite is taken, everything else is not.

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/oci.hpp"
#include "runtime/bundle.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/verdict.hpp"

using Json = nlohmann::ordered_json;
using runtime::Bundle;
using tests::make_sample;
using tests::read_file;
using tests::SampleOptions;
using tests::TempDir;
using tests::verdict_on;
using tests::write_file;

namespace {

constexpr auto as_folder = SampleOptions::Form::folder;

// A folder form, changed by `change`, which gets its path.
template<typename Change>
std::string verdict_with(const Change& change) {
    const TempDir folder;
    const auto sample = make_sample(folder, {.form = as_folder, .bootable = false});
    change(sample.path);
    return verdict_on(sample.path);
}

template<typename Change>
std::string verdict_with_index(const Change& change) {
    return verdict_with([&](const std::string& path) {
        Json index = Json::parse(read_file(path + "/index.json"));
        change(index);
        write_file(path + "/index.json", index.dump(2) + "\n");
    });
}

std::string blob_of(const std::string& path, const std::string& file) {
    const Bundle bundle = Bundle::open(path);
    const auto* found = bundle.document().find(manifests::BundlePath::parse(file));
    return path + "/" + manifests::blob_name(found->digest);
}

} // namespace

TEST_CASE("the folder form is the same bundle as the file form", "[runtime][bundle_folder]") {
    const TempDir folder;
    const auto file = make_sample(folder, {.bootable = false});
    const auto both = make_sample(folder, {.form = as_folder, .bootable = false, .output = "folder"});
    CHECK(file.digest == both.digest);
    CHECK(Bundle::open(both.path).digest() == file.digest);
    CHECK(Bundle::open(both.path).form() == Bundle::Form::folder);
    CHECK(verdict_on(both.path) == "trusted");
}

TEST_CASE("an index.json that tools rewrote without changing what it lists is taken in the folder form",
          "[runtime][bundle_folder]") {
    CHECK(verdict_with_index([](Json&) {}) == "trusted"); // white space
    CHECK(verdict_with_index([](Json& index) {
              std::reverse(index["manifests"].begin(), index["manifests"].end());
          }) == "trusted");
    CHECK(verdict_with_index([](Json& index) { index["x-copied-by"] = "a tool"; }) == "trusted");
    CHECK(verdict_with_index([](Json& index) {
              index["manifests"][0]["annotations"]["org.example.seen"] = "today";
          }) == "trusted");
}

TEST_CASE("an index.json that lists something else is refused", "[runtime][bundle_folder]") {
    using Row = std::tuple<const char*, const char*, void (*)(Json&)>;
    const std::vector<Row> rows{
        {"another tag", "SL-LAYOUT-INDEX",
         [](Json& index) {
             index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"] = "other";
         }},
        {"no tag", "SL-LAYOUT-INDEX", [](Json& index) { index["manifests"][0].erase("annotations"); }},
        {"another size", "SL-CONTENT-SIZE", [](Json& index) { index["manifests"][0]["size"] = 7; }},
        {"another media type", "SL-LAYOUT-INDEX",
         [](Json& index) { index["manifests"][0]["mediaType"] = "application/json"; }},
        {"the bundle manifest twice", "SL-FORMAT-DUPLICATE",
         [](Json& index) { index["manifests"].push_back(index["manifests"][0]); }},
        {"the signature twice", "SL-FORMAT-DUPLICATE",
         [](Json& index) { index["manifests"].push_back(index["manifests"][2]); }},
        {"no bundle manifest", "SL-LAYOUT-MANIFEST", [](Json& index) { index["manifests"].erase(0); }},
        {"no model manifest", "SL-LAYOUT-MANIFEST", [](Json& index) { index["manifests"].erase(1); }},
        {"no manifests", "SL-LAYOUT-MANIFEST", [](Json& index) { index["manifests"] = Json::array(); }},
        {"a manifest that is not there", "SL-LAYOUT-BLOB-MISSING",
         [](Json& index) { index["manifests"][0]["digest"] = "sha256:" + std::string(64, 'a'); }},
        {"a digest in capitals", "SL-FORMAT-DOCUMENT",
         [](Json& index) { index["manifests"][0]["digest"] = "sha256:" + std::string(64, 'A'); }},
        {"a digest that climbs", "SL-FORMAT-DOCUMENT",
         [](Json& index) { index["manifests"][0]["digest"] = "sha256:../../../etc/passwd"; }},
        {"a negative size", "SL-FORMAT-DOCUMENT", [](Json& index) { index["manifests"][0]["size"] = -1; }},
        {"manifests that are no list", "SL-FORMAT-DOCUMENT",
         [](Json& index) { index["manifests"] = Json::object(); }},
    };
    for (const auto& [what, code, change] : rows) {
        CAPTURE(what);
        CHECK(verdict_with_index(change) == code);
    }
    CHECK(verdict_with([](const std::string& path) {
              const std::string index = read_file(path + "/index.json");
              write_file(path + "/index.json", "{\"manifests\":[]," + index.substr(1));
          }) == "SL-FORMAT-DUPLICATE");
    CHECK(verdict_with([](const std::string& path) { write_file(path + "/index.json", ""); }) ==
          "SL-FORMAT-JSON");
}

TEST_CASE("a folder with a file more or less, or with a link, is refused with its code",
          "[runtime][bundle_folder]") {
    namespace fs = std::filesystem;
    using Row = std::tuple<const char*, const char*, void (*)(const std::string&)>;
    const std::vector<Row> rows{
        {"a spare blob", "SL-LAYOUT-BLOB-SPARE",
         [](const std::string& path) { write_file(path + "/blobs/sha256/" + std::string(64, 'a'), "x"); }},
        {"a spare file", "SL-FORMAT-ENTRY",
         [](const std::string& path) { write_file(path + "/README", "x"); }},
        {"a spare folder", "SL-FORMAT-ENTRY",
         [](const std::string& path) { fs::create_directory(path + "/blobs/sha512"); }},
        {"a missing blob", "SL-LAYOUT-BLOB-MISSING",
         [](const std::string& path) { fs::remove(blob_of(path, "docs/LICENSE")); }},
        {"missing weights", "SL-LAYOUT-BLOB-MISSING",
         [](const std::string& path) { fs::remove(blob_of(path, "weights/model-00002.gguf")); }},
        {"a missing index.json", "SL-FORMAT-ENTRY",
         [](const std::string& path) { fs::remove(path + "/index.json"); }},
        {"a missing oci-layout", "SL-FORMAT-NOT-A-BUNDLE",
         [](const std::string& path) { fs::remove(path + "/oci-layout"); }},
        {"a longer blob", "SL-CONTENT-SIZE",
         [](const std::string& path) { tests::resize_file(blob_of(path, "docs/LICENSE"), 1000); }},
        {"an empty blob", "SL-CONTENT-SIZE",
         [](const std::string& path) { tests::resize_file(blob_of(path, "weights/model-00001.gguf"), 0); }},
        {"a blob that is a link to the same bytes", "SL-LAYOUT-LINK",
         [](const std::string& path) {
             const std::string blob = blob_of(path, "docs/LICENSE");
             fs::rename(blob, path + ".away");
             fs::create_symlink(path + ".away", blob);
         }},
        {"blobs/ is a link", "SL-LAYOUT-LINK",
         [](const std::string& path) {
             fs::rename(path + "/blobs", path + ".away");
             fs::create_symlink(path + ".away", path + "/blobs");
         }},
        {"index.json is a link", "SL-LAYOUT-LINK",
         [](const std::string& path) {
             fs::rename(path + "/index.json", path + ".away");
             fs::create_symlink(path + ".away", path + "/index.json");
         }},
        {"a blob is a folder", "SL-LAYOUT-LINK",
         [](const std::string& path) {
             const std::string blob = blob_of(path, "docs/LICENSE");
             fs::remove(blob);
             fs::create_directory(blob);
         }},
        {"a blob is a pipe", "SL-LAYOUT-LINK",
         [](const std::string& path) {
             const std::string blob = blob_of(path, "docs/LICENSE");
             fs::remove(blob);
             REQUIRE(::mkfifo(blob.c_str(), 0600) == 0);
         }},
        {"two weights swapped", "SL-CONTENT-SIZE",
         [](const std::string& path) {
             const std::string one = blob_of(path, "weights/model-00001.gguf");
             const std::string two = blob_of(path, "weights/model-00002.gguf");
             fs::rename(one, path + ".away");
             fs::rename(two, one);
             fs::rename(path + ".away", two);
         }},
    };
    for (const auto& [what, code, change] : rows) {
        CAPTURE(what);
        CHECK(verdict_with(change) == code);
    }
}

TEST_CASE("a file form's index.json is not free: reordered and re-spaced it is refused",
          "[runtime][bundle_file]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    std::string bytes = read_file(sample.path);
    const std::size_t at = bytes.find("{\"schemaVersion\":2", 1024);
    REQUIRE(at == 1536); // after oci-layout and the header of index.json
    // Two members of the index change places; every length stays.
    const std::string front = "{\"schemaVersion\":2,";
    const std::size_t end = bytes.find('\0', at);
    std::string index = bytes.substr(at, end - at);
    REQUIRE(index.starts_with(front));
    index = "{" + index.substr(front.size(), index.size() - front.size() - 1) + ",\"schemaVersion\":2}";
    REQUIRE(index.size() == end - at);
    bytes.replace(at, index.size(), index);
    write_file(sample.path, bytes);
    CHECK(verdict_on(sample.path) == "SL-LAYOUT-INDEX");
}

TEST_CASE("a folder with the manifests of two bundles is refused", "[runtime][bundle_folder]") {
    const TempDir folder;
    const auto here = make_sample(folder, {.form = as_folder, .bootable = false, .output = "here"});
    const auto other =
        make_sample(folder, {.form = as_folder, .version = "2", .bootable = false, .output = "other"});
    std::filesystem::copy(other.path + "/blobs", here.path + "/blobs",
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::skip_existing);
    Json index = Json::parse(read_file(here.path + "/index.json"));
    index["manifests"].push_back(Json::parse(read_file(other.path + "/index.json"))["manifests"][0]);
    write_file(here.path + "/index.json", index.dump());
    CHECK(verdict_on(here.path) == "SL-LAYOUT-MANIFEST");
}
