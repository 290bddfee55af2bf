// The bytes of files against their trees: damage has a place, and neither threads nor the form of the bundle
// change the answer.

#include "runtime/content.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>

#include <catch2/catch.hpp>
#include <fcntl.h>

#include "runtime/bundle.hpp"
#include "runtime/piped_content.hpp"
#include "runtime/proven_file.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/plain_tree.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/verdict.hpp"

using manifests::BundleFile;
using manifests::chunk_bytes;
using manifests::Code;
using manifests::Fault;
using runtime::Bundle;
using runtime::ContentResult;
using runtime::Proof;
using runtime::ProvenFile;
using tests::faults_with;
using tests::make_sample;
using tests::SampleOptions;
using tests::TempDir;

namespace {

constexpr const char* large_path = "weights/model-00003.gguf";
constexpr std::uint64_t large_bytes = 40 * chunk_bytes + 100; // three units of work, the last chunk is short

const BundleFile& file_in(const Bundle& bundle, const std::string& path) {
    const BundleFile* file = bundle.document().find(manifests::BundlePath::parse(path));
    REQUIRE(file != nullptr);
    return *file;
}

std::string blob_of(const tests::SampleBundle& sample, const manifests::Digest& digest) {
    return sample.path + "/" + manifests::blob_name(digest);
}

std::string table_of(const tests::SampleBundle& sample) {
    const Bundle bundle = Bundle::open(sample.path);
    return blob_of(sample, file_in(bundle, large_path).chunk_table.value());
}

ContentResult read_all(const Bundle& bundle, unsigned jobs, Proof proof = Proof::tree) {
    const auto wanted = runtime::jobs_of(bundle);
    return runtime::read_content(bundle, wanted, {.jobs = jobs, .proof = proof});
}

// Every finding in one text, as a report prints it.
std::string text_of(const manifests::Report& report) {
    std::string text;
    for (const manifests::Finding& one : report.findings())
        text += std::string(manifests::name_of(one.code)) + " " + one.where + ": " + one.text + "\n";
    return text;
}

using Range = std::pair<std::uint64_t, std::uint64_t>; // first chunk, chunks

std::vector<Range> ranges_of(const ContentResult& result) {
    std::vector<Range> ranges;
    for (const runtime::BadContent& bad : result.bad) {
        CHECK(bad.file->path.text() == large_path);
        CHECK(bad.range.offset == bad.range.first_chunk * chunk_bytes);
        CHECK(bad.range.length_bytes ==
              std::min(bad.range.chunks * chunk_bytes, large_bytes - bad.range.offset));
        ranges.emplace_back(bad.range.first_chunk, bad.range.chunks);
    }
    return ranges;
}

// Keeps what it is given.
class Keeper final : public runtime::ContentTaker {
public:
    explicit Keeper(const std::vector<runtime::ContentJob>& jobs)
        : bytes(jobs.size()), ended(jobs.size(), 0) {
        for (std::size_t i = 0; i < jobs.size(); ++i)
            bytes[i].resize(jobs[i].file->size_bytes);
    }
    std::optional<runtime::BlobAt> begin(std::size_t, const runtime::BlobAt&) override {
        return std::nullopt;
    }
    void take(std::size_t job, const char* data, std::size_t length, std::uint64_t offset) override {
        std::copy_n(data, length, bytes[job].begin() + static_cast<std::ptrdiff_t>(offset)); // no two overlap
    }
    void end(std::size_t job) override {
        const std::lock_guard lock(mutex_);
        ++ended[job];
    }
    std::vector<std::string> bytes;
    std::vector<int> ended;

private:
    std::mutex mutex_;
};

} // namespace

TEST_CASE("damage in several chunks is named in runs, the same by one thread and by many",
          "[runtime][content]") {
    const TempDir folder;
    const auto form = GENERATE(SampleOptions::Form::file, SampleOptions::Form::folder);
    const auto sample = make_sample(folder, {.form = form, .bootable = false, .large_bytes = large_bytes});
    const Bundle bundle = Bundle::open(sample.path);
    const BundleFile& large = file_in(bundle, large_path);
    const runtime::BlobAt blob = bundle.locate(large);
    const std::string path = form == SampleOptions::Form::file ? sample.path : blob_of(sample, large.digest);
    CHECK(read_all(bundle, 1).report.passed());
    // 15 and 16 belong to different units of work; of 20 two bytes are wrong; 40 is the short one.
    for (const std::uint64_t chunk : {3, 4, 5, 15, 16, 20, 40})
        tests::flip_bit(path, blob.offset + chunk * chunk_bytes + 99);
    tests::flip_bit(path, blob.offset + 20 * chunk_bytes);
    const ContentResult one = read_all(bundle, 1);
    CHECK(ranges_of(one) == std::vector<Range>{{3, 3}, {15, 2}, {20, 1}, {40, 1}});
    REQUIRE(one.report.findings().size() == 4);
    for (const manifests::Finding& finding : one.report.findings()) {
        CHECK(finding.code == Code::content_digest);
        CHECK(finding.where == large_path);
    }
    const std::string in_bundle =
        form == SampleOptions::Form::folder
            ? ""
            : ", at byte " + std::to_string(blob.offset + 3 * chunk_bytes) + " of the bundle file";
    CHECK(one.report.findings()[0].text ==
          "chunks 3 to 5 of 41 are damaged: bytes 1572864 to 3145727 of the file" + in_bundle);
    CHECK_THAT(one.report.findings()[2].text,
               Catch::StartsWith("chunk 20 of 41 is damaged: bytes 10485760 to 11010047 of the file"));
    CHECK_THAT(one.report.findings()[3].text,
               Catch::StartsWith("chunk 40 of 41 is damaged: bytes 20971520 to 20971619 of the file"));
    for (const unsigned jobs : {2U, 3U, 8U}) {
        for (int again = 0; again < 5; ++again) {
            const ContentResult many = read_all(bundle, jobs);
            REQUIRE(text_of(many.report) == text_of(one.report));
            REQUIRE(ranges_of(many) == ranges_of(one));
        }
    }
    for (const unsigned jobs : {0U, 1U, 5U}) {
        CAPTURE(jobs);
        tests::drop_from_cache(path);
        const auto wanted = runtime::jobs_of(bundle);
        const ContentResult cold =
            runtime::read_content(bundle, wanted, {.jobs = jobs, .cache = runtime::Cache::pass});
        CHECK(text_of(cold.report) == text_of(one.report));
        CHECK(ranges_of(cold) == ranges_of(one));
    }
    CHECK(text_of(read_all(bundle, 3, Proof::tree_and_flat).report) == text_of(one.report));
    CHECK(tests::verdict_on(sample.path) == "SL-CONTENT-DIGEST");
}

TEST_CASE("every byte of a large file counts, and is handed over once", "[runtime][content]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false, .large_bytes = large_bytes});
    const Bundle bundle = Bundle::open(sample.path);
    const auto wanted = runtime::jobs_of(bundle);
    for (const unsigned jobs : {1U, 8U}) {
        for (const Proof proof : {Proof::tree, Proof::tree_and_flat}) {
            Keeper keeper(wanted);
            std::atomic<std::uint64_t> bytes = 0;
            tests::drop_from_cache(sample.path);
            const auto result = runtime::read_content(bundle, wanted,
                                                      {.jobs = jobs,
                                                       .proof = proof,
                                                       .cache = runtime::Cache::pass,
                                                       .on_bytes = [&](std::uint64_t more) { bytes += more; },
                                                       .taker = &keeper});
            CHECK(result.report.passed());
            CHECK(bytes == runtime::content_bytes(bundle));
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                CAPTURE(wanted[i].file->path.text(), jobs);
                CHECK(keeper.ended[i] == 1);
                CHECK(manifests::Digest::of(keeper.bytes[i]) == wanted[i].file->digest);
            }
        }
    }
    // Who takes the bytes gets no end of a file with a wrong one, and the reading stops.
    tests::flip_bit(sample.path, bundle.locate(file_in(bundle, large_path)).offset + 25 * chunk_bytes);
    for (const unsigned jobs : {1U, 8U}) {
        Keeper keeper(wanted);
        REQUIRE_THROWS_MATCHES(runtime::read_content(bundle, wanted, {.jobs = jobs, .taker = &keeper}),
                               manifests::Error, faults_with(Fault::damaged, Code::content_digest));
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (wanted[i].file->path.text() == large_path) CHECK(keeper.ended[i] == 0);
    }
}

TEST_CASE("units that were proven before are not read again", "[runtime][content]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false, .large_bytes = large_bytes});
    const Bundle bundle = Bundle::open(sample.path);
    const auto wanted = runtime::jobs_of(bundle);
    const std::size_t units = runtime::unit_count(wanted, Proof::tree);
    CHECK(units == wanted.size() + 2); // the large one has three
    CHECK(runtime::unit_count(wanted, Proof::tree_and_flat) == wanted.size());
    std::mutex mutex;
    std::vector<int> good(units, 0);
    std::uint64_t skipped = 0;
    std::atomic<std::uint64_t> bytes = 0;
    runtime::ReadOptions options{.jobs = 4};
    options.on_bytes = [&](std::uint64_t more) { bytes += more; };
    options.on_good = [&](std::size_t unit) {
        const std::lock_guard lock(mutex);
        ++good.at(unit);
    };
    CHECK(runtime::read_content(bundle, wanted, options).report.passed());
    CHECK(good == std::vector<int>(units, 1));
    const std::uint64_t all = bytes;
    options.is_done = [&](std::size_t unit, std::uint64_t of_unit) {
        if (unit % 2 == 0) return false;
        const std::lock_guard lock(mutex);
        skipped += of_unit;
        return true;
    };
    bytes = 0;
    CHECK(runtime::read_content(bundle, wanted, options).report.passed());
    CHECK(bytes + skipped == all);
    for (std::size_t unit = 0; unit < units; ++unit)
        CHECK(good[unit] == (unit % 2 == 0 ? 2 : 1));
}

TEST_CASE("a chunk table that is not that of its file is refused as such", "[runtime][content]") {
    const TempDir folder;
    const auto sample = make_sample(
        folder, {.form = SampleOptions::Form::folder, .bootable = false, .large_bytes = large_bytes});
    const std::string table = table_of(sample);
    const std::string whole = tests::read_file(table);
    CHECK(whole == tests::plain_chunks(tests::read_file(sample.inputs + "/" + large_path)));
    for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{31}, whole.size() / 2, whole.size() - 1}) {
        CAPTURE(at);
        tests::flip_bit(table, at, 5);
        CHECK(tests::verdict_on(sample.path) == "SL-CONTENT-CHUNK-TABLE");
        const Bundle bundle = Bundle::open(sample.path);
        for (const unsigned jobs : {1U, 8U}) {
            const ContentResult result = read_all(bundle, jobs);
            REQUIRE(result.report.findings().size() == 1); // once, however many units there are
            CHECK(result.report.findings()[0].where == large_path);
            CHECK(result.bad.empty());
        }
        REQUIRE_THROWS_MATCHES(ProvenFile(bundle, file_in(bundle, large_path)), manifests::Error,
                               faults_with(Fault::damaged, Code::content_chunk_table));
        tests::flip_bit(table, at, 5);
    }
    std::string swapped = whole;
    std::swap_ranges(swapped.begin(), swapped.begin() + 32, swapped.begin() + 32);
    tests::write_file(table, swapped);
    CHECK(tests::verdict_on(sample.path) == "SL-CONTENT-CHUNK-TABLE");
    // One hash less or more is seen when the bundle is opened, like the size of every other blob.
    for (const std::string& other : {whole.substr(0, whole.size() - 32), whole.substr(0, whole.size() - 1),
                                     std::string(), whole + std::string(32, '\0')}) {
        CAPTURE(other.size());
        tests::write_file(table, other);
        CHECK(tests::verdict_on(sample.path) == "SL-CONTENT-SIZE");
    }
    std::filesystem::remove(table);
    CHECK(tests::verdict_on(sample.path) == "SL-LAYOUT-BLOB-MISSING");
    tests::write_file(table, whole);
    CHECK(tests::verdict_on(sample.path) == "trusted");
}

TEST_CASE("any run of a chunk table can be read, and is proven again each time", "[runtime][content]") {
    const TempDir folder;
    // Three blocks of hashes: 300 chunks of which all but the last are holes that read as zeros.
    const std::string path = folder / "large";
    tests::write_file(path, "");
    tests::resize_file(path, 299 * chunk_bytes + 5);
    std::string hashes;
    const std::string zeros = tests::plain_chunk(std::string(chunk_bytes, '\0'));
    for (int i = 0; i < 299; ++i)
        hashes += zeros;
    hashes += tests::plain_chunk(std::string(5, '\0'));
    manifests::TreeTop top;
    for (std::size_t i = 0; i < 300; ++i) {
        manifests::Hash hash{};
        std::copy_n(hashes.begin() + static_cast<std::ptrdiff_t>(32 * i), 32, hash.begin());
        top.add(hash);
    }
    const BundleFile file{.path = manifests::BundlePath::parse("w"),
                          .role = manifests::Role::weights,
                          .size_bytes = 299 * chunk_bytes + 5,
                          .digest = manifests::Digest::of(""),
                          .fs_verity = manifests::verity_digest(299 * chunk_bytes + 5, top.root()),
                          .chunk_table = manifests::Digest::of(hashes)};
    tests::write_file(folder / "table", "front" + hashes + "back");
    const runtime::BlobAt blob{
        std::make_shared<runtime::FileDescriptor>(runtime::open_to_read(folder / "table")), 5, hashes.size(),
        "the table"};
    const runtime::ChunkTable table(blob, file);
    for (const auto& [first, count] : std::vector<Range>{{0, 1},
                                                         {0, 128},
                                                         {0, 300},
                                                         {127, 1},
                                                         {127, 2},
                                                         {128, 128},
                                                         {200, 100},
                                                         {255, 2},
                                                         {256, 44},
                                                         {299, 1}}) {
        CAPTURE(first, count);
        std::string found;
        for (const manifests::Hash& hash : table.read(first, count))
            found.append(hash.begin(), hash.end());
        CHECK(found == hashes.substr(32 * first, 32 * count));
    }
    tests::flip_bit(folder / "table", 5 + 32 * 130); // in the second block, after it was proven
    CHECK_NOTHROW(table.read(0, 128));
    CHECK_NOTHROW(table.read(256, 44));
    for (const auto& [first, count] :
         std::vector<Range>{{128, 1}, {200, 1}, {130, 1}, {0, 300}, {127, 2}, {255, 2}})
        REQUIRE_THROWS_MATCHES(table.read(first, count), manifests::Error,
                               faults_with(Fault::damaged, Code::content_chunk_table));
    tests::resize_file(folder / "table", 5 + 32 * 290);
    REQUIRE_THROWS_MATCHES(table.read(256, 44), manifests::Error,
                           faults_with(Fault::damaged, Code::content_chunk_table));
    REQUIRE_THROWS_MATCHES(runtime::ChunkTable(blob, file), manifests::Error,
                           faults_with(Fault::damaged, Code::content_chunk_table));
}

TEST_CASE("a proven file hands over nothing that is not proven", "[runtime][content]") {
    const TempDir folder;
    const auto sample = make_sample(
        folder, {.form = SampleOptions::Form::folder, .bootable = false, .large_bytes = large_bytes});
    const Bundle bundle = Bundle::open(sample.path);
    const BundleFile& large = file_in(bundle, large_path);
    const std::string bytes = tests::read_file(sample.inputs + "/" + large_path);
    const std::string blob = blob_of(sample, large.digest);
    const ProvenFile file(bundle, large);
    CHECK(file.size_bytes() == large_bytes);
    CHECK(file.chunks() == 41);
    CHECK(file.text(large_bytes) == bytes);
    REQUIRE_THROWS_MATCHES(file.text(large_bytes - 1), manifests::Error,
                           faults_with(Fault::damaged, Code::format_limit));
    tests::flip_bit(blob, 7 * chunk_bytes);
    std::string before;
    const auto keep = [&](const char* data, std::size_t length, std::uint64_t offset) {
        CHECK(offset == before.size());
        before.append(data, length);
    };
    REQUIRE_THROWS_MATCHES(file.read_all(keep), manifests::Error,
                           faults_with(Fault::damaged, Code::content_digest));
    CHECK(before == bytes.substr(0, 7 * chunk_bytes));
    std::vector<bool> good;
    file.read(6, 3, nullptr, [&](const ProvenFile::Chunk& chunk) { good.push_back(chunk.good); });
    CHECK(good == std::vector<bool>{true, false, true});
    tests::flip_bit(blob, 7 * chunk_bytes);
    tests::resize_file(blob, large_bytes - 1); // after it was opened
    REQUIRE_THROWS_MATCHES(file.read(40, 1, nullptr, [](const auto&) {}), manifests::Error,
                           faults_with(Fault::damaged, Code::format_truncated));
}

TEST_CASE("a hole is as good as the zeros that it reads as, and no better", "[runtime][content]") {
    const TempDir folder;
    const auto sample = make_sample(
        folder, {.form = SampleOptions::Form::folder, .bootable = false, .large_bytes = large_bytes});
    const Bundle bundle = Bundle::open(sample.path);
    const std::string blob = blob_of(sample, file_in(bundle, large_path).digest);
    const runtime::FileDescriptor file(::open(blob.c_str(), O_RDWR | O_CLOEXEC));
    const auto punch = [&](std::uint64_t chunk, std::uint64_t chunks) {
        return ::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                           static_cast<off_t>(chunk * chunk_bytes),
                           static_cast<off_t>(chunks * chunk_bytes)) == 0;
    };
    if (!punch(2, 1)) {
        WARN("not run: this file system has no holes");
        return;
    }
    REQUIRE(punch(30, 4));
    REQUIRE(punch(40, 1)); // the short one
    CHECK(ranges_of(read_all(bundle, 2)) == std::vector<Range>{{2, 1}, {30, 4}, {40, 1}});
    CHECK(ranges_of(read_all(bundle, 2, Proof::tree_and_flat)) ==
          std::vector<Range>{{2, 1}, {30, 4}, {40, 1}});
}

TEST_CASE("a file that is cut or missing after the bundle was opened is a finding, not a crash",
          "[runtime][content]") {
    const TempDir folder;
    const auto sample = make_sample(
        folder, {.form = SampleOptions::Form::folder, .bootable = false, .large_bytes = large_bytes});
    const Bundle bundle = Bundle::open(sample.path);
    const std::string blob = blob_of(sample, file_in(bundle, large_path).digest);
    tests::resize_file(blob, 20 * chunk_bytes);
    CHECK(read_all(bundle, 1).report.has(Code::content_size));
    const auto one = text_of(read_all(bundle, 1).report);
    for (int again = 0; again < 5; ++again)
        CHECK(text_of(read_all(bundle, 8).report) == one);
    std::filesystem::remove(blob);
    CHECK(read_all(bundle, 4).report.has(Code::layout_blob_missing));
}

TEST_CASE("a bundle that comes through a pipe is the same bundle", "[runtime][content][pipe]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false, .large_bytes = large_bytes});
    const auto spool_of = [&](const std::string& path) {
        return std::make_shared<runtime::PipeSpool>(runtime::open_to_read(path), folder.path());
    };
    const auto read = [&](const std::string& path) -> std::string {
        try {
            const auto spool = spool_of(path);
            const Bundle bundle = Bundle::open_pipe(spool);
            if (bundle.digest() != sample.digest) return "another bundle";
            if (bundle.form() != Bundle::Form::pipe) return "another form";
            std::atomic<std::uint64_t> bytes = 0;
            runtime::read_piped_content(bundle, *spool,
                                        {.jobs = 2, .on_bytes = [&](std::uint64_t more) { bytes += more; }});
            return bytes == runtime::content_bytes(Bundle::open(sample.path)) ? "whole" : "not all";
        } catch (const manifests::Error& error) {
            return error.code() ? std::string(manifests::name_of(*error.code())) : error.what();
        }
    };
    CHECK(read(sample.path) == "whole");
    const Bundle bundle = Bundle::open(sample.path);
    const auto plan = manifests::plan_tar(bundle.items());
    const std::string copy = folder / "copy";
    std::filesystem::copy_file(sample.path, copy);
    for (const auto& entry : plan.entries) {
        std::vector<std::uint64_t> places = {entry.header_offset + 1, entry.header_offset + 130};
        if (entry.size_bytes > 0)
            places.insert(places.end(), {entry.data_offset(), entry.data_offset() + entry.size_bytes - 1});
        if (entry.size_bytes % 512 != 0) places.push_back(entry.end_offset() - 1);
        for (const std::uint64_t at : places) {
            CAPTURE(entry.name(bundle.items()), at);
            tests::flip_bit(copy, at, 2);
            CHECK_THAT(read(copy), Catch::StartsWith("SL-"));
            tests::flip_bit(copy, at, 2);
        }
    }
    CHECK(read(copy) == "whole");
    tests::flip_bit(copy, plan.total_bytes - 1);
    CHECK_THAT(read(copy), Catch::StartsWith("SL-FORMAT-"));
    tests::flip_bit(copy, plan.total_bytes - 1);
    for (const std::uint64_t length : {plan.total_bytes + 1, plan.total_bytes - 1, plan.total_bytes - 1024,
                                       plan.total_bytes / 2, std::uint64_t{0}}) {
        CAPTURE(length);
        tests::resize_file(copy, plan.total_bytes);
        tests::resize_file(copy, length);
        CHECK_THAT(read(copy), Catch::StartsWith("SL-FORMAT-"));
    }
}
