#include "packager/recognise.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/oci.hpp"
#include "packager/bundle_search.hpp"

namespace packager {
namespace {

using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::LayoutItem;
using manifests::tar_block_bytes;

constexpr std::uint64_t most_attestation_bytes = 64ULL << 10;
constexpr std::uint64_t most_envelope_bytes = 1ULL << 20;
constexpr std::uint64_t most_index_bytes = 1ULL << 20; // 1024 manifests

// The index of a file form has its place, whatever stands behind it.
std::string index_text(const FileCopy& copy) {
    constexpr std::uint64_t header_offset = 1024;
    const std::string header = copy.read(header_offset, tar_block_bytes);
    const auto claim = header.size() == tar_block_bytes ? manifests::read_tar_header(header) : std::nullopt;
    if (!claim || claim->name != "index.json" || claim->size_bytes > most_index_bytes) return "";
    return copy.read(header_offset + tar_block_bytes, static_cast<std::size_t>(claim->size_bytes));
}

std::string index_text(const FolderCopy& copy) {
    constexpr std::size_t index_item = 1; // FORMAT.md "Order of entries"
    try {
        const auto size_bytes = copy.size_of(index_item);
        if (!size_bytes || *size_bytes > most_index_bytes) return "";
        runtime::BlobAt blob = copy.place(index_item);
        blob.size_bytes = *size_bytes;
        return runtime::read_blob(blob, most_index_bytes);
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return "";
    }
}

std::vector<manifests::Descriptor> listed_in(const std::string& index) {
    try {
        return manifests::ImageIndex::parse(index).manifests;
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return {};
    }
}

std::optional<Digest> tagged_bundle(const std::vector<manifests::Descriptor>& listed) {
    for (const manifests::Descriptor& one : listed) {
        const auto tag = one.annotations.find(std::string(manifests::media::annotation_ref_name));
        if (tag != one.annotations.end() && tag->second == "bundle") return one.digest;
    }
    return std::nullopt;
}

bool is_attestation(const manifests::Descriptor& one) {
    const auto tag = one.annotations.find(std::string(manifests::media::annotation_ref_name));
    return tag != one.annotations.end() && tag->second.starts_with("attestation-");
}

// The envelope behind an attestation manifest, out of the damaged copy itself.
std::optional<std::string> own_envelope(const BlobPool& pool, const Digest& manifest,
                                        const KnownBundle& known) {
    const auto bytes = pool.proven_text(manifest, most_attestation_bytes);
    if (!bytes) return std::nullopt;
    try {
        const auto parsed = manifests::ImageManifest::parse(*bytes);
        if (parsed.layers.size() != 1) return std::nullopt;
        const auto envelope = pool.proven_text(parsed.layers[0].digest, most_envelope_bytes);
        const bool right =
            envelope && manifests::attestation_manifest(*envelope, known.assembly.bundle_manifest) == *bytes;
        return right ? envelope : std::nullopt;
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return std::nullopt;
    }
}

BlobPool pool_of(const std::string& path) {
    BlobPool pool;
    try {
        pool.add(path);
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
    }
    return pool;
}

// Two releases share weights and kernels, so those alone do not say which one a copy without an index is. A
// whole manifest or document does.
bool has_another_bundle(const std::string& path, const KnownBundle& known) {
    const std::set<Digest> bundles = bundles_in(pool_of(path));
    return std::any_of(bundles.begin(), bundles.end(),
                       [&](const Digest& digest) { return digest != known.digest(); });
}

struct Listed {
    std::vector<std::string> envelopes;
    std::size_t lost = 0;
    bool is_index = false; ///< the index names the bundle and the model
};

// The signatures that the copy's own index names: from the copy, or from another one that has the same.
Listed envelopes_listed(const std::string& path, const std::vector<manifests::Descriptor>& listed,
                        const KnownBundle& known, const std::vector<std::vector<std::string>>& sets) {
    std::map<Digest, std::string> by_manifest;
    for (const auto& set : sets)
        for (const std::string& envelope : set)
            by_manifest.emplace(
                Digest::of(manifests::attestation_manifest(envelope, known.assembly.bundle_manifest)),
                envelope);
    const BlobPool pool = pool_of(path);
    const auto lists = [&](const Digest& digest) {
        return std::any_of(listed.begin(), listed.end(),
                           [&](const auto& one) { return one.digest == digest; });
    };
    // An index that came without its siblings says nothing about signatures either.
    Listed result{{}, 0, lists(known.digest()) && lists(known.assembly.model_manifest.digest)};
    for (const manifests::Descriptor& one : listed) {
        if (one.digest == known.digest() || one.digest == known.assembly.model_manifest.digest) continue;
        const auto elsewhere = by_manifest.find(one.digest);
        const auto own =
            elsewhere == by_manifest.end() ? own_envelope(pool, one.digest, known) : std::nullopt;
        if (elsewhere != by_manifest.end()) {
            result.envelopes.push_back(elsewhere->second);
        } else if (own) {
            result.envelopes.push_back(*own);
        } else {
            ++result.lost;
        }
    }
    return result;
}

// Attestations that the copy's own index names and that are not among these envelopes.
std::size_t count_lost(const std::vector<manifests::Descriptor>& listed,
                       const std::vector<std::string>& envelopes, const KnownBundle& known) {
    std::set<Digest> kept;
    for (const std::string& envelope : envelopes)
        kept.insert(Digest::of(manifests::attestation_manifest(envelope, known.assembly.bundle_manifest)));
    return static_cast<std::size_t>(
        std::count_if(listed.begin(), listed.end(), [&](const manifests::Descriptor& one) {
            return is_attestation(one) && kept.count(one.digest) == 0;
        }));
}

struct Score {
    std::size_t for_it = 0;
    std::size_t against = 0;
    bool has_manifest = false; ///< the bundle manifest is named in its place
};

// Headers in their places. A damaged header is neither for nor against.
Score score_of(const FileCopy& copy) {
    Score score;
    const auto& items = copy.items();
    for (const manifests::TarEntry& entry : copy.plan().entries) {
        if (entry.padding != 0 || !items[entry.item].is_blob()) continue;
        const std::string found = copy.read(entry.header_offset, tar_block_bytes);
        if (found.size() < tar_block_bytes) break;
        const bool right = found == manifests::tar_header(items[entry.item].name(), entry.size_bytes);
        if (right && items[entry.item].kind == manifests::ItemKind::bundle_manifest)
            score.has_manifest = true;
        if (right) ++score.for_it;
        if (!right && manifests::read_tar_header(found)) ++score.against;
    }
    return score;
}

Score score_of(const FolderCopy& copy) {
    Score score;
    for (std::size_t i = 0; i < copy.items().size(); ++i) {
        const LayoutItem& item = copy.items()[i];
        if (!item.is_blob() || item.kind == manifests::ItemKind::empty_config) continue;
        try {
            if (!copy.size_of(i)) continue;
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            continue;
        }
        ++score.for_it;
        score.has_manifest = score.has_manifest || item.kind == manifests::ItemKind::bundle_manifest;
    }
    return score;
}

template<typename Copy>
bool is_empty(const Copy& copy) {
    if constexpr (std::is_same_v<Copy, FileCopy>)
        return copy.size_bytes() == 0;
    else
        return score_of(copy).for_it == 0 && copy.spare_names().empty() && index_text(copy).empty();
}

// A copy that was broken off before the first blob has a name, as far as it goes.
bool is_beginning(const FileCopy& copy, const KnownBundle& known) {
    constexpr std::uint64_t most_bytes = 8192;
    if (copy.size_bytes() > most_bytes) return false;
    std::string wanted(most_bytes, '\0');
    for (const manifests::TarEntry& entry : copy.plan().entries) {
        const LayoutItem& item = copy.items()[entry.item];
        if (entry.data_offset() + entry.size_bytes > most_bytes || !manifests::is_derived(item.kind)) break;
        std::string bytes = manifests::tar_header(entry.name(copy.items()), entry.size_bytes);
        write_item(item, known.contents(), [&](std::string_view piece) { bytes += piece; });
        wanted.replace(static_cast<std::size_t>(entry.header_offset), bytes.size(), bytes);
    }
    return wanted.starts_with(copy.read(0, most_bytes));
}

bool is_beginning(const FolderCopy&, const KnownBundle&) {
    return false;
}

template<typename Copy>
Recognition recognise_as(const std::string& path, ItemLists& lists,
                         std::vector<std::vector<std::string>> sets) {
    const KnownBundle& known = lists.known();
    const auto copy_with = [&](const std::vector<std::string>& envelopes) {
        return std::make_unique<Copy>(path, lists.with(envelopes));
    };
    sets.push_back(known.envelopes);
    const auto copy = copy_with(known.envelopes);
    const auto listed = listed_in(index_text(*copy));
    const Listed own = envelopes_listed(path, listed, known, sets);
    sets.emplace_back();
    if (own.is_index && own.lost == 0) sets.insert(sets.begin(), own.envelopes);
    Recognition result;
    result.claim = tagged_bundle(listed);
    std::optional<Score> best;
    for (const auto& envelopes : sets) {
        const Score score = score_of(*copy_with(envelopes));
        if (best && score.for_it <= best->for_it) continue;
        best = score;
        result.envelopes = envelopes;
    }
    result.lost_signatures = count_lost(listed, result.envelopes, known);
    const bool claims_other = result.claim && *result.claim != known.digest();
    const bool claims_this = result.claim && !claims_other;
    if (is_empty(*copy)) {
        result.likeness = Likeness::empty;
        result.envelopes = known.envelopes;
    } else if (is_beginning(*copy, known)) {
        result.likeness = Likeness::same;
        result.envelopes = known.envelopes;
    } else if ((best->has_manifest || claims_this) && best->for_it >= best->against) {
        result.likeness = Likeness::same;
    } else if (claims_other || best->against >= std::max<std::size_t>(best->for_it, 1)) {
        result.likeness = Likeness::other;
    } else if (best->for_it > 0) {
        result.likeness = has_another_bundle(path, known) ? Likeness::other : Likeness::same;
    }
    return result;
}

} // namespace

Recognition recognise(const std::string& path, Form form, ItemLists& lists,
                      const std::vector<std::vector<std::string>>& envelope_sets) {
    if (form == Form::file) return recognise_as<FileCopy>(path, lists, envelope_sets);
    return recognise_as<FolderCopy>(path, lists, envelope_sets);
}

std::unique_ptr<BundleCopy> place_copy(const std::string& path, Form form, ItemLists& lists,
                                       const std::vector<std::string>& envelopes) {
    if (form == Form::file) return std::make_unique<FileCopy>(path, lists.with(envelopes));
    return std::make_unique<FolderCopy>(path, lists.with(envelopes));
}

} // namespace packager
