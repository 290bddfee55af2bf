#include "manifests/tar_layout.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/sample_document.hpp"

using manifests::blob_alignment_bytes;
using manifests::Code;
using manifests::Fault;
using manifests::LayoutItem;
using manifests::plan_tar;
using manifests::TarEntry;
using manifests::TarLayout;
using tests::faults_with;

namespace {

LayoutItem item(const std::string& name, std::uint64_t size_bytes) {
    return {name, size_bytes, std::nullopt, std::nullopt, nullptr};
}

std::vector<LayoutItem> sample_items(const manifests::BundleDocument& document,
                                     const std::vector<std::string>& envelopes = {}) {
    manifests::CarriedDocuments carried = tests::sample_carried();
    carried.envelopes = envelopes;
    return items_of(manifests::assemble(document), document, carried);
}

// What holds for every plan: entries touch, headers and data are at whole blocks, padding does what it is
// for.
void check_rules(const TarLayout& layout, const std::vector<LayoutItem>& items) {
    std::uint64_t at = 0;
    std::size_t next_item = 0;
    std::uint64_t paddings = 0;
    for (const TarEntry& entry : layout.entries) {
        CAPTURE(entry.name, entry.header_offset);
        CHECK(entry.header_offset == at);
        CHECK(entry.data_offset == at + 512);
        if (entry.padding) {
            CHECK(entry.name == manifests::padding_name(++paddings));
            CHECK(entry.item == next_item);
            CHECK(entry.size_bytes < blob_alignment_bytes);
            CHECK((entry.data_offset + entry.size_bytes + 512) % blob_alignment_bytes == 0);
        } else {
            REQUIRE(entry.item == next_item++);
            CHECK(entry.name == items[entry.item].name);
            CHECK(entry.size_bytes == items[entry.item].size_bytes);
            if (entry.size_bytes >= blob_alignment_bytes)
                CHECK(entry.data_offset % blob_alignment_bytes == 0);
        }
        at = entry.data_offset + (entry.size_bytes + 511) / 512 * 512;
    }
    CHECK(next_item == items.size());
    CHECK(layout.total_bytes == at + 1024);
}

} // namespace

TEST_CASE("an empty plan is the two blocks that end a tar", "[manifests][tar_layout]") {
    CHECK(plan_tar({}).entries.empty());
    CHECK(plan_tar({}).total_bytes == 1024);
}

TEST_CASE("data of 65536 bytes and more is aligned, and less is not", "[manifests][tar_layout]") {
    const std::uint64_t size_bytes = GENERATE(0, 1, 511, 512, 513, 65024, 65535, 65536, 65537, 1 << 20);
    CAPTURE(size_bytes);
    const std::vector<LayoutItem> items = {item("a", 30), item("b", size_bytes), item("c", 1)};
    const TarLayout layout = plan_tar(items);
    check_rules(layout, items);
    CHECK(layout.entries.size() == (size_bytes >= 65536 ? 4 : 3));
    const TarEntry& entry = layout.entries[layout.entries.size() - 2];
    CHECK(entry.data_offset == (size_bytes >= 65536 ? 65536U : 1536U));
}

TEST_CASE("every gap before aligned data is filled exactly", "[manifests][tar_layout]") {
    // Up to 127 blocks in front of the aligned data: all gaps that there are, the empty one included.
    for (std::uint64_t blocks = 0; blocks < 128; ++blocks) {
        const std::vector<LayoutItem> items = {item("front", blocks * 512), item("data", 70'000)};
        const TarLayout layout = plan_tar(items);
        check_rules(layout, items);
        const bool fits = (blocks + 2) * 512 % blob_alignment_bytes == 0;
        CHECK(layout.entries.size() == (fits ? 2 : 3));
    }
}

TEST_CASE("the smallest padding has no data of its own", "[manifests][tar_layout]") {
    // Without padding the data would start one block before the boundary: the header of the padding fills
    // that.
    const std::vector<LayoutItem> items = {item("front", 125 * 512), item("data", 65536)};
    const TarLayout layout = plan_tar(items);
    REQUIRE(layout.entries.size() == 3);
    CHECK(layout.entries[1].padding);
    CHECK(layout.entries[1].size_bytes == 0);
    CHECK(layout.entries[2].data_offset == 65536);
}

TEST_CASE("paddings are counted from one", "[manifests][tar_layout]") {
    const std::vector<LayoutItem> items = {item("a", 70'000), item("b", 70'000), item("c", 70'000)};
    const TarLayout layout = plan_tar(items);
    check_rules(layout, items);
    CHECK(layout.entries[0].name == "sealift-padding/00000001");
    CHECK(layout.entries[4].name == "sealift-padding/00000003");
    CHECK(manifests::padding_name(123'456'789) == "sealift-padding/123456789");
}

TEST_CASE("sizes that add up to more than 2^62 are refused", "[manifests][tar_layout]") {
    constexpr std::uint64_t farthest = 1ULL << 62;
    const auto sizes = GENERATE(
        std::vector<std::uint64_t>{farthest + 1}, std::vector<std::uint64_t>{~0ULL},
        std::vector<std::uint64_t>{~0ULL - 511}, std::vector<std::uint64_t>{1ULL << 63},
        std::vector<std::uint64_t>{farthest, 1}, std::vector<std::uint64_t>{farthest / 2, farthest / 2},
        std::vector<std::uint64_t>{1, farthest});
    std::vector<LayoutItem> items;
    for (const std::uint64_t size_bytes : sizes)
        items.push_back(item("x", size_bytes));
    CAPTURE(sizes);
    REQUIRE_THROWS_MATCHES(plan_tar(items), manifests::Error,
                           faults_with(Fault::damaged, Code::format_limit));
}

TEST_CASE("a file of terabytes is planned", "[manifests][tar_layout]") {
    const std::vector<LayoutItem> items = {item("a", 1ULL << 42), item("b", (1ULL << 61) + 1), item("c", 0)};
    check_rules(plan_tar(items), items);
}

TEST_CASE("the items of a bundle stand in the order of the format", "[manifests][tar_layout]") {
    const manifests::BundleDocument document = tests::sample_document();
    const auto items = sample_items(document);
    std::vector<std::string> files;
    for (const LayoutItem& one : items) {
        if (one.file != nullptr) files.push_back(one.file->path.text());
    }
    // weights/config.json is "{}", the only small content of its kind; config/same.json is a second name.
    const std::vector<std::string> wanted = {
        "weights/config.json", "docs/README.md",  "config/answer.json",  "engine/libbase.so",
        "engine/server",       "kernels/chip.so", "weights/model-1.bin", "weights/model-2.bin"};
    CHECK(files == wanted);
    const manifests::Assembly assembly = manifests::assemble(document);
    const auto blob = [](const std::string& bytes) {
        return manifests::blob_name(manifests::Digest::of(bytes));
    };
    REQUIRE(items.size() == 9 + files.size());
    CHECK(items[0].name == "oci-layout");
    CHECK(items[1].name == "index.json");
    CHECK(items[2].name == blob(assembly.bundle_manifest));
    CHECK(items[3].name == blob(assembly.document));
    CHECK(items[4].name == blob(assembly.model_manifest));
    CHECK(items[5].name == blob(assembly.model_config));
    CHECK(items[6].name == blob(tests::sample_carried().profile));
    check_rules(plan_tar(items), items);
}

TEST_CASE("no name stands twice in a bundle", "[manifests][tar_layout]") {
    const manifests::BundleDocument document = tests::sample_document();
    std::set<std::string> names;
    for (const LayoutItem& one : sample_items(document, {"one", "two"}))
        CHECK(names.insert(one.name).second);
}

TEST_CASE("a signature adds its documents before the files and changes nothing else",
          "[manifests][tar_layout]") {
    const manifests::BundleDocument document = tests::sample_document();
    const auto unsigned_items = sample_items(document);
    const auto items = sample_items(document, {"envelope"});
    // Manifest, envelope and the empty config, which is weights/config.json here and moves to the front.
    REQUIRE(items.size() == unsigned_items.size() + 2);
    CHECK(items[1].bytes != unsigned_items[1].bytes);
    for (const std::size_t same : {std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{5}})
        CHECK(items[same].name == unsigned_items[same].name);
    CHECK(items[7].bytes == "envelope");
    CHECK(items[8].bytes == "{}");
}

TEST_CASE("attestations stand by rising digest, whatever the order they come in", "[manifests][tar_layout]") {
    const manifests::BundleDocument document = tests::sample_document();
    const auto one = sample_items(document, {"a", "b", "c"});
    const auto other = sample_items(document, {"c", "a", "b"});
    REQUIRE(one.size() == other.size());
    for (std::size_t i = 0; i < one.size(); ++i)
        CHECK(one[i].name == other[i].name);
    CHECK(one[1].bytes == other[1].bytes);
}
