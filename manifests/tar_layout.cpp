#include "manifests/tar_layout.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::uint64_t farthest_offset = 1ULL
                                          << 62; // a file system's limit is 2^63-1; this leaves room to add

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

class ItemList {
public:
    explicit ItemList(std::size_t count) { items_.reserve(count); }
    void named(ItemKind kind, std::uint64_t size_bytes) {
        items_.push_back({kind, 0, size_bytes, Digest::from_bytes({})});
    }
    void blob(ItemKind kind, const DocumentReference& bytes, std::uint32_t number = 0) {
        items_.push_back({kind, number, bytes.size_bytes, bytes.digest});
    }
    // Equal blobs stand once, at their first place. Sorted indexes and no map: there may be 100,000.
    std::vector<LayoutItem> take() {
        std::vector<std::uint32_t> order(items_.size());
        std::iota(order.begin(), order.end(), 0U);
        std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            return items_[a].digest < items_[b].digest;
        });
        std::vector<bool> again(items_.size());
        for (std::size_t i = 1; i < order.size(); ++i) {
            const LayoutItem& one = items_[order[i - 1]];
            const LayoutItem& other = items_[order[i]];
            if (one.digest != other.digest || !one.is_blob() || !other.is_blob()) continue;
            if (one.size_bytes != other.size_bytes) {
                throw Error(Fault::damaged, Code::content_size,
                            one.digest.text() + " is said to have " + std::to_string(one.size_bytes) +
                                " bytes and " + std::to_string(other.size_bytes) + " bytes");
            }
            again[order[i]] = true;
        }
        std::size_t kept = 0;
        for (std::size_t i = 0; i < items_.size(); ++i)
            if (!again[i]) items_[kept++] = items_[i];
        items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(kept), items_.end());
        return std::move(items_);
    }

private:
    std::vector<LayoutItem> items_;
};

DocumentReference reference_of(std::string_view bytes) {
    return {Digest::of(bytes), bytes.size()};
}

std::string index_text(const Contents& contents) {
    std::vector<std::string> manifests;
    for (const std::string& envelope : contents.envelopes)
        manifests.push_back(attestation_manifest(envelope, contents.assembly.bundle_manifest));
    return index_of(contents.assembly.bundle_manifest, contents.assembly.model_manifest, manifests).encode();
}

void add_attestations(ItemList& list, const Contents& contents) {
    struct Attestation {
        DocumentReference manifest;
        std::uint32_t number;
    };
    std::vector<Attestation> attestations;
    for (std::uint32_t i = 0; i < contents.envelopes.size(); ++i) {
        attestations.push_back(
            {reference_of(attestation_manifest(contents.envelopes[i], contents.assembly.bundle_manifest)),
             i});
    }
    std::sort(attestations.begin(), attestations.end(),
              [](const auto& a, const auto& b) { return a.manifest.digest < b.manifest.digest; });
    for (const Attestation& one : attestations) {
        list.blob(ItemKind::attestation, one.manifest, one.number);
        list.blob(ItemKind::envelope, reference_of(contents.envelopes[one.number]), one.number);
    }
    if (!attestations.empty()) list.blob(ItemKind::empty_config, reference_of(empty_config_bytes()));
}

} // namespace

std::string LayoutItem::name() const {
    if (kind == ItemKind::layout_marker) return "oci-layout";
    if (kind == ItemKind::index) return "index.json";
    return blob_name(digest);
}

std::vector<LayoutItem> items_of(const Contents& contents) {
    const BundleDocument& document = contents.document;
    const Assembly& assembly = contents.assembly;
    constexpr std::size_t most_others = 16;
    ItemList list(document.files.size() + most_others);
    list.named(ItemKind::layout_marker, oci_layout_bytes().size());
    list.named(ItemKind::index, index_text(contents).size());
    list.blob(ItemKind::bundle_manifest, assembly.bundle_manifest);
    list.blob(ItemKind::document, assembly.document);
    list.blob(ItemKind::model_manifest, assembly.model_manifest);
    list.blob(ItemKind::model_config, assembly.model_config);
    add_attestations(list, contents);
    list.blob(ItemKind::profile, document.profile);
    list.blob(ItemKind::software_bom, document.software_bom);
    list.blob(ItemKind::hardware_bom, document.hardware_bom);
    const std::vector<std::uint32_t> order = layer_order(document);
    for (const std::uint32_t number : order) {
        const BundleFile& file = document.files[number];
        if (file.chunk_table) list.blob(ItemKind::chunk_table, file.chunk_table_reference(), number);
    }
    for (const std::uint32_t number : order) {
        const BundleFile& file = document.files[number];
        list.blob(ItemKind::file, {file.digest, file.size_bytes}, number);
    }
    return list.take();
}

bool is_derived(ItemKind kind) {
    return kind < ItemKind::profile;
}

void write_item(const LayoutItem& item, const Contents& contents, const Sink& sink) {
    const auto derived = [&](Derived which) {
        write_derived(which, contents.document, contents.assembly, sink);
    };
    switch (item.kind) {
    case ItemKind::layout_marker:
        return sink(oci_layout_bytes());
    case ItemKind::index:
        return sink(index_text(contents));
    case ItemKind::bundle_manifest:
        return derived(Derived::bundle_manifest);
    case ItemKind::document:
        return derived(Derived::document);
    case ItemKind::model_manifest:
        return derived(Derived::model_manifest);
    case ItemKind::model_config:
        return derived(Derived::model_config);
    case ItemKind::attestation:
        return sink(
            attestation_manifest(contents.envelopes.at(item.number), contents.assembly.bundle_manifest));
    case ItemKind::envelope:
        return sink(contents.envelopes.at(item.number));
    case ItemKind::empty_config:
        return sink(empty_config_bytes());
    default:
        throw Error(Fault::internal, "this item does not follow from the document");
    }
}

std::uint64_t TarEntry::end_offset() const {
    return data_offset() + round_up(size_bytes, tar_block_bytes);
}

std::string TarEntry::name(const std::vector<LayoutItem>& items) const {
    return padding != 0 ? padding_name(padding) : items[item].name();
}

TarLayout plan_tar(const std::vector<LayoutItem>& items) {
    TarLayout layout;
    layout.entries.reserve(items.size());
    layout.total_bytes =
        for_each_tar_entry(items, [&](const TarEntry& entry) { layout.entries.push_back(entry); });
    return layout;
}

std::uint64_t for_each_tar_entry(const std::vector<LayoutItem>& items,
                                 const std::function<void(const TarEntry&)>& on_entry) {
    std::uint64_t at = 0;
    std::uint64_t paddings = 0;
    const auto place = [&](std::uint64_t size_bytes, std::uint64_t padding, std::size_t item) {
        if (size_bytes > farthest_offset || at > farthest_offset - size_bytes) {
            throw Error(Fault::damaged, Code::format_limit, "sizes add up to more than 2^62 bytes");
        }
        const TarEntry entry{size_bytes, at, padding, static_cast<std::uint32_t>(item)};
        on_entry(entry);
        at = entry.end_offset();
    };
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::uint64_t data = at + tar_block_bytes;
        if (items[i].size_bytes >= blob_alignment_bytes && data % blob_alignment_bytes != 0) {
            // The filler takes a header and what is left of the gap after it.
            const std::uint64_t gap = blob_alignment_bytes - data % blob_alignment_bytes;
            place(gap - tar_block_bytes, ++paddings, i);
        }
        place(items[i].size_bytes, 0, i);
    }
    return at + tar_end_bytes;
}

std::string padding_name(std::uint64_t number) {
    char name[48];
    std::snprintf(name, sizeof name, "sealift-padding/%08llu", static_cast<unsigned long long>(number));
    return name;
}

} // namespace manifests
