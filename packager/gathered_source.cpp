#include "packager/gathered_source.hpp"

#include <algorithm>

#include <sys/mman.h>

#include "manifests/error.hpp"
#include "manifests/oci.hpp"
#include "manifests/text.hpp"
#include "runtime/content.hpp"

namespace packager {
namespace {

using manifests::Contents;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::ItemKind;
using manifests::LayoutItem;
using runtime::BlobAt;
using runtime::FileDescriptor;

class GatheredSource final : public runtime::BlobSource {
public:
    GatheredSource(const Contents& contents, FindBlob find)
        : find_(std::move(find)),
          memory_(std::make_shared<FileDescriptor>(::memfd_create("derived", MFD_CLOEXEC))) {
        if (!*memory_) runtime::throw_errno("cannot get memory for", "derived documents");
        for (const LayoutItem& item : manifests::items_of(contents))
            if (manifests::is_derived(item.kind)) keep(item, contents);
        std::sort(derived_.begin(), derived_.end(),
                  [](const Derived& a, const Derived& b) { return a.digest < b.digest; });
    }

    std::string read_named(const std::string& name) const override {
        if (name == "oci-layout") return std::string(manifests::oci_layout_bytes());
        if (name == "index.json") return index_;
        throw Error(Fault::internal,
                    "there is no name " + manifests::in_quotes(name) + " in a gathered bundle");
    }

    std::optional<BlobAt> find(const Digest& digest) const override {
        const auto place = std::lower_bound(derived_.begin(), derived_.end(), digest,
                                            [](const Derived& a, const Digest& b) { return a.digest < b; });
        if (place == derived_.end() || place->digest != digest) return find_(digest);
        return BlobAt{memory_, place->offset, place->size_bytes, manifests::blob_name(digest)};
    }

    // Only what is asked for is ever found, so there is nothing else to refuse.
    void refuse_others(const Contents&, const std::vector<LayoutItem>&) override {}

private:
    struct Derived {
        Digest digest;
        std::uint64_t offset;
        std::uint64_t size_bytes;
    };

    void keep(const LayoutItem& item, const Contents& contents) {
        if (item.kind == ItemKind::index)
            return write_item(item, contents, [&](std::string_view piece) { index_ += piece; });
        if (!item.is_blob()) return;
        derived_.push_back({item.digest, end_, item.size_bytes});
        write_item(item, contents, [&](std::string_view piece) {
            runtime::write_all(*memory_, piece.data(), piece.size(), item.name());
            end_ += piece.size();
        });
    }

    FindBlob find_;
    std::shared_ptr<FileDescriptor> memory_;
    std::uint64_t end_ = 0;
    std::vector<Derived> derived_;
    std::string index_;
};

std::string attestation_tag(const Digest& manifest) {
    return "attestation-" + manifest.hex().substr(0, 16);
}

} // namespace

KnownBundle known_from(const runtime::Bundle& bundle) {
    return {std::make_shared<const manifests::BundleDocument>(bundle.document()), bundle.assembly(),
            bundle.carried().envelopes};
}

std::unique_ptr<runtime::BlobSource> gather(const Contents& contents, FindBlob find) {
    return std::make_unique<GatheredSource>(contents, std::move(find));
}

std::string describe_item(const LayoutItem& item, const Contents& contents) {
    const auto path = [&] { return contents.document.files[item.number].path.text(); };
    switch (item.kind) {
    case ItemKind::layout_marker:
    case ItemKind::index:
        return item.name();
    case ItemKind::bundle_manifest:
        return "bundle manifest (tag bundle)";
    case ItemKind::document:
        return "bundle document";
    case ItemKind::model_manifest:
        return "model manifest (tag model)";
    case ItemKind::model_config:
        return "model config";
    case ItemKind::attestation:
        return "attestation manifest (tag " + attestation_tag(item.digest) + ")";
    case ItemKind::envelope:
        return "signature envelope";
    case ItemKind::empty_config:
        return "empty config";
    case ItemKind::profile:
        return "profile";
    case ItemKind::software_bom:
        return "software BOM";
    case ItemKind::hardware_bom:
        return "hardware BOM";
    case ItemKind::chunk_table:
        return "chunk table of " + path();
    case ItemKind::file:
        break;
    }
    return path();
}

bool is_proven(const BlobAt& blob, const Digest& wanted) {
    try {
        runtime::read_proven(blob, wanted, [](const char*, std::size_t, std::uint64_t) {});
        return true;
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return false;
    }
}

} // namespace packager
