#include "manifests/bundle_document.hpp"

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/plain_tree.hpp"
#include "tests/support/sample_document.hpp"

using manifests::BundleDocument;
using manifests::BundlePath;
using manifests::Code;
using manifests::Digest;
using manifests::Fault;
using manifests::OrderedJson;
using tests::faults_with;
using tests::sample_document;

namespace {

using Change = void (*)(OrderedJson&);

// Where a file of the sample stands under "files".
constexpr int answer = 0, same = 1, readme = 2, library = 3, server = 4, kernel = 5, weights = 7, large = 9;

std::string changed(Change change) {
    OrderedJson value = OrderedJson::parse(sample_document().encode());
    change(value);
    return manifests::write_json(value);
}

OrderedJson file_at(const OrderedJson& document, int index, const std::string& path) {
    OrderedJson file = document["files"][static_cast<std::size_t>(index)];
    file["path"] = path;
    return file;
}

struct Risk {
    const char* path;
    const char* danger;
    std::string reason;
};

// Where they stand: behind the kernels.
void add_risks(OrderedJson& document, const std::vector<Risk>& risks) {
    OrderedJson list = OrderedJson::array();
    for (const Risk& risk : risks)
        list.push_back({{"path", risk.path}, {"danger", risk.danger}, {"reason", risk.reason}});
    OrderedJson ordered = OrderedJson::object();
    for (const auto& [name, value] : document.items()) {
        ordered[name] = value;
        if (name == "kernels") ordered["accepted_risks"] = list;
    }
    document = ordered;
}

void insert_file(OrderedJson& document, int before, const OrderedJson& file) {
    document["files"].insert(document["files"].begin() + before, file);
}

} // namespace

TEST_CASE("a bundle document is read as it was written", "[manifests][bundle_document]") {
    const BundleDocument document = sample_document();
    const std::string bytes = document.encode();
    const BundleDocument again = BundleDocument::parse(bytes);

    CHECK(again.encode() == bytes);
    CHECK(again.name == "sample");
    CHECK(again.version == "1.2.0+rc.1");
    CHECK(again.release_counter == 7);
    CHECK(again.model.licenses == std::vector<std::string>{"MIT"});
    REQUIRE(again.files.size() == 10);
    CHECK(again.files[server].mode == manifests::FileMode::executable);
    CHECK(again.files[weights].size_bytes == 70'000);
    CHECK_FALSE(again.files[weights].chunk_table);
    const std::string bytes_of_large = tests::sample_contents().at("weights/model-3.bin");
    CHECK(again.files[large].size_bytes == bytes_of_large.size());
    CHECK(again.files[large].fs_verity == tests::plain_verity(bytes_of_large));
    REQUIRE(again.files[large].chunk_table);
    CHECK(again.files[large].chunk_table_reference() ==
          manifests::DocumentReference{Digest::of(tests::plain_chunks(bytes_of_large)), 96});
    CHECK_THROWS_MATCHES(again.files[weights].chunk_table_reference(), manifests::Error,
                         faults_with(Fault::internal));
    CHECK(again.kernels[0].requires_features == std::vector<std::string>{"avx2", "fma"});
    REQUIRE(again.runtime);
    CHECK(again.runtime->port == 8080);
    CHECK(again.runtime->ready.timeout_s == 86'400);
    CHECK(again.runtime->environment.at(1) == std::pair<std::string, std::string>{"B", ""});
    REQUIRE(again.runtime->known_answer);
}

TEST_CASE("a bundle document without anything to boot is read", "[manifests][bundle_document]") {
    const std::string bytes = changed([](OrderedJson& value) { value.erase("runtime"); });
    CHECK_FALSE(BundleDocument::parse(bytes).runtime);
}

TEST_CASE("a file is found by its path and by nothing like it", "[manifests][bundle_document]") {
    const BundleDocument document = sample_document();
    REQUIRE(document.find(BundlePath::parse("engine/server")) != nullptr);
    CHECK(document.find(BundlePath::parse("engine/server"))->path.text() == "engine/server");
    for (const char* path : {"engine", "engine/serve", "engine/server2", "Engine/server", "zzz", "a"})
        CHECK(document.find(BundlePath::parse(path)) == nullptr);
}

TEST_CASE("a bundle document with one defect is refused: members and values",
          "[manifests][bundle_document]") {
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"unknown member", [](OrderedJson& v) { v["extra"] = 1; }},
        {"no name", [](OrderedJson& v) { v.erase("name"); }},
        {"no boms", [](OrderedJson& v) { v.erase("boms"); }},
        {"no model manifest", [](OrderedJson& v) { v.erase("model_manifest"); }},
        {"no files", [](OrderedJson& v) { v["files"] = OrderedJson::array(); }},
        {"files that are no list", [](OrderedJson& v) { v["files"] = OrderedJson::object(); }},
        {"another schema", [](OrderedJson& v) { v["schema"] = "sealift.bundle/2"; }},
        {"empty name", [](OrderedJson& v) { v["name"] = ""; }},
        {"name with a capital", [](OrderedJson& v) { v["name"] = "Sample"; }},
        {"name with a slash", [](OrderedJson& v) { v["name"] = "a/b"; }},
        {"name that looks like an option", [](OrderedJson& v) { v["name"] = "-x"; }},
        {"name of 129 letters", [](OrderedJson& v) { v["name"] = std::string(129, 'a'); }},
        {"version with a space", [](OrderedJson& v) { v["version"] = "1 2"; }},
        {"version that is hidden", [](OrderedJson& v) { v["version"] = ".1"; }},
        {"release counter 1.0", [](OrderedJson& v) { v["release_counter"] = 1.0; }},
        {"release counter -1", [](OrderedJson& v) { v["release_counter"] = -1; }},
        {"release counter as text", [](OrderedJson& v) { v["release_counter"] = "7"; }},
        {"release counter 2^63", [](OrderedJson& v) { v["release_counter"] = 1ULL << 63; }},
        {"no profile", [](OrderedJson& v) { v["target"].erase("profile"); }},
        {"profile with a capital", [](OrderedJson& v) { v["target"]["profile"] = "X"; }},
        {"unknown member of the target", [](OrderedJson& v) { v["target"]["extra"] = 1; }},
        {"unknown member of the BOMs", [](OrderedJson& v) { v["boms"]["extra"] = 1; }},
        {"unknown member of a reference", [](OrderedJson& v) { v["boms"]["software"]["extra"] = 1; }},
        {"unknown member of the model", [](OrderedJson& v) { v["model"]["extra"] = "1"; }},
        {"model fact that is empty", [](OrderedJson& v) { v["model"]["name"] = ""; }},
        {"model licence that is no text", [](OrderedJson& v) { v["model"]["licenses"][0] = 1; }},
        {"digest in capitals",
         [](OrderedJson& v) { v["target"]["digest"] = "sha256:" + std::string(64, 'A'); }},
        {"digest of another kind",
         [](OrderedJson& v) { v["target"]["digest"] = "md5:" + std::string(32, 'a'); }},
        {"digest that is short",
         [](OrderedJson& v) { v["model_manifest"]["digest"] = "sha256:" + std::string(63, 'a'); }},
        {"size as text", [](OrderedJson& v) { v["files"][0]["size_bytes"] = "56"; }},
        {"size that is negative", [](OrderedJson& v) { v["files"][0]["size_bytes"] = -1; }},
        {"size with a fraction", [](OrderedJson& v) { v["files"][0]["size_bytes"] = 1.5; }},
        {"mode 0666", [](OrderedJson& v) { v["files"][0]["mode"] = "0666"; }},
        {"mode 4755", [](OrderedJson& v) { v["files"][0]["mode"] = "4755"; }},
        {"mode as number", [](OrderedJson& v) { v["files"][0]["mode"] = 644; }},
        {"unknown role", [](OrderedJson& v) { v["files"][0]["role"] = "secret"; }},
        {"role in capitals", [](OrderedJson& v) { v["files"][0]["role"] = "Config"; }},
        {"unknown member of a file", [](OrderedJson& v) { v["files"][0]["link"] = "x"; }},
        {"file without a digest", [](OrderedJson& v) { v["files"][0].erase("digest"); }},
        {"file without a tree", [](OrderedJson& v) { v["files"][0].erase("fs_verity_digest"); }},
        {"tree in capitals",
         [](OrderedJson& v) { v["files"][0]["fs_verity_digest"] = "sha256:" + std::string(64, 'A'); }},
        {"large file without a chunk table", [](OrderedJson& v) { v["files"][large].erase("chunk_table"); }},
        {"chunk table that is a digest",
         [](OrderedJson& v) { v["files"][large]["chunk_table"] = v["files"][large]["digest"]; }},
        {"chunk table one hash too long",
         [](OrderedJson& v) { v["files"][large]["chunk_table"]["size_bytes"] = 128; }},
        {"chunk table one hash too short",
         [](OrderedJson& v) { v["files"][large]["chunk_table"]["size_bytes"] = 64; }},
        {"chunk table with an unknown member",
         [](OrderedJson& v) { v["files"][large]["chunk_table"]["extra"] = 1; }},
        {"chunk table of a file of one chunk",
         [](OrderedJson& v) {
             v["files"][weights]["chunk_table"] = {{"digest", v["files"][weights]["digest"]}, {"size_bytes", 32}};
         }},
        {"chunk table of a file of exactly one chunk",
         [](OrderedJson& v) {
             v["files"][large]["size_bytes"] = 524'288;
             v["files"][large]["chunk_table"]["size_bytes"] = 32;
         }},
        {"file that is a text", [](OrderedJson& v) { v["files"][0] = "config/answer.json"; }},
    }));
    CAPTURE(reason);
    REQUIRE_THROWS_MATCHES(BundleDocument::parse(changed(change)), manifests::Error,
                           faults_with(Fault::damaged));
}

TEST_CASE("a bundle document with one defect is refused: files", "[manifests][bundle_document]") {
    const auto [reason, code, change] = GENERATE(table<std::string, Code, Change>({
        {"a path twice", Code::format_document,
         [](OrderedJson& v) { insert_file(v, readme, OrderedJson(v["files"][readme])); }},
        {"files out of order", Code::format_document,
         [](OrderedJson& v) { std::swap(v["files"][answer], v["files"][readme]); }},
        {"two paths that differ in case", Code::path_collision,
         [](OrderedJson& v) { insert_file(v, answer, file_at(v, answer, "config/ANSWER.json")); }},
        {"two folders that differ in case", Code::path_collision,
         [](OrderedJson& v) { insert_file(v, answer, file_at(v, answer, "Config/answer.json")); }},
        {"a file inside a file", Code::path_collision,
         [](OrderedJson& v) { insert_file(v, same, file_at(v, answer, "config/answer.json/x")); }},
        {"a file inside a file in other letters", Code::path_collision,
         [](OrderedJson& v) { insert_file(v, answer, file_at(v, answer, "config/ANSWER.json/x")); }},
        {"a path that climbs", Code::path_unclean,
         [](OrderedJson& v) { v["files"][answer]["path"] = "../answer.json"; }},
        {"an absolute path", Code::path_unclean,
         [](OrderedJson& v) { v["files"][answer]["path"] = "/config/answer.json"; }},
        {"a path with a detour", Code::path_unclean,
         [](OrderedJson& v) { v["files"][answer]["path"] = "config/./answer.json"; }},
        {"a path with a back slash", Code::path_unclean,
         [](OrderedJson& v) { v["files"][answer]["path"] = "config\\answer.json"; }},
        {"one digest with two sizes", Code::format_document,
         [](OrderedJson& v) { v["files"][same]["size_bytes"] = 1; }},
        {"one digest with two trees", Code::format_document,
         [](OrderedJson& v) { v["files"][same]["fs_verity_digest"] = v["files"][same]["digest"]; }},
        {"one digest with two chunk tables", Code::format_document,
         [](OrderedJson& v) {
             v["files"].push_back(file_at(v, large, "weights/model-4.bin"));
             v["files"].back()["chunk_table"]["digest"] = v["files"][large]["digest"];
         }},
        {"two paths that differ in the spelling of an accent", Code::path_collision,
         [](OrderedJson& v) {
             insert_file(v, readme, file_at(v, answer, "config/\u00e9"));
             insert_file(v, readme, file_at(v, answer, "config/e\u0301"));
         }},
        {"a folder that differs from a file in the folding of letters", Code::path_collision,
         [](OrderedJson& v) {
             insert_file(v, readme, file_at(v, answer, "config/stra\u00dfe/x"));
             insert_file(v, answer, file_at(v, answer, "config/STRASSE"));
         }},
        {"a kernel file without an entry", Code::format_document,
         [](OrderedJson& v) { v["kernels"] = OrderedJson::array(); }},
        {"an entry without a kernel file", Code::format_document,
         [](OrderedJson& v) { v["files"].erase(kernel); }},
        {"an entry for a file that is no kernel", Code::format_document,
         [](OrderedJson& v) { v["kernels"][0]["path"] = "engine/libbase.so"; }},
        {"an entry twice", Code::format_document,
         [](OrderedJson& v) { v["kernels"].push_back(OrderedJson(v["kernels"][0])); }},
        {"features out of order", Code::format_document,
         [](OrderedJson& v) { v["kernels"][0]["requires_features"] = {"fma", "avx2"}; }},
        {"a feature twice", Code::format_document,
         [](OrderedJson& v) { v["kernels"][0]["requires_features"] = {"fma", "fma"}; }},
        {"a fitting digest twice", Code::format_document,
         [](OrderedJson& v) { v["kernels"][0]["fits"].push_back(OrderedJson(v["kernels"][0]["fits"][0])); }},
        {"a kernel for an engine that is not in the bundle", Code::format_document,
         [](OrderedJson& v) { v["kernels"][0]["fits"] = {manifests::Digest::of("another engine").text()}; }},
        {"a kernel that names itself as its engine", Code::format_document,
         [](OrderedJson& v) { v["kernels"][0]["fits"] = {v["files"][kernel]["digest"].get<std::string>()}; }},
        {"unknown member of a kernel", Code::format_document,
         [](OrderedJson& v) { v["kernels"][0]["extra"] = 1; }},
    }));
    CAPTURE(reason);
    REQUIRE_THROWS_MATCHES(BundleDocument::parse(changed(change)), manifests::Error,
                           faults_with(Fault::damaged, code));
}

TEST_CASE("a bundle document whose runtime section names what is not there is refused",
          "[manifests][bundle_document][runtime_section]") {
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"entry point that is missing", [](OrderedJson& v) { v["runtime"]["entrypoint"] = "engine/other"; }},
        {"entry point that is a folder", [](OrderedJson& v) { v["runtime"]["entrypoint"] = "engine"; }},
        {"entry point that is not executable",
         [](OrderedJson& v) { v["runtime"]["entrypoint"] = "engine/libbase.so"; }},
        {"entry point whose mode is plain", [](OrderedJson& v) { v["files"][server]["mode"] = "0644"; }},
        {"entry point that is no engine file", [](OrderedJson& v) { v["files"][server]["role"] = "config"; }},
        {"known answer that is missing",
         [](OrderedJson& v) { v["runtime"]["known_answer"] = "config/other.json"; }},
        {"argument that names a missing file",
         [](OrderedJson& v) { v["runtime"]["arguments"][1] = "{file:engine/libother.so}"; }},
        {"argument that names a folder as a file",
         [](OrderedJson& v) { v["runtime"]["arguments"][1] = "{file:engine}"; }},
        {"argument that names a file as a folder",
         [](OrderedJson& v) { v["runtime"]["arguments"][4] = "{dir:engine/server}"; }},
        {"argument that names half a folder",
         [](OrderedJson& v) { v["runtime"]["arguments"][4] = "{dir:engi}"; }},
        {"descriptor of a missing file",
         [](OrderedJson& v) { v["runtime"]["arguments"][2] = "{fd:weights/model-9.bin}"; }},
        {"offset of a missing file",
         [](OrderedJson& v) { v["runtime"]["arguments"][3] = "{offset:weights/model-9.bin}"; }},
        {"a star, which only init resolves",
         [](OrderedJson& v) { v["runtime"]["arguments"][2] = "{fd:weights/*}"; }},
        {"unknown placeholder", [](OrderedJson& v) { v["runtime"]["arguments"][5] = "{host}"; }},
    }));
    CAPTURE(reason);
    REQUIRE_THROWS_MATCHES(BundleDocument::parse(changed(change)), manifests::Error,
                           faults_with(Fault::damaged));
}

TEST_CASE("a bundle document says what the bundle needs, where kernels are for and what was accepted",
          "[manifests][bundle_document][needs]") {
    BundleDocument document = sample_document();
    document.needs.architecture = "x86_64";
    document.needs.tensor_types = {"BF16", "F32"};
    document.kernels[0].format = "cuda";
    document.kernels[0].targets = {"sm_80", "sm_90"};
    document.accepted_risks = {{BundlePath::parse("docs/README.md"), "code", "read by a person"},
                               {BundlePath::parse("docs/README.md"), "pickle", "as above"},
                               {BundlePath::parse("weights/model-1.bin"), "pickle", "\u00fc"}};
    document.files[answer].mode = manifests::FileMode::group_plain;
    document.files[server].mode = manifests::FileMode::group_executable;
    const std::string bytes = document.encode();
    const BundleDocument again = BundleDocument::parse(bytes);
    CHECK(again.encode() == bytes);
    CHECK(again.needs == document.needs);
    CHECK(again.kernels[0].format == "cuda");
    CHECK(again.kernels[0].targets == std::vector<std::string>{"sm_80", "sm_90"});
    CHECK_FALSE(again.kernels[0].targets_declared);
    CHECK(again.accepted_risks == document.accepted_risks);
    CHECK(bits_of(again.files[answer].mode) == 0640);
    CHECK(bits_of(again.files[server].mode) == 0750);
    document.kernels[0].targets_declared = true;
    CHECK(BundleDocument::parse(document.encode()).kernels[0].targets_declared);
}

TEST_CASE("a bundle document with one defect is refused: needs, targets and risks",
          "[manifests][bundle_document][needs]") {
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"needs that say nothing", [](OrderedJson& v) { v["target"]["needs"] = OrderedJson::object(); }},
        {"needs that are null", [](OrderedJson& v) { v["target"]["needs"] = nullptr; }},
        {"needs beside the target", [](OrderedJson& v) { v["needs"] = {{"architecture", "x86_64"}}; }},
        {"unknown need", [](OrderedJson& v) { v["target"]["needs"] = {{"chip", "x"}}; }},
        {"empty architecture", [](OrderedJson& v) { v["target"]["needs"] = {{"architecture", ""}}; }},
        {"empty list of types",
         [](OrderedJson& v) {
             v["target"]["needs"] = {{"architecture", "x86_64"}, {"tensor_types", OrderedJson::array()}};
         }},
        {"empty list of ABIs",
         [](OrderedJson& v) { v["target"]["needs"] = {{"architecture", "x86_64"}, {"abi", OrderedJson::array()}}; }},
        {"needs in another order",
         [](OrderedJson& v) {
             v["target"]["needs"] = {{"tensor_types", {"BF16"}}, {"architecture", "x86_64"}};
         }},
        {"targets that do not say where from", [](OrderedJson& v) { v["kernels"][0]["targets"] = {"sm_90"}; }},
        {"targets from hearsay",
         [](OrderedJson& v) {
             v["kernels"][0]["targets"] = {"sm_90"};
             v["kernels"][0]["targets_from"] = "folder";
         }},
        {"an origin without targets", [](OrderedJson& v) { v["kernels"][0]["targets_from"] = "bytes"; }},
        {"empty targets",
         [](OrderedJson& v) {
             v["kernels"][0]["targets"] = OrderedJson::array();
             v["kernels"][0]["targets_from"] = "bytes";
         }},
        {"targets out of order",
         [](OrderedJson& v) {
             v["kernels"][0]["targets"] = {"sm_90", "sm_80"};
             v["kernels"][0]["targets_from"] = "bytes";
         }},
        {"empty format", [](OrderedJson& v) { v["kernels"][0]["format"] = ""; }},
        {"risks of none", [](OrderedJson& v) { v["accepted_risks"] = OrderedJson::array(); }},
        {"a risk of a file that is not there",
         [](OrderedJson& v) { add_risks(v, {{"docs/other.md", "pickle", "why"}}); }},
        {"a risk of another kind", [](OrderedJson& v) { add_risks(v, {{"docs/README.md", "virus", "why"}}); }},
        {"a risk without a reason", [](OrderedJson& v) { add_risks(v, {{"docs/README.md", "pickle", ""}}); }},
        {"a reason of 1025 bytes",
         [](OrderedJson& v) { add_risks(v, {{"docs/README.md", "pickle", std::string(1025, 'w')}}); }},
        {"a reason of two lines",
         [](OrderedJson& v) { add_risks(v, {{"docs/README.md", "pickle", "a\nb"}}); }},
        {"a reason that moves the cursor",
         [](OrderedJson& v) { add_risks(v, {{"docs/README.md", "pickle", "a\x1b[2J"}}); }},
        {"a risk twice",
         [](OrderedJson& v) {
             add_risks(v, {{"docs/README.md", "pickle", "a"}, {"docs/README.md", "pickle", "b"}});
         }},
        {"risks out of order",
         [](OrderedJson& v) {
             add_risks(v, {{"weights/model-1.bin", "pickle", "a"}, {"docs/README.md", "pickle", "b"}});
         }},
        {"dangers out of order",
         [](OrderedJson& v) {
             add_risks(v, {{"docs/README.md", "pickle", "a"}, {"docs/README.md", "code", "b"}});
         }},
        {"mode 0600", [](OrderedJson& v) { v["files"][0]["mode"] = "0600"; }},
        {"mode 0700", [](OrderedJson& v) { v["files"][0]["mode"] = "0700"; }},
    }));
    CAPTURE(reason);
    REQUIRE_THROWS_MATCHES(BundleDocument::parse(changed(change)), manifests::Error,
                           faults_with(Fault::damaged));
}

TEST_CASE("the same bundle document in another spelling is refused", "[manifests][bundle_document]") {
    const std::string bytes = sample_document().encode();
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = bytes;
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    const OrderedJson value = OrderedJson::parse(bytes);
    const std::vector<std::pair<std::string, std::string>> spellings = {
        {"line feed at the end", bytes + "\n"},
        {"space in front", " " + bytes},
        {"space behind a colon", with("\"name\":", "\"name\": ")},
        {"indented", value.dump(2)},
        {"members by name", manifests::Json::parse(bytes).dump()},
        {"slash escaped", with("config/answer.json", "config\\/answer.json")},
        {"letter escaped", with("\"sample\"", "\"s\\u0061mple\"")},
        {"comment", with("{", "{/**/")},
        {"member twice", with("{", "{\"schema\":\"sealift.bundle/1\",")},
        {"number with exponent", with("\"release_counter\":7", "\"release_counter\":7e0")},
        {"number with a fraction", with("\"release_counter\":7", "\"release_counter\":7.0")},
        {"member left out that has a usual value", with(",\"timeout_s\":86400", "")},
        {"NUL at the end", bytes + std::string(1, '\0')},
        {"cut short", bytes.substr(0, bytes.size() - 1)},
        {"empty", ""},
        {"byte order mark", "\xef\xbb\xbf" + bytes},
    };
    for (const auto& [reason, text] : spellings) {
        CAPTURE(reason);
        CHECK_THROWS_MATCHES(BundleDocument::parse(text), manifests::Error, faults_with(Fault::damaged));
    }
}

TEST_CASE("a bundle document without its files says everything else", "[manifests][bundle_document]") {
    manifests::Json value = manifests::Json::parse(sample_document().encode());
    value["files"] = manifests::Json::array();
    CHECK(sample_document().without_files() == value);
}

TEST_CASE("a bundle document of 10,000 files is read", "[manifests][bundle_document]") {
    BundleDocument document = sample_document();
    document.runtime.reset();
    document.kernels.clear();
    document.files.clear();
    for (int i = 10'000; i < 20'000; ++i) {
        document.files.push_back(
            tests::file_of("weights/" + std::to_string(i), manifests::Role::weights, "the bytes"));
    }
    const std::string bytes = document.encode();
    CHECK(BundleDocument::parse(bytes).files.size() == 10'000);
}

TEST_CASE("a bundle document is read in pieces of any length, and written in some",
          "[manifests][bundle_document]") {
    const std::string bytes = sample_document().encode();
    const std::size_t length = GENERATE(as<std::size_t>{}, 1, 2, 7, 64, 1000, 1'000'000);
    CAPTURE(length);
    const auto pieces = [&bytes, length] {
        return [rest = std::string_view(bytes), length]() mutable {
            const std::string_view piece = rest.substr(0, length);
            rest.remove_prefix(piece.size());
            return piece;
        };
    };
    CHECK(BundleDocument::read(pieces(), Digest::of(bytes)).encode() == bytes);
    REQUIRE_THROWS_MATCHES(BundleDocument::read(pieces(), Digest::of("other")), manifests::Error,
                           faults_with(Fault::damaged, Code::format_document));
    std::string written;
    sample_document().write([&](std::string_view piece) { written += piece; });
    CHECK(written == bytes);
}
