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

// Digests of files whose bytes are those of a document, such as "{}": they have no blob of their own.
std::vector<Digest> derived_files(const Contents& contents, const std::vector<LayoutItem>& derived) {
    std::vector<Digest> digests;
    for (const LayoutItem& item : derived)
        digests.push_back(item.digest);
    std::sort(digests.begin(), digests.end());
    std::vector<Digest> found;
    for (const manifests::BundleFile& file : contents.document.files)
        if (std::binary_search(digests.begin(), digests.end(), file.digest)) found.push_back(file.digest);
    return found;
}

class GatheredSource final : public runtime::BlobSource {
public:
    GatheredSource(const Contents& contents, FindBlob find) : find_(std::move(find)) {
        std::vector<LayoutItem> derived = manifests::items_of(contents);
        std::erase_if(derived, [](const LayoutItem& item) {
            return !item.is_blob() || !manifests::is_derived(item.kind);
        });
        const std::vector<Digest> wanted = derived_files(contents, derived);
        for (const LayoutItem& item : derived)
            if (std::find(wanted.begin(), wanted.end(), item.digest) != wanted.end()) keep(item, contents);
    }

    std::string read_named(const std::string& name) const override {
        throw Error(Fault::internal,
                    "there is no name " + manifests::in_quotes(name) + " in a gathered bundle");
    }

    std::optional<BlobAt> find(const Digest& digest) const override {
        const auto kept =
            std::find_if(kept_.begin(), kept_.end(), [&](const Kept& one) { return one.digest == digest; });
        if (kept == kept_.end()) return find_(digest);
        return BlobAt{memory_, kept->offset, kept->size_bytes, manifests::blob_name(digest)};
    }

    // Only what is asked for is ever found, so there is nothing else to refuse.
    void refuse_others(const Contents&, const std::vector<LayoutItem>&) override {}

private:
    struct Kept {
        Digest digest;
        std::uint64_t offset;
        std::uint64_t size_bytes;
    };

    void keep(const LayoutItem& item, const Contents& contents) {
        if (!memory_) memory_ = std::make_shared<FileDescriptor>(::memfd_create("derived", MFD_CLOEXEC));
        if (!*memory_) runtime::throw_errno("cannot get memory for", "derived documents");
        kept_.push_back({item.digest, end_, item.size_bytes});
        write_item(item, contents, [&](std::string_view piece) {
            runtime::write_all(*memory_, piece.data(), piece.size(), item.name());
            end_ += piece.size();
        });
    }

    FindBlob find_;
    std::shared_ptr<FileDescriptor> memory_;
    std::uint64_t end_ = 0;
    std::vector<Kept> kept_; // few
};

std::string attestation_tag(const Digest& manifest) {
    return "attestation-" + manifest.hex().substr(0, 16);
}

} // namespace

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
