#include "manifests/tar_layout.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/plain_tree.hpp"
#include "tests/support/sample_document.hpp"

using manifests::blob_alignment_bytes;
using manifests::Code;
using manifests::Fault;
using manifests::ItemKind;
using manifests::LayoutItem;
using manifests::plan_tar;
using manifests::TarEntry;
using manifests::TarLayout;
using tests::faults_with;

namespace {

// Of some content: that of the digest of `name`.
LayoutItem item(const std::string& name, std::uint64_t size_bytes) {
    return {ItemKind::file, 0, size_bytes, manifests::Digest::of(name)};
}

// The items of the sample with these signatures, and their bytes as far as they follow from it.
struct Sample {
    explicit Sample(std::vector<std::string> signatures = {}) : envelopes(std::move(signatures)) {}
    manifests::Contents contents() const { return {document, assembly, envelopes}; }
    std::string bytes(std::size_t index) const {
        std::string text;
        write_item(items.at(index), contents(), [&](std::string_view piece) { text += piece; });
        return text;
    }
    std::string derived(manifests::Derived which) const {
        return manifests::derived_text(which, document, assembly);
    }

    manifests::BundleDocument document = tests::sample_document();
    manifests::Assembly assembly = manifests::assemble(document);
    std::vector<std::string> envelopes;
    std::vector<LayoutItem> items = items_of(contents());
};

// What holds for every plan: entries touch, headers and data are at whole blocks, padding does what it is
// for.
void check_rules(const TarLayout& layout, const std::vector<LayoutItem>& items) {
    std::uint64_t at = 0;
    std::size_t next_item = 0;
    std::uint64_t paddings = 0;
    for (const TarEntry& entry : layout.entries) {
        const std::string name = entry.name(items);
        CAPTURE(name, entry.header_offset);
        CHECK(entry.header_offset == at);
        CHECK(entry.data_offset() == at + 512);
        CHECK(entry.end_offset() % 512 == 0);
        if (entry.padding != 0) {
            CHECK(entry.padding == ++paddings);
            CHECK(name == manifests::padding_name(paddings));
            CHECK(entry.item == next_item);
            CHECK(entry.size_bytes < blob_alignment_bytes);
            CHECK((entry.data_offset() + entry.size_bytes + 512) % blob_alignment_bytes == 0);
        } else {
            REQUIRE(entry.item == next_item++);
            CHECK(name == items[entry.item].name());
            CHECK(entry.size_bytes == items[entry.item].size_bytes);
            if (entry.size_bytes >= blob_alignment_bytes)
                CHECK(entry.data_offset() % blob_alignment_bytes == 0);
        }
        at = entry.data_offset() + (entry.size_bytes + 511) / 512 * 512;
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
    CHECK(entry.data_offset() == (size_bytes >= 65536 ? 65536U : 1536U));
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
    CHECK(layout.entries[1].padding == 1);
    CHECK(layout.entries[1].size_bytes == 0);
    CHECK(layout.entries[2].data_offset() == 65536);
}

TEST_CASE("paddings are counted from one", "[manifests][tar_layout]") {
    const std::vector<LayoutItem> items = {item("a", 70'000), item("b", 70'000), item("c", 70'000)};
    const TarLayout layout = plan_tar(items);
    check_rules(layout, items);
    CHECK(layout.entries[0].name(items) == "sealift-padding/00000001");
    CHECK(layout.entries[4].name(items) == "sealift-padding/00000003");
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
    const Sample sample;
    const auto& items = sample.items;
    std::vector<std::string> files;
    for (const LayoutItem& one : items) {
        if (one.kind == ItemKind::file) files.push_back(sample.document.files.at(one.number).path.text());
    }
    // weights/config.json is "{}", the only small content of its kind; config/same.json is a second name.
    const std::vector<std::string> wanted = {
        "weights/config.json", "docs/README.md",      "config/answer.json",
        "engine/libbase.so",   "engine/server",       "kernels/chip.so",
        "weights/model-1.bin", "weights/model-2.bin", "weights/model-3.bin"};
    CHECK(files == wanted);
    const auto blob = [](const std::string& bytes) {
        return manifests::blob_name(manifests::Digest::of(bytes));
    };
    REQUIRE(items.size() == 10 + files.size());
    CHECK(items[0].name() == "oci-layout");
    CHECK(items[1].name() == "index.json");
    CHECK(items[2].name() == blob(sample.derived(manifests::Derived::bundle_manifest)));
    CHECK(items[3].name() == blob(sample.derived(manifests::Derived::document)));
    CHECK(items[4].name() == blob(sample.derived(manifests::Derived::model_manifest)));
    CHECK(items[5].name() == blob(sample.derived(manifests::Derived::model_config)));
    CHECK(items[6].name() == blob(tests::sample_documents().profile));
    CHECK(items[7].name() == blob(tests::sample_documents().software_bom));
    CHECK(items[8].name() == blob(tests::sample_documents().hardware_bom));
    const std::string table = tests::plain_chunks(tests::sample_contents().at("weights/model-3.bin"));
    CHECK(items[9].name() == blob(table));
    CHECK(items[9].kind == ItemKind::chunk_table);
    CHECK(items[9].size_bytes == table.size());
    CHECK(sample.document.files.at(items[9].number).path.text() == "weights/model-3.bin");
    check_rules(plan_tar(items), items);
}

TEST_CASE("what follows from the document is written with the size and digest that its item says",
          "[manifests][tar_layout]") {
    const Sample sample({"one", "two"});
    std::size_t derived = 0;
    for (std::size_t i = 0; i < sample.items.size(); ++i) {
        const LayoutItem& one = sample.items[i];
        CAPTURE(i, one.name());
        if (!manifests::is_derived(one.kind)) {
            CHECK_THROWS_MATCHES(sample.bytes(i), manifests::Error, faults_with(Fault::internal));
            continue;
        }
        ++derived;
        CHECK(sample.bytes(i).size() == one.size_bytes);
        if (one.is_blob()) CHECK(manifests::Digest::of(sample.bytes(i)) == one.digest);
    }
    CHECK(derived == 6 + 2 * 2 + 1);
}

TEST_CASE("no name stands twice in a bundle", "[manifests][tar_layout]") {
    const Sample sample({"one", "two"});
    std::set<std::string> names;
    for (const LayoutItem& one : sample.items)
        CHECK(names.insert(one.name()).second);
}

TEST_CASE("a signature adds its documents before the files and changes nothing else",
          "[manifests][tar_layout]") {
    const Sample bare;
    const Sample with({"envelope"});
    // Manifest, envelope and the empty config, which is weights/config.json here and moves to the front.
    REQUIRE(with.items.size() == bare.items.size() + 2);
    CHECK(with.bytes(1) != bare.bytes(1));
    for (const std::size_t same : {std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{5}})
        CHECK(with.items[same].name() == bare.items[same].name());
    CHECK(with.bytes(7) == "envelope");
    CHECK(with.bytes(8) == "{}");
}

TEST_CASE("attestations stand by rising digest, whatever the order they come in", "[manifests][tar_layout]") {
    const Sample one({"a", "b", "c"});
    const Sample other({"c", "a", "b"});
    REQUIRE(one.items.size() == other.items.size());
    for (std::size_t i = 0; i < one.items.size(); ++i)
        CHECK(one.items[i].name() == other.items[i].name());
    CHECK(one.bytes(1) == other.bytes(1));
}
