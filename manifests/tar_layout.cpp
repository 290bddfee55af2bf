#include "manifests/tar_layout.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

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
    void name(std::string name, std::string_view bytes) {
        items_.push_back({std::move(name), bytes.size(), std::string(bytes), std::nullopt, nullptr});
    }
    void document(std::string_view bytes) {
        const Digest digest = Digest::of(bytes);
        if (!sizes_.emplace(digest, bytes.size()).second) return;
        items_.push_back({blob_name(digest), bytes.size(), std::string(bytes), digest, nullptr});
    }
    void file(const BundleFile& file) {
        const auto [stored, fresh] = sizes_.emplace(file.digest, file.size_bytes);
        if (stored->second != file.size_bytes) {
            throw Error(Fault::damaged, Code::content_size,
                        in_quotes(file.path.text()) + " is said to have " + std::to_string(file.size_bytes) +
                            " bytes, but its digest belongs to " + std::to_string(stored->second) + " bytes");
        }
        if (!fresh) return;
        items_.push_back({blob_name(file.digest), file.size_bytes, std::nullopt, file.digest, &file});
    }
    std::vector<LayoutItem> take() { return std::move(items_); }

private:
    std::vector<LayoutItem> items_;
    std::map<Digest, std::uint64_t> sizes_;
};

} // namespace

std::vector<LayoutItem> items_of(const Assembly& assembly, const BundleDocument& document,
                                 const CarriedDocuments& documents) {
    struct Attestation {
        std::string manifest;
        std::string envelope;
    };
    std::vector<Attestation> attestations;
    std::vector<std::string> manifests;
    for (const std::string& envelope : documents.envelopes) {
        attestations.push_back({attestation_manifest(envelope, assembly.bundle_manifest), envelope});
        manifests.push_back(attestations.back().manifest);
    }
    std::sort(attestations.begin(), attestations.end(), [](const Attestation& a, const Attestation& b) {
        return Digest::of(a.manifest) < Digest::of(b.manifest);
    });

    ItemList list;
    list.name("oci-layout", oci_layout_bytes());
    list.name("index.json", index_of(assembly.bundle_manifest, assembly.model_manifest, manifests).encode());
    for (const std::string& bytes :
         {assembly.bundle_manifest, assembly.document, assembly.model_manifest, assembly.model_config}) {
        list.document(bytes);
    }
    for (const Attestation& attestation : attestations) {
        list.document(attestation.manifest);
        list.document(attestation.envelope);
    }
    if (!attestations.empty()) list.document(empty_config_bytes());
    for (const std::string& bytes : {documents.profile, documents.software_bom, documents.hardware_bom})
        list.document(bytes);
    std::vector<const BundleFile*> files;
    for (const BundleFile& file : document.files)
        files.push_back(&file);
    std::stable_sort(files.begin(), files.end(),
                     [](const auto* a, const auto* b) { return a->role < b->role; });
    for (const BundleFile* file : files)
        list.file(*file);
    return list.take();
}

TarLayout plan_tar(const std::vector<LayoutItem>& items) {
    TarLayout layout;
    std::uint64_t at = 0;
    std::uint64_t paddings = 0;
    const auto place = [&](std::string name, std::uint64_t size_bytes, bool padding, std::size_t item) {
        if (size_bytes > farthest_offset || at > farthest_offset - size_bytes) {
            throw Error(Fault::damaged, Code::format_limit, "sizes add up to more than 2^62 bytes");
        }
        layout.entries.push_back({std::move(name), size_bytes, at, at + tar_block_bytes, padding, item});
        at += tar_block_bytes + round_up(size_bytes, tar_block_bytes);
    };
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::uint64_t data = at + tar_block_bytes;
        if (items[i].size_bytes >= blob_alignment_bytes && data % blob_alignment_bytes != 0) {
            // The filler takes a header and what is left of the gap after it.
            const std::uint64_t gap = blob_alignment_bytes - data % blob_alignment_bytes;
            place(padding_name(++paddings), gap - tar_block_bytes, true, i);
        }
        place(items[i].name, items[i].size_bytes, false, i);
    }
    layout.total_bytes = at + tar_end_bytes;
    return layout;
}

std::string padding_name(std::uint64_t number) {
    char name[48];
    std::snprintf(name, sizeof name, "sealift-padding/%08llu", static_cast<unsigned long long>(number));
    return name;
}

} // namespace manifests
