// The worked example of manifests/FORMAT.md is built anew from inputs that stand here, and the page must show
// exactly what came out. SEALIFT_UPDATE_GOLDEN=1 writes the page's blocks anew, and the test fails once.

#include <array>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "manifests/assembly.hpp"
#include "manifests/error.hpp"
#include "manifests/profile.hpp"
#include "manifests/tar_header.hpp"
#include "manifests/tar_layout.hpp"
#include "manifests/text.hpp"
#include "packager/bundle_output.hpp"
#include "packager/countersign.hpp"
#include "packager/pack_file.hpp"
#include "packager/secret_key.hpp"
#include "runtime/bundle.hpp"
#include "runtime/clone.hpp"
#include "runtime/content.hpp"
#include "runtime/piped_content.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/plain_tree.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

using manifests::BundleDocument;
using manifests::BundleFile;
using manifests::Code;
using manifests::Derived;
using manifests::Digest;
using manifests::ItemKind;
using manifests::Role;
using tests::file_of;

constexpr std::string_view page = "manifests/FORMAT.md";

constexpr std::string_view profile =
    R"({"schema":"sealift.profile/1","id":"any-x86","title":"Any 64-bit x86 processor",)"
    R"("cpu":{"architecture":"x86_64","features":["sse2"],"source":"abi"},)"
    R"("kernels":{"elf_machine":"x86_64","names":[],"features":[],"source":"abi"},)"
    R"("sources":[{"id":"abi","title":"System V ABI, AMD64 supplement","date":"2026-11-01"}]})";
constexpr std::string_view software_bom = R"({"bomFormat":"CycloneDX","specVersion":"1.7","version":1})";
constexpr std::string_view hardware_bom = R"({"bomFormat":"CycloneDX","specVersion":"1.7","version":2})";

// 65536 bytes: the smallest blob that is aligned.
std::string weights() {
    std::string bytes;
    for (int i = 0; i < 8192; ++i)
        bytes += "sealift\n";
    return bytes;
}

manifests::DocumentReference refer(std::string_view bytes) {
    return {Digest::of(bytes), bytes.size()};
}

BundleDocument example_document() {
    return {.name = "tiny",
            .version = "1.0",
            .release_counter = 1,
            .profile_id = "any-x86",
            .profile = refer(profile),
            .model = {.name = "tiny",
                      .architecture = "",
                      .format = "raw",
                      .family = "",
                      .parameters = "",
                      .precision = "",
                      .quantization = "",
                      .licenses = {"CC0-1.0"}},
            .files = {file_of("docs/hello.txt", Role::doc, "hello"),
                      file_of("weights/tiny.bin", Role::weights, weights())},
            .kernels = {},
            .runtime = std::nullopt,
            .software_bom = refer(software_bom),
            .hardware_bom = refer(hardware_bom),
            .model_manifest = refer("")}; // assemble() fills it in
}

// Writes the example bundle, or one that differs from it like this, and returns its bytes.
std::string write_example(const tests::TempDir& folder, const std::vector<std::string>& envelopes = {},
                          const BundleDocument& content = example_document(),
                          const std::string& profile_bytes = std::string(profile)) {
    tests::write_file(folder / "docs/hello.txt", "hello");
    tests::write_file(folder / "weights/tiny.bin", weights());
    BundleDocument document = content;
    const manifests::Assembly assembly = manifests::assemble(document);
    const manifests::Contents contents{document, assembly, envelopes};
    const auto items = manifests::items_of(contents);
    const auto output = packager::open_output(folder / "tiny.sealift", packager::Form::file, items, 0);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto put = [&](std::string_view bytes) {
            const packager::Target to = output->begin(i);
            runtime::write_at(*to.file, bytes.data(), bytes.size(), to.offset, to.where);
        };
        if (items[i].kind == ItemKind::profile) put(profile_bytes);
        if (items[i].kind == ItemKind::software_bom) put(software_bom);
        if (items[i].kind == ItemKind::hardware_bom) put(hardware_bom);
        if (items[i].kind != ItemKind::file) continue;
        const BundleFile& file = document.files.at(items[i].number);
        const std::string path = folder / file.path.text();
        auto opened = std::make_shared<const runtime::FileDescriptor>(runtime::open_to_read(path));
        const runtime::BlobAt source{std::move(opened), 0, file.size_bytes, path};
        const auto packed = packager::pack_file({source, file.size_bytes, output->begin(i), {}, false, {}});
        REQUIRE(packed.digest == file.digest);
        REQUIRE(packed.fs_verity == file.fs_verity);
    }
    output->finish(contents, items);
    return tests::read_file(folder / "tiny.sealift");
}

struct Entry {
    std::size_t header = 0;
    std::size_t size_bytes = 0;
    std::string name;
};

// Reads the tar by hand, with nothing of ours: an octal size at 124, the data after the block.
std::vector<Entry> walk(const std::string& tar) {
    std::vector<Entry> entries;
    for (std::size_t at = 0; tar.at(at) != '\0';) {
        const Entry entry{at, std::stoul(tar.substr(at + 124, 11), nullptr, 8), tar.substr(at, 100).c_str()};
        entries.push_back(entry);
        at += 512 + (entry.size_bytes + 511) / 512 * 512;
    }
    return entries;
}

std::string listing(const std::string& tar) {
    std::string text = "header   data  bytes  name\n";
    std::array<char, 160> line{};
    for (const Entry& entry : walk(tar)) {
        std::snprintf(line.data(), line.size(), "%6zu  %5zu  %5zu  %s\n", entry.header, entry.header + 512,
                      entry.size_bytes, entry.name.c_str());
        text += line.data();
    }
    std::snprintf(line.data(), line.size(), "%6zu  %5s  %5d  two blocks of zeros\n", tar.size() - 1024, "",
                  1024);
    return text + line.data();
}

// As `xxd -a` prints it: a star for lines of zeros between the first of three or more and the next other
// line.
std::string hex_row(std::string_view bytes, std::size_t at) {
    const std::string_view row = bytes.substr(at, 16);
    std::array<char, 24> offset{};
    std::snprintf(offset.data(), offset.size(), "%08zx:", at);
    std::string text = offset.data();
    for (std::size_t i = 0; i < 16; ++i) {
        if (i % 2 == 0) text += " ";
        text += i < row.size() ? manifests::to_hex(row.substr(i, 1)) : "  ";
    }
    text += "  ";
    for (const char c : row)
        text += c >= 0x20 && c < 0x7f ? c : '.';
    return text + "\n";
}

std::string hex_dump(std::string_view bytes) {
    const std::string zeros(16, '\0');
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
        std::size_t end = at; // of the rows of zeros that begin here, the last row of all left out
        while (end + 16 < bytes.size() && bytes.substr(end, 16) == zeros)
            end += 16;
        text += hex_row(bytes, at);
        if (end < at + 3 * 16) continue;
        text += "*\n";
        at = end - 16;
    }
    return text;
}

std::string derived(const runtime::Bundle& bundle, Derived which) {
    return manifests::derived_text(which, bundle.document(), bundle.assembly()) + "\n";
}

// The tree of weights/tiny.bin: 16 leaves, and the one block of their hashes.
std::string tree() {
    const std::string bytes = weights();
    const std::string leaf =
        tests::plain_root(std::string_view(bytes).substr(0, 4096)); // of a file of that alone
    return "leaf(0)           " + manifests::to_hex(leaf) + "\n" +  //
           "root, chunk(0)    " + manifests::to_hex(tests::plain_root(bytes)) + "\n" + "fs_verity_digest  " +
           tests::plain_verity(bytes).text() + "\n" + "of docs/hello.txt " +
           tests::plain_verity("hello").text() + "\n";
}

// Of the smallest file that has one: 524289 bytes, all zero.
std::string chunk_table() {
    const std::string bytes(524'289, '\0');
    const std::string table = tests::plain_chunks(bytes);
    return hex_dump(table) + "root              " + manifests::to_hex(tests::plain_root(bytes)) + "\n" +
           "fs_verity_digest  " + tests::plain_verity(bytes).text() + "\n" + "chunk_table       " +
           Digest::of(table).text() + ", " + std::to_string(table.size()) + " bytes\n";
}

// The page with the fenced block after "<!-- example: NAME -->" replaced.
std::string with_block(const std::string& text, const std::string& name, const std::string& content) {
    const std::string marker = "<!-- example: " + name + " -->\n```\n";
    const std::size_t start = text.find(marker);
    const std::size_t body = start + marker.size();
    const std::size_t end = start == std::string::npos ? start : text.find("```\n", body);
    if (end == std::string::npos) throw std::runtime_error("FORMAT.md has no block '" + name + "'");
    return text.substr(0, body) + content + text.substr(end);
}

} // namespace

TEST_CASE("the worked example in FORMAT.md is what the packager writes", "[packager][format]") {
    const tests::TempDir folder;
    const std::string tar = write_example(folder);
    const runtime::Bundle bundle = runtime::Bundle::open(folder / "tiny.sealift");
    const auto entries = walk(tar);
    std::vector<std::size_t> paddings;
    for (const Entry& entry : entries) {
        if (entry.name.starts_with("sealift-padding/")) paddings.push_back(entry.header);
    }
    REQUIRE(paddings.size() == 1);
    REQUIRE(entries.back().header + 512 == 65536);

    const std::vector<std::pair<std::string, std::string>> blocks{
        {"entries", listing(tar)},
        {"first header", hex_dump(tar.substr(0, 512))},
        {"padding header", hex_dump(tar.substr(paddings[0], 512))},
        {"size of 9 GiB", hex_dump(manifests::tar_header("x", 9ULL << 30).substr(124, 12))},
        {"bundle document", derived(bundle, Derived::document)},
        {"bundle manifest", derived(bundle, Derived::bundle_manifest)},
        {"model manifest", derived(bundle, Derived::model_manifest)},
        {"model config", derived(bundle, Derived::model_config)},
        {"index", tar.substr(entries.at(1).header + 512, entries.at(1).size_bytes) + "\n"},
        {"profile", std::string(profile) + "\n"},
        {"tree", tree()},
        {"descriptor", hex_dump(tests::plain_descriptor(65536, tests::plain_root(weights())))},
        {"chunk table", chunk_table()},
        {"digests", "bundle       " + bundle.digest().text() + "\nwhole file   " + Digest::of(tar).text() +
                        ", " + std::to_string(tar.size()) + " bytes\n"}};
    const std::string before = tests::read_file(tests::source_file(page));
    std::string after = before;
    for (const auto& [name, content] : blocks)
        after = with_block(after, name, content);
    CHECK(tests::matches_golden(page, after));
}

TEST_CASE("a bundle that lists an attestation twice is refused", "[packager][format]") {
    const tests::TempDir folder;
    write_example(folder, {"{}", "{\"a\":1}"});
    CHECK(runtime::Bundle::open(folder / "tiny.sealift").carried().envelopes.size() == 2);
    write_example(folder, {"{\"a\":1}", "{\"a\":1}"});
    REQUIRE_THROWS_MATCHES(runtime::Bundle::open(folder / "tiny.sealift"), manifests::Error,
                           tests::faults_with(manifests::Fault::damaged, Code::format_duplicate));
}

TEST_CASE("a bundle whose profile is none, or another one, is refused", "[packager][format]") {
    const tests::TempDir folder;
    BundleDocument document = example_document();
    std::string bytes = "not a profile";
    Code code = Code::format_json;
    SECTION("no JSON") {}
    SECTION("no profile") {
        bytes = "{}";
        code = Code::format_document;
    }
    SECTION("another profile") {
        bytes = profile;
        document.profile_id = "zen4";
        code = Code::format_document;
    }
    document.profile = refer(bytes);
    write_example(folder, {}, document, bytes);
    REQUIRE_THROWS_MATCHES(runtime::Bundle::open(folder / "tiny.sealift"), manifests::Error,
                           tests::faults_with(manifests::Fault::damaged, code));
}

TEST_CASE("a file that has the bytes of a document and another tree is refused by every reader",
          "[packager][format]") {
    const tests::TempDir folder;
    BundleDocument document = example_document();
    document.files.insert(document.files.begin() + 1, file_of("docs/profile.json", Role::doc, profile));
    const auto key = packager::SecretKey::from_seed(std::string(packager::SecretKey::seed_bytes, 'a'));
    const std::string path = folder / "tiny.sealift";
    const auto by_file = [&] {
        const runtime::Bundle bundle = runtime::Bundle::open(path);
        runtime::prove_content(bundle, runtime::jobs_of(bundle), {.jobs = 1});
        return runtime::content_bytes(bundle);
    };
    const auto by_pipe = [&] {
        const auto spool = std::make_shared<runtime::PipeSpool>(runtime::open_to_read(path), folder.path());
        const runtime::Bundle bundle = runtime::Bundle::open_pipe(spool);
        std::uint64_t bytes = 0;
        runtime::read_piped_content(bundle, *spool,
                                    {.jobs = 1, .on_bytes = [&](std::uint64_t more) { bytes += more; }});
        return bytes;
    };
    const auto sign = [&] {
        packager::countersign({.bundle = path, .output = path, .signer = &key, .jobs = 1, .on_start = {}});
    };
    write_example(folder, {}, document);
    CHECK(by_file() == 5 + 65536 + profile.size());
    CHECK(by_pipe() == by_file());
    CHECK_NOTHROW(sign());
    document.files[1].fs_verity = Digest::of("another tree");
    const std::string before = write_example(folder, {}, document);
    const auto is_refused = tests::faults_with(manifests::Fault::damaged, Code::content_digest);
    CHECK_THROWS_MATCHES(by_file(), manifests::Error, is_refused);
    CHECK_THROWS_MATCHES(by_pipe(), manifests::Error, is_refused);
    CHECK_THROWS_MATCHES(sign(), manifests::Error, is_refused);
    CHECK(tests::read_file(path) == before);
}

TEST_CASE("the profile of the worked example is a profile", "[packager][format]") {
    CHECK(manifests::Profile::parse(profile).id == example_document().profile_id);
}

TEST_CASE("a block that FORMAT.md lacks is noticed", "[packager][format]") {
    CHECK_THROWS(with_block("text\n", "entries", "x"));
    CHECK(with_block("<!-- example: a -->\n```\nold\n```\n", "a", "new\n") ==
          "<!-- example: a -->\n```\nnew\n```\n");
}

TEST_CASE("hex dumps are spelled as xxd spells them", "[packager][format]") {
    const std::string zeros(64, '\0');
    CHECK(hex_dump("sealift\n") == "00000000: 7365 616c 6966 740a                      sealift.\n");
    CHECK(hex_dump(zeros) == "00000000: 0000 0000 0000 0000 0000 0000 0000 0000  ................\n*\n"
                             "00000030: 0000 0000 0000 0000 0000 0000 0000 0000  ................\n");
}
