#include "packager/bundle_search.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/attestation.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/oci.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Digest;
using manifests::DocumentReference;
using manifests::Error;
using manifests::Fault;
using manifests::ImageManifest;
using manifests::Json;
using runtime::BlobAt;

constexpr std::uint64_t most_document_bytes = 64ULL << 20;
constexpr std::uint64_t most_attestation_bytes = 64ULL << 10;
constexpr std::uint64_t most_envelope_bytes = 1ULL << 20;
constexpr std::string_view oci_index = "application/vnd.oci.image.index.v1+json";

// How every manifest of this kind begins: the spelling is canonical.
std::string beginning_of(std::string_view artifact_type) {
    return R"({"schemaVersion":2,"mediaType":")" + std::string(manifests::media::oci_manifest) +
           R"(","artifactType":")" + std::string(artifact_type) + '"';
}

bool is_attestation(std::string_view start) {
    const std::string before = beginning_of("");
    const std::string_view front = std::string_view(before).substr(0, before.size() - 1);
    if (!start.starts_with(front)) return false;
    start.remove_prefix(front.size());
    return manifests::is_attestation_type(start.substr(0, start.find('"')));
}

struct Beginnings {
    std::set<Digest> bundles, documents, attestations, models;
};

Beginnings look_at_all(const BlobPool& pool) {
    Beginnings found;
    const std::pair<std::string, std::set<Digest>*> kinds[] = {
        {beginning_of(manifests::media::bundle_artifact), &found.bundles},
        {beginning_of(manifests::media::model_artifact), &found.models},
        {R"({"schema":"sealift.bundle/1")", &found.documents}};
    pool.for_each([&](const Digest& digest, const BlobAt& blob) {
        if (blob.size_bytes > most_document_bytes) return;
        char start[256];
        const std::size_t got =
            runtime::read_at(*blob.file, start, std::min<std::uint64_t>(sizeof start, blob.size_bytes),
                             blob.offset, blob.where);
        for (const auto& [text, digests] : kinds)
            if (std::string_view(start, got).starts_with(text)) digests->insert(digest);
        if (is_attestation(std::string_view(start, got))) found.attestations.insert(digest);
    });
    return found;
}

// What outside bytes cause is no reason to stop: the blob is simply not what it seemed to be.
template<typename Read>
auto if_readable(const Read& read) -> std::optional<decltype(read())> {
    try {
        return read();
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return std::nullopt;
    }
}

std::optional<KnownBundle> read_document(const BlobPool& pool, const Digest& digest) {
    const auto blob = pool.find_proven(digest, most_document_bytes);
    if (!blob) return std::nullopt;
    const auto known = if_readable([&] {
        auto document = std::make_shared<manifests::BundleDocument>(
            manifests::BundleDocument::read(runtime::pieces_of(*blob), digest));
        const manifests::Assembly assembly = manifests::assemble(*document);
        return KnownBundle{document, assembly, {}};
    });
    const bool whole = known && known->assembly.document.digest == digest;
    return whole ? known : std::nullopt; // otherwise it contradicts itself: no bundle has it
}

std::optional<DocumentReference> document_of(const BlobPool& pool, const Digest& manifest) {
    const auto blob = pool.find_proven(manifest, most_document_bytes);
    if (!blob) return std::nullopt;
    const auto open = [&] { return runtime::pieces_of(*blob); };
    const auto head = if_readable([&] { return ImageManifest::read_head(open, manifest); });
    if (!head) return std::nullopt;
    return DocumentReference{head->config.digest, head->config.size_bytes};
}

std::map<Digest, FoundBundle> find_bundles(const BlobPool& pool, const Beginnings& beginnings) {
    std::map<Digest, FoundBundle> found;
    const auto entry = [&](const Digest& digest) -> FoundBundle& {
        return found.emplace(digest, FoundBundle{digest, {}, {}, {}, false}).first->second;
    };
    for (const Digest& digest : beginnings.bundles)
        if (const auto document = document_of(pool, digest)) entry(digest).document = document;
    for (const Digest& digest : beginnings.documents)
        if (auto known = read_document(pool, digest)) entry(known->digest()).known = std::move(known);
    return found;
}

void add_envelope(const BlobPool& pool, const Digest& digest, std::map<Digest, FoundBundle>& bundles) {
    const auto bytes = pool.proven_text(digest, most_attestation_bytes);
    if (!bytes) return;
    const auto manifest = if_readable([&] { return ImageManifest::parse(*bytes); });
    if (!manifest || !manifest->subject || manifest->layers.size() != 1) return;
    const auto bundle = bundles.find(manifest->subject->digest);
    if (bundle == bundles.end() || !bundle->second.known) return;
    const manifests::Descriptor& layer = manifest->layers[0];
    const auto envelope = pool.proven_text(layer.digest, most_envelope_bytes);
    if (!envelope) {
        bundle->second.lost_envelopes.push_back({{layer.digest, layer.size_bytes}, digest});
    } else if (manifests::attestation_manifest(*envelope, bundle->second.known->assembly.bundle_manifest) ==
               *bytes) {
        bundle->second.known->envelopes.push_back(*envelope);
    }
}

// Everything that indexes name. They may name each other, in circles too.
class IndexWalk {
public:
    explicit IndexWalk(const BlobPool& pool) : pool_(pool) {
        for (const BlobPool::Index& index : pool.indexes()) {
            try {
                read(manifests::read_json(index.text), 0);
            } catch (const Error& error) {
                if (error.fault() != Fault::damaged) throw;
                unreadable.push_back(manifests::escaped(index.layout, 4096) +
                                     ": index.json: " + error.what());
            }
        }
    }

    std::map<Digest, std::string> tags;
    std::vector<std::string> unreadable;

private:
    // Foreign documents: whatever is not what we look for is passed over.
    void read(const Json& index, std::size_t depth) {
        if (!index.is_object() || !index.contains("manifests") || !index["manifests"].is_array()) return;
        for (const Json& descriptor : index["manifests"]) {
            const auto digest = if_readable([&] { return Digest::parse(text_of(descriptor, "digest")); });
            if (digest) add(*digest, descriptor, depth);
        }
    }

    void add(const Digest& digest, const Json& descriptor, std::size_t depth) {
        constexpr std::size_t most_named = 100'000;
        constexpr std::size_t most_depth = 8;
        const bool is_index = text_of(descriptor, "mediaType") == oci_index;
        if (is_index && (depth >= most_depth || !seen_.insert(digest).second)) return;
        if (is_index) {
            const auto bytes = pool_.proven_text(digest, most_document_bytes);
            const auto inner =
                bytes ? if_readable([&] { return manifests::read_json(*bytes); }) : std::nullopt;
            if (inner) read(*inner, depth + 1);
        } else if (tags.size() < most_named) {
            const bool annotated = descriptor.contains("annotations");
            tags.emplace(digest, annotated ? text_of(descriptor["annotations"],
                                                     std::string(manifests::media::annotation_ref_name))
                                           : "");
        }
    }

    static std::string text_of(const Json& value, const std::string& name) {
        if (!value.is_object() || !value.contains(name) || !value[name].is_string()) return "";
        return value[name].get<std::string>();
    }

    const BlobPool& pool_;
    std::set<Digest> seen_;
};

} // namespace

std::set<Digest> bundles_in(const BlobPool& pool) {
    std::set<Digest> digests;
    for (const auto& [digest, bundle] : find_bundles(pool, look_at_all(pool)))
        digests.insert(digest);
    return digests;
}

PoolContents search_bundles(const BlobPool& pool) {
    const Beginnings beginnings = look_at_all(pool);
    std::map<Digest, FoundBundle> bundles = find_bundles(pool, beginnings);
    for (const Digest& digest : beginnings.attestations)
        add_envelope(pool, digest, bundles);
    IndexWalk walk(pool);
    PoolContents contents;
    const auto is_ours = [&](const Digest& digest) {
        return beginnings.bundles.contains(digest) || beginnings.models.contains(digest) ||
               beginnings.attestations.contains(digest);
    };
    // A manifest that is named and not there belongs to nobody that we know of.
    for (const auto& [digest, tag] : walk.tags)
        if (!is_ours(digest) && !pool.find_all(digest).empty()) ++contents.foreign_manifests;
    for (auto& [digest, bundle] : bundles) {
        bundle.is_named = walk.tags.contains(digest);
        contents.bundles.push_back(std::move(bundle));
    }
    contents.unreadable = std::move(walk.unreadable);
    contents.tags = std::move(walk.tags);
    return contents;
}

} // namespace packager
