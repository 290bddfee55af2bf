// The file form: nothing but the bytes that the format gives is a bundle.

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "manifests/tar_header.hpp"
#include "manifests/tar_layout.hpp"
#include "runtime/bundle.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/verdict.hpp"

using manifests::Code;
using manifests::Fault;
using runtime::Bundle;
using tests::faults_with;
using tests::make_sample;
using tests::read_file;
using tests::SampleBundle;
using tests::TempDir;
using tests::verdict_on;
using tests::write_file;

namespace {

constexpr std::size_t block = manifests::tar_block_bytes;

struct Entry {
    std::string name;
    std::string data;
};

// A reader of its own, so that a mistake in ours cannot hide.
std::vector<Entry> entries_of(const std::string& tar) {
    std::vector<Entry> entries;
    for (std::size_t at = 0; at + block <= tar.size() && tar[at] != '\0';) {
        const std::string name = tar.substr(at, tar.substr(at, 100).find('\0'));
        const std::size_t size = std::stoul(tar.substr(at + 124, 11), nullptr, 8);
        entries.push_back({name, tar.substr(at + block, size)});
        at += block + (size + block - 1) / block * block;
    }
    return entries;
}

std::string tar_of(const std::vector<Entry>& entries) {
    std::string tar;
    for (const Entry& entry : entries) {
        tar += manifests::tar_header(entry.name, entry.data.size()) + entry.data;
        tar.resize((tar.size() + block - 1) / block * block);
    }
    return tar + std::string(2 * block, '\0');
}

bool is_padding(const Entry& entry) {
    return entry.name.starts_with("sealift-padding/");
}

// Unpacks the sample with plain code, changes the entries, packs it, and asks.
template<typename Change>
std::string verdict_with(const Change& change) {
    const TempDir folder;
    const SampleBundle sample = make_sample(folder, {.bootable = false});
    std::vector<Entry> entries = entries_of(read_file(sample.path));
    REQUIRE(entries.size() > 10);
    change(entries);
    write_file(sample.path, tar_of(entries));
    return verdict_on(sample.path);
}

std::vector<Entry>::iterator find_blob(std::vector<Entry>& entries, const std::string& part) {
    return std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
        return !is_padding(entry) && entry.data.find(part) != std::string::npos &&
               entry.name.starts_with("blobs/");
    });
}

} // namespace

TEST_CASE("a built bundle opens with the digest that build said, and is trusted", "[runtime][bundle_file]") {
    const TempDir folder;
    const SampleBundle sample = make_sample(folder, {.bootable = false});
    const Bundle bundle = Bundle::open(sample.path);
    CHECK(bundle.digest() == sample.digest);
    CHECK(bundle.form() == Bundle::Form::file);
    CHECK(bundle.document().name == "sample");
    CHECK(bundle.document().files.size() == 10);
    CHECK(bundle.carried().envelopes.size() == 3);
    CHECK(verdict_on(sample.path) == "trusted");
}

TEST_CASE("every large blob of a bundle file starts at a multiple of 65536", "[runtime][bundle_file]") {
    const TempDir folder;
    const Bundle bundle = Bundle::open(make_sample(folder).path);
    std::size_t large = 0;
    for (const manifests::BundleFile& file : bundle.document().files) {
        const runtime::BlobAt blob = bundle.locate(file);
        CAPTURE(file.path.text());
        CHECK(blob.size_bytes == file.size_bytes);
        if (file.size_bytes < manifests::blob_alignment_bytes) continue;
        ++large;
        CHECK(blob.offset % manifests::blob_alignment_bytes == 0);
        CHECK(blob.offset > 0);
    }
    CHECK(large >= 3);
}

TEST_CASE("a bundle that plain code unpacked and packed again is the same bytes", "[runtime][bundle_file]") {
    CHECK(verdict_with([](auto&) {}) == "trusted");
}

TEST_CASE("a bundle file with its entries changed is refused with the code of the change",
          "[runtime][bundle_file]") {
    using Entries = std::vector<Entry>;
    const auto swap_data = [](Entries& entries) {
        std::swap(entries[entries.size() - 1].data, entries[entries.size() - 3].data);
    };
    CHECK(verdict_with(swap_data) != "trusted");
    const auto cases = {
        std::make_tuple(
            "a spare blob", "SL-LAYOUT-BLOB-SPARE",
            +[](Entries& e) {
                e.push_back({"blobs/sha256/" + std::string(64, 'a'), "spare"});
            }),
        std::make_tuple(
            "a spare file", "SL-FORMAT-ENTRY",
            +[](Entries& e) {
                e.push_back({"README", "x"});
            }),
        std::make_tuple(
            "a spare padding", "SL-FORMAT-ENTRY",
            +[](Entries& e) {
                e.push_back({"sealift-padding/00000009", "x"});
            }),
        std::make_tuple(
            "the last blob missing", "SL-LAYOUT-BLOB-MISSING", +[](Entries& e) { e.pop_back(); }),
        std::make_tuple(
            "an entry twice", "SL-FORMAT-DUPLICATE", +[](Entries& e) { e.push_back(e.back()); }),
        std::make_tuple(
            "index.json twice", "SL-FORMAT-DUPLICATE", +[](Entries& e) { e.insert(e.begin() + 2, e[1]); }),
        std::make_tuple(
            "index.json missing", "SL-FORMAT-ENTRY", +[](Entries& e) { e.erase(e.begin() + 1); }),
        std::make_tuple(
            "oci-layout not first", "SL-FORMAT-NOT-A-BUNDLE", +[](Entries& e) { std::swap(e[0], e[1]); }),
        std::make_tuple(
            "oci-layout renamed", "SL-FORMAT-NOT-A-BUNDLE", +[](Entries& e) { e[0].name = "./oci-layout"; }),
        std::make_tuple(
            "a blob renamed to another digest", "SL-LAYOUT-BLOB-MISSING",
            +[](Entries& e) { e.back().name = "blobs/sha256/" + std::string(64, 'b'); }),
        std::make_tuple(
            "a blob's name with ./ before it", "SL-LAYOUT-BLOB-MISSING",
            +[](Entries& e) { e.back().name = "./" + e.back().name; }),
        std::make_tuple(
            "two entries in another order", "SL-FORMAT-ENTRY",
            +[](Entries& e) { std::swap(e[e.size() - 1], e[e.size() - 3]); }),
        std::make_tuple(
            "index.json with white space", "SL-LAYOUT-INDEX", +[](Entries& e) { e[1].data += "\n"; }),
        std::make_tuple(
            "oci-layout with white space", "SL-LAYOUT-INDEX", +[](Entries& e) { e[0].data += "\n"; }),
        std::make_tuple(
            "padding of another length", "SL-CONTENT-SIZE",
            +[](Entries& e) {
                for (Entry& one : e) {
                    if (is_padding(one)) one.data.resize(one.data.size() + 65536);
                }
            }),
        std::make_tuple(
            "no padding", "SL-FORMAT-ENTRY",
            +[](Entries& e) { e.erase(std::remove_if(e.begin(), e.end(), is_padding), e.end()); }),
        std::make_tuple(
            "no entries", "SL-FORMAT-NOT-A-BUNDLE", +[](Entries& e) { e.clear(); }),
    };
    for (const auto& [what, code, change] : cases) {
        CAPTURE(what);
        CHECK(verdict_with(change) == code);
    }
}

TEST_CASE("a document of a bundle file that is not what its name says is refused", "[runtime][bundle_file]") {
    for (const std::string part :
         {"sealift.bundle/1", "sealift.profile/1", "\"CycloneDX\"", "payloadType",
          "application/vnd.cncf.model.manifest.v1+json", "application/vnd.sealift.bundle.v1+json"}) {
        CAPTURE(part);
        const std::string verdict = verdict_with([&](std::vector<Entry>& entries) {
            const auto blob = find_blob(entries, part);
            REQUIRE(blob != entries.end());
            std::swap(blob->data[blob->data.size() - 2], blob->data[blob->data.size() - 3]);
        });
        CHECK(verdict == "SL-CONTENT-DIGEST");
    }
}

TEST_CASE("a bundle file cut off anywhere is refused", "[runtime][bundle_file]") {
    const TempDir folder;
    const SampleBundle sample = make_sample(folder, {.bootable = false});
    const std::string whole = read_file(sample.path);
    const std::string cut = folder / "cut";
    std::set<std::size_t> lengths{
        0, 1, 511, 513, whole.size() - 1, whole.size() - 512, whole.size() - 513, whole.size() - 1024};
    for (std::size_t length = 512; length < whole.size(); length += 512 * 7)
        lengths.insert(length);
    for (const std::size_t length : lengths) {
        CAPTURE(length, whole.size());
        write_file(cut, std::string_view(whole).substr(0, length));
        const std::string verdict = verdict_on(cut);
        // Cut between two entries it is a shorter tar, and the missing blobs tell.
        CHECK((verdict.starts_with("SL-FORMAT-") || verdict == "SL-LAYOUT-BLOB-MISSING"));
        if (length == 0) CHECK(verdict == "SL-FORMAT-TRUNCATED");
    }
}

TEST_CASE("bytes after the end of a bundle file are refused, zeros too", "[runtime][bundle_file]") {
    const TempDir folder;
    const SampleBundle sample = make_sample(folder, {.bootable = false});
    const std::string whole = read_file(sample.path);
    for (const std::string& more :
         {std::string("x"), std::string(1, '\0'), std::string(512, '\0'), std::string(9216, '\0'), whole}) {
        CAPTURE(more.size());
        write_file(sample.path, whole + more);
        CHECK(verdict_on(sample.path) == "SL-FORMAT-TRAILING");
    }
}

TEST_CASE("what is no bundle at all is refused as such", "[runtime][bundle_file]") {
    const TempDir folder;
    const std::string path = folder / "it";
    using Row = std::tuple<std::string, std::string>;
    const std::vector<Row> rows{
        {"text", "hello\n"},
        {"a block of text", std::string(4096, 'x')},
        {"zeros", std::string(10240, '\0')},
        {"a tar of something else", tar_of({{"etc/passwd", "root"}})},
        {"an OCI layout that is no bundle",
         tar_of({{"oci-layout", "{\"imageLayoutVersion\":\"1.1.0\"}"}, {"index.json", "{}"}})},
        {"gzip", std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", 20)},
        {"ELF", std::string("\x7f"
                            "ELF") +
                    std::string(600, '\1')},
    };
    for (const auto& [what, bytes] : rows) {
        CAPTURE(what);
        write_file(path, bytes);
        CHECK(verdict_on(path) == "SL-FORMAT-NOT-A-BUNDLE");
    }
}

TEST_CASE("a bundle that another program packed again is refused", "[runtime][bundle_file][peers]") {
    const TempDir folder;
    const SampleBundle sample = make_sample(folder, {.bootable = false});
    const std::string files = folder / "files";
    ::mkdir(files.c_str(), 0755);
    REQUIRE(tests::run({"tar", "-xf", sample.path, "-C", files}).status == 0);
    std::vector<std::string> names;
    for (const Entry& entry : entries_of(read_file(sample.path)))
        names.push_back(entry.name);
    const auto packed = [&](std::vector<std::string> command) {
        const std::string path = folder / "again";
        command.insert(command.end(), {"-cf", path, "-C", files});
        command.insert(command.end(), names.begin(), names.end());
        const tests::ProcessResult result = tests::run(command);
        CAPTURE(result.error);
        REQUIRE(result.status == 0);
        return verdict_on(path);
    };
    const std::vector<std::string> same{"--owner=0", "--group=0", "--numeric-owner", "--mtime=@0",
                                        "--mode=0644"};
    const auto tar = [&](const std::string& format) {
        std::vector<std::string> command{"tar", "--format=" + format};
        command.insert(command.end(), same.begin(), same.end());
        return command;
    };
    CHECK(packed(tar("gnu")).starts_with("SL-FORMAT-"));
    CHECK(packed(tar("ustar")).starts_with("SL-FORMAT-"));
    CHECK(packed(tar("pax")).starts_with("SL-FORMAT-"));
    CHECK(packed({"tar"}).starts_with("SL-FORMAT-"));
    std::vector<std::string> forced = tar("pax");
    forced.push_back("--pax-option=comment=x");
    CHECK(packed(forced).starts_with("SL-FORMAT-"));
    if (tests::have_tool("bsdtar")) CHECK(packed({"bsdtar", "--format", "pax"}).starts_with("SL-FORMAT-"));
    REQUIRE(tests::run({"gzip", "-k", sample.path}).status == 0);
    CHECK(verdict_on(sample.path + ".gz") == "SL-FORMAT-NOT-A-BUNDLE");
}

TEST_CASE("what can be neither a bundle file nor a folder is told apart from what cannot be read",
          "[runtime][bundle]") {
    const TempDir folder;
    CHECK(verdict_on("/dev/null") == "SL-FORMAT-NOT-A-BUNDLE");
    CHECK(verdict_on(folder.path()) == "SL-FORMAT-NOT-A-BUNDLE");
    CHECK(verdict_on(folder / "nothing").starts_with("no answer: "));
    REQUIRE_THROWS_MATCHES(Bundle::open(folder / "nothing"), manifests::Error, faults_with(Fault::io));
    const std::string fifo = folder / "fifo";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(verdict_on(fifo) == "SL-FORMAT-NOT-A-BUNDLE"); // and it did not wait for a writer
}
