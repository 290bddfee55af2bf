#include "packager/repair.hpp"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "packager/build.hpp"
#include "packager/countersign.hpp"
#include "packager/secret_key.hpp"
#include "runtime/content.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/weight_files.hpp"

using manifests::chunk_bytes;
using manifests::Code;
using manifests::Fault;
using packager::Form;
using packager::RepairResult;
using runtime::Bundle;
using tests::faults_with;
using tests::flip_bit;
using tests::read_file;
using tests::TempDir;
using tests::write_file;

namespace {

const char* const large = "weights/model-00002.gguf";
constexpr std::size_t large_bytes = 5 * chunk_bytes + 1000; // the third chunk is all zeros

// One bundle in both forms, its largest file six chunks long.
class Copies {
public:
    explicit Copies(const std::string& version = "1.0.0", const std::string& name = "first") {
        const std::string inputs =
            tests::write_sample_inputs(folder, {.version = version, .bootable = false, .output = name});
        std::string bytes =
            tests::make_plain_gguf(tests::sample_bytes(large_bytes - tests::plain_gguf_header_bytes, 7));
        std::fill_n(bytes.begin() + 2 * chunk_bytes, chunk_bytes, '\0');
        write_file(inputs + "/" + large, bytes);
        whole = build(inputs, "whole.sealift", Form::file);
        whole_folder = build(inputs, "whole", Form::folder);
        copy = folder / "copy.sealift";
        std::filesystem::copy_file(whole, copy);
        copy_folder = folder / "copy";
        std::filesystem::copy(whole_folder, copy_folder, std::filesystem::copy_options::recursive);
    }

    std::uint64_t offset_of(const char* path) const {
        const Bundle bundle = Bundle::open(whole);
        return bundle.locate(*bundle.document().find(manifests::BundlePath::parse(path))).offset;
    }
    std::uint64_t offset_of(manifests::ItemKind kind) const {
        const Bundle bundle = Bundle::open(whole);
        for (const auto& item : bundle.items())
            if (item.kind == kind) return bundle.locate({item.digest, item.size_bytes}, "item").offset;
        throw std::runtime_error("no such item");
    }
    std::string blob_of(const char* path) const {
        const Bundle bundle = Bundle::open(whole);
        return manifests::blob_name(bundle.document().find(manifests::BundlePath::parse(path))->digest);
    }
    std::string table() const {
        const Bundle bundle = Bundle::open(whole);
        return manifests::blob_name(
            *bundle.document().find(manifests::BundlePath::parse(large))->chunk_table);
    }
    bool folder_is_whole() const {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(whole_folder)) {
            const std::string name = entry.path().lexically_relative(whole_folder).string();
            if (entry.is_regular_file() &&
                read_file(copy_folder + "/" + name) != read_file(entry.path().string()))
                return false;
        }
        return true;
    }

    TempDir folder;
    std::string whole, whole_folder, copy, copy_folder;

private:
    std::string build(const std::string& inputs, const char* name, Form form) const {
        const auto key = packager::SecretKey::from_seed(std::string(packager::SecretKey::seed_bytes, 'a'));
        const auto result = packager::build({.recipe = inputs,
                                             .output = folder / name,
                                             .form = form,
                                             .profiles_folder = "",
                                             .signing_key = &key,
                                             .jobs = 1,
                                             .on_start = {}});
        if (!result.report.passed()) throw std::runtime_error("not built");
        return folder / name;
    }
};

RepairResult mend(const std::string& bundle, std::vector<std::string> others, bool dry_run = false) {
    return packager::repair(
        {.bundle = bundle, .others = std::move(others), .dry_run = dry_run, .jobs = 2, .on_start = {}});
}

ino_t inode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_ino;
}

} // namespace

TEST_CASE("a whole bundle needs no repair", "[packager][repair]") {
    const Copies copies;
    for (const bool dry_run : {false, true}) {
        for (const std::string& path : {copies.copy, copies.copy_folder}) {
            const RepairResult result = mend(path, {copies.whole}, dry_run);
            CHECK(result.is_proven);
            CHECK(result.replaced.empty());
            CHECK(result.bytes_replaced == 0);
        }
    }
    CHECK(read_file(copies.copy) == read_file(copies.whole));
}

TEST_CASE("damaged chunks are replaced, in the same file", "[packager][repair]") {
    const Copies copies;
    const bool from_folder = GENERATE(false, true);
    const std::uint64_t at = copies.offset_of(large);
    flip_bit(copies.copy, at + 3);
    flip_bit(copies.copy, at + 3 * chunk_bytes);
    flip_bit(copies.copy, at + 4 * chunk_bytes + 9);
    flip_bit(copies.copy, at + large_bytes - 1);
    const std::string damaged = read_file(copies.copy);
    const ino_t inode = inode_of(copies.copy);
    const std::string& other = from_folder ? copies.whole_folder : copies.whole;

    const RepairResult would = mend(copies.copy, {other}, true);
    CHECK_FALSE(would.is_proven);
    CHECK(would.remaining.passed());
    CHECK(would.replaced.size() == 2);
    CHECK(read_file(copies.copy) == damaged);

    const RepairResult result = mend(copies.copy, {other});
    CHECK(result.is_proven);
    REQUIRE(result.replaced.size() == 2);
    CHECK(result.replaced[0].first_chunk == 0U);
    CHECK(result.replaced[0].chunks == 1);
    CHECK(result.replaced[1].first_chunk == 3U);
    CHECK(result.replaced[1].chunks == 3);
    CHECK(result.replaced[1].bundle_offset == at + 3 * chunk_bytes);
    CHECK(result.replaced[1].length_bytes == 2 * chunk_bytes + 1000);
    CHECK(result.replaced[1].from == other);
    CHECK(result.bytes_replaced == 3 * chunk_bytes + 1000);
    CHECK(read_file(copies.copy) == read_file(copies.whole));
    CHECK(inode_of(copies.copy) == inode);
}

TEST_CASE("chunks that are right are not written", "[packager][repair]") {
    const Copies copies;
    // The zeros become a hole, which a write of the very same bytes would fill.
    const std::uint64_t hole = copies.offset_of(large) + 2 * chunk_bytes;
    const runtime::FileDescriptor file(::open(copies.copy.c_str(), O_RDWR | O_CLOEXEC));
    if (::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(hole),
                    chunk_bytes) != 0) {
        WARN("this file system has no holes");
        return;
    }
    flip_bit(copies.copy, hole - 1);
    flip_bit(copies.copy, hole + chunk_bytes);
    CHECK(mend(copies.copy, {copies.whole}).is_proven);
    CHECK(read_file(copies.copy) == read_file(copies.whole));
    CHECK(::lseek(file.get(), static_cast<off_t>(hole), SEEK_HOLE) == static_cast<off_t>(hole));
    CHECK(::lseek(file.get(), static_cast<off_t>(hole), SEEK_DATA) == static_cast<off_t>(hole + chunk_bytes));
}

TEST_CASE("a bit anywhere in a bundle file is put right", "[packager][repair]") {
    const Copies copies;
    const std::string right = read_file(copies.whole);
    // Every block of the front, and every 20,000th byte behind it.
    for (std::uint64_t at = 7; at < right.size(); at += at < 20'000 ? 509 : 20'011) {
        CAPTURE(at);
        flip_bit(copies.copy, at, 3);
        const RepairResult result = mend(copies.copy, {copies.whole_folder});
        CHECK(result.is_proven);
        CHECK(result.replaced.size() == 1);
        REQUIRE(read_file(copies.copy) == right);
    }
}

TEST_CASE("two damaged copies mend each other", "[packager][repair]") {
    const Copies copies;
    const std::uint64_t at = copies.offset_of(large);
    flip_bit(copies.copy, at);
    flip_bit(copies.copy, 700); // the marker
    flip_bit(copies.copy_folder + "/" + copies.blob_of(large), 4 * chunk_bytes);
    CHECK(mend(copies.copy, {copies.copy_folder}).is_proven);
    CHECK(read_file(copies.copy) == read_file(copies.whole));
    CHECK(mend(copies.copy_folder, {copies.copy}).is_proven);
    CHECK(copies.folder_is_whole());
}

TEST_CASE("two fronts that cannot be opened are one together", "[packager][repair]") {
    const Copies copies;
    flip_bit(copies.copy, copies.offset_of(manifests::ItemKind::document) + 5);
    const std::string other = copies.folder / "other.sealift";
    std::filesystem::copy_file(copies.whole, other);
    flip_bit(other, copies.offset_of(manifests::ItemKind::profile) + 5);
    CHECK(mend(copies.copy, {other}).is_proven);
    CHECK(read_file(copies.copy) == read_file(copies.whole));

    flip_bit(copies.copy, copies.offset_of(manifests::ItemKind::document) + 5);
    flip_bit(other, copies.offset_of(manifests::ItemKind::document) + 6);
    const std::string before = read_file(copies.copy);
    CHECK_THROWS_MATCHES(mend(copies.copy, {other}), manifests::Error, faults_with(Fault::damaged));
    CHECK(read_file(copies.copy) == before);
}

TEST_CASE("a file with the bytes of a document is looked at as any other", "[packager][repair]") {
    const TempDir folder;
    const std::string whole =
        tests::make_sample(folder, {.bootable = false, .known_answer = "{}", .output = "whole"}).path;
    const std::string copy = folder / "copy";
    std::filesystem::copy_file(whole, copy);
    std::uint64_t license = 0;
    std::uint64_t empty_config = 0;
    {
        const Bundle bundle = Bundle::open(whole);
        const auto file = [&](const char* path) {
            return bundle.locate(*bundle.document().find(manifests::BundlePath::parse(path))).offset;
        };
        license = file("docs/LICENSE");
        empty_config = file("config/known_answer.json"); // one blob
    }
    flip_bit(copy, license);
    CHECK(mend(copy, {whole}).is_proven);
    flip_bit(copy, empty_config);
    CHECK(mend(copy, {whole}).is_proven);
    CHECK(read_file(copy) == read_file(whole));
}

TEST_CASE("what no copy has remains, and is named", "[packager][repair]") {
    const Copies copies;
    const std::uint64_t at = copies.offset_of(large);
    flip_bit(copies.copy, at + chunk_bytes);
    flip_bit(copies.copy, at + 3 * chunk_bytes);
    flip_bit(copies.whole, at + chunk_bytes + 100);
    for (const bool dry_run : {true, false}) {
        const RepairResult result = mend(copies.copy, {copies.whole}, dry_run);
        CHECK_FALSE(result.is_proven);
        REQUIRE(result.remaining.findings().size() == 1);
        CHECK(result.remaining.findings()[0].code == Code::content_digest);
        CHECK(result.remaining.findings()[0].where == large);
        CHECK(result.remaining.findings()[0].text.find("chunk 1 of 6") != std::string::npos);
        CHECK(result.replaced.size() == 1);
    }
    CHECK(mend(copies.copy, {copies.whole, copies.whole_folder}).is_proven); // the third has it
}

TEST_CASE("a chunk table is taken from a copy that has the right one", "[packager][repair]") {
    const Copies copies;
    const std::uint64_t table = copies.offset_of(manifests::ItemKind::chunk_table);
    flip_bit(copies.copy, table + 40);
    flip_bit(copies.copy, copies.offset_of(large) + 1); // behind a table that is not right either
    CHECK(mend(copies.copy, {copies.whole_folder}).is_proven);
    CHECK(read_file(copies.copy) == read_file(copies.whole));

    // A copy whose own table is damaged still has right chunks.
    flip_bit(copies.copy, copies.offset_of(large) + 1);
    flip_bit(copies.whole, table + 40);
    CHECK(mend(copies.copy, {copies.whole}).is_proven);

    flip_bit(copies.copy, table);
    const RepairResult lost = mend(copies.copy, {copies.whole});
    CHECK_FALSE(lost.is_proven);
    CHECK(lost.remaining.has(Code::content_chunk_table));
}

TEST_CASE("a file that was cut off is made whole", "[packager][repair]") {
    const Copies copies;
    const std::string right = read_file(copies.whole);
    const auto size_bytes = static_cast<std::uint64_t>(right.size());
    for (const std::uint64_t left :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{512}, std::uint64_t{2000}, std::uint64_t{9000},
          copies.offset_of(large) + chunk_bytes + 5, size_bytes - 1}) {
        CAPTURE(left);
        tests::resize_file(copies.copy, left);
        const RepairResult would = mend(copies.copy, {copies.whole}, true);
        CHECK_FALSE(would.is_proven);
        CHECK(would.remaining.passed());
        CHECK(std::filesystem::file_size(copies.copy) == left);
        CHECK(mend(copies.copy, {copies.whole}).is_proven);
        REQUIRE(read_file(copies.copy) == right);
    }
    tests::resize_file(copies.copy, size_bytes + 3);
    CHECK(mend(copies.copy, {copies.whole}).is_proven);
    CHECK(read_file(copies.copy) == right);
}

TEST_CASE("a copy that was cut off still gives what it has", "[packager][repair]") {
    const Copies copies;
    const std::uint64_t at = copies.offset_of(large);
    flip_bit(copies.copy, at);
    flip_bit(copies.copy, at + 4 * chunk_bytes);
    tests::resize_file(copies.whole, at + 2 * chunk_bytes);
    const RepairResult result = mend(copies.copy, {copies.whole});
    CHECK_FALSE(result.is_proven);
    CHECK(result.replaced.size() == 1);
    CHECK(result.remaining.findings().size() == 1);
}

TEST_CASE("a front that is gone comes back", "[packager][repair]") {
    const Copies copies;
    const std::string right = read_file(copies.whole);
    const std::size_t gone = GENERATE(512UL, 3000UL, 20'000UL, 70'000UL, 400'000UL);
    CAPTURE(gone);
    std::string damaged = right;
    std::fill_n(damaged.begin(), gone, '\xee');
    write_file(copies.copy, damaged);
    const RepairResult result = mend(copies.copy, {copies.whole_folder});
    CHECK(result.is_proven);
    CHECK(read_file(copies.copy) == right);
}

TEST_CASE("a folder gets back what it lost, and keeps what it has too much", "[packager][repair]") {
    const Copies copies;
    std::filesystem::remove(copies.copy_folder + "/" + copies.blob_of(large));
    std::filesystem::remove(copies.copy_folder + "/oci-layout");
    tests::resize_file(copies.copy_folder + "/" + copies.blob_of("docs/LICENSE"), 3);
    flip_bit(copies.copy_folder + "/index.json", 20);
    CHECK_FALSE(mend(copies.copy_folder, {copies.whole}, true).is_proven);
    CHECK_FALSE(std::filesystem::exists(copies.copy_folder + "/oci-layout"));
    CHECK(mend(copies.copy_folder, {copies.whole}).is_proven);
    CHECK(copies.folder_is_whole());

    const std::string spare = copies.copy_folder + "/blobs/sha256/" + std::string(64, 'a');
    write_file(spare, "mine");
    write_file(copies.copy_folder + "/notes.txt", "mine too");
    const RepairResult result = mend(copies.copy_folder, {copies.whole});
    CHECK_FALSE(result.is_proven);
    CHECK(result.remaining.findings().size() == 2);
    CHECK(read_file(spare) == "mine");
}

TEST_CASE("a link in a folder is neither followed nor replaced", "[packager][repair]") {
    const Copies copies;
    const std::string victim = copies.folder / "victim";
    write_file(victim, "precious");
    const bool of_the_table = GENERATE(false, true);
    const std::string blob =
        copies.copy_folder + "/" + (of_the_table ? copies.table() : copies.blob_of("docs/LICENSE"));
    REQUIRE(std::filesystem::remove(blob));
    std::filesystem::create_symlink(victim, blob);
    const RepairResult result = mend(copies.copy_folder, {copies.whole});
    CHECK_FALSE(result.is_proven);
    CHECK(result.remaining.has(Code::layout_link));
    CHECK(read_file(victim) == "precious");
    CHECK(std::filesystem::is_symlink(blob));
}

TEST_CASE("another bundle mends nothing and is not mended", "[packager][repair]") {
    const Copies copies;
    const Copies others("1.0.1", "first"); // the same but for its version
    flip_bit(copies.copy, copies.offset_of(large));
    std::string before = read_file(copies.copy);
    CHECK_THROWS_MATCHES(mend(copies.copy, {others.whole}), manifests::Error, faults_with(Fault::refused));
    CHECK(read_file(copies.copy) == before);
    // Not even when it cannot be opened: its names say what it is.
    flip_bit(copies.copy, copies.offset_of(manifests::ItemKind::document));
    before = read_file(copies.copy);
    CHECK_THROWS_MATCHES(mend(copies.copy, {others.whole}), manifests::Error, faults_with(Fault::refused));
    CHECK_THROWS_MATCHES(mend(copies.copy, {others.whole_folder, copies.whole}), manifests::Error,
                         faults_with(Fault::refused));
    CHECK(read_file(copies.copy) == before);
}

TEST_CASE("what is no copy is not written to", "[packager][repair]") {
    const Copies copies;
    const std::string bytes = GENERATE(as<std::string>(), "a letter", std::string(300'000, '\0'),
                                       std::string(5000, 'x'), tests::sample_bytes(400'000, 99));
    const std::string path = copies.folder / "letter";
    write_file(path, bytes);
    CHECK_THROWS_AS(mend(path, {copies.whole}), manifests::Error);
    CHECK(read_file(path) == bytes);
    write_file(copies.folder / "letters/one", bytes);
    CHECK_THROWS_AS(mend(copies.folder / "letters", {copies.whole}), manifests::Error);
    CHECK_THROWS_AS(mend(copies.folder / "gone", {copies.whole}), manifests::Error);
    CHECK_THROWS_MATCHES(mend(copies.copy, {copies.copy}), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("a copy keeps its own signatures", "[packager][repair]") {
    const Copies copies;
    const auto key = packager::SecretKey::from_seed(std::string(packager::SecretKey::seed_bytes, 'b'));
    packager::countersign(
        {.bundle = copies.copy, .output = copies.copy, .signer = &key, .jobs = 1, .on_start = {}});
    const std::string right = read_file(copies.copy);
    REQUIRE(right != read_file(copies.whole));
    for (const std::uint64_t at :
         {std::uint64_t{600}, copies.offset_of(manifests::ItemKind::document), copies.offset_of(large) + 5}) {
        flip_bit(copies.copy, at);
        CHECK(mend(copies.copy, {copies.whole}).is_proven);
        CHECK(read_file(copies.copy) == right);
    }
}

TEST_CASE("a copy that may not be written to is no answer", "[packager][repair]") {
    if (::geteuid() == 0) return; // who may do everything; the story tries it as somebody else
    const Copies copies;
    std::filesystem::permissions(copies.copy, std::filesystem::perms::owner_read);
    CHECK(mend(copies.copy, {copies.whole}).is_proven); // nothing to write
    std::filesystem::permissions(copies.copy, std::filesystem::perms::owner_all);
    flip_bit(copies.copy, copies.offset_of(large));
    std::filesystem::permissions(copies.copy, std::filesystem::perms::owner_read);
    CHECK_THROWS_MATCHES(mend(copies.copy, {copies.whole}), manifests::Error, faults_with(Fault::io));
}
