#include "packager/import.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/text.hpp"
#include "packager/copy_bundle.hpp"
#include "packager/indexed_items.hpp"

namespace packager {
namespace {

using manifests::Digest;
using manifests::DocumentReference;
using manifests::Error;
using manifests::Fault;
using manifests::ItemKind;
using manifests::LayoutItem;
using manifests::Role;
using runtime::BlobAt;

constexpr std::uint64_t most_document_bytes = 64ULL << 20;

// Of several blobs with one name, the one that really is it. Proving costs a read, so a single one is left to
// the copy, which proves it anyway.
class Choice {
public:
    explicit Choice(const BlobPool& pool) : pool_(pool) {}

    std::optional<BlobAt> find(const DocumentReference& wanted) {
        const std::vector<BlobAt> all = sized(wanted);
        std::size_t good = 0;
        while (all.size() > 1 && good < all.size() && !is_proven(all[good], wanted.digest))
            ++good;
        if (good == all.size()) return std::nullopt;
        if (good > 0) later_.emplace(wanted.digest, good);
        return all[good];
    }

    /// The same of what find() has found. May be called from any thread.
    std::optional<BlobAt> found(const DocumentReference& wanted) const {
        const std::vector<BlobAt> all = sized(wanted);
        const auto later = later_.find(wanted.digest);
        const std::size_t good = later == later_.end() ? 0 : later->second;
        return good < all.size() ? std::optional(all[good]) : std::nullopt;
    }

    /// What to say of a blob that find() does not find; empty if there is nothing at all.
    std::string what_is_there(const DocumentReference& wanted) const {
        const std::vector<BlobAt> all = pool_.find_all(wanted.digest);
        if (all.empty()) return "";
        if (!sized(wanted).empty()) return "what is there has other bytes than its name says";
        return "what is there has " + std::to_string(all[0].size_bytes) + " bytes";
    }

private:
    std::vector<BlobAt> sized(const DocumentReference& wanted) const {
        std::vector<BlobAt> all = pool_.find_all(wanted.digest);
        std::erase_if(all, [&](const BlobAt& blob) { return blob.size_bytes != wanted.size_bytes; });
        return all;
    }

    const BlobPool& pool_;
    std::map<Digest, std::size_t> later_; // place among those of the right size, if it is not the first
};

std::string list_of(const std::vector<FoundBundle>& bundles) {
    std::string text;
    for (const FoundBundle& bundle : bundles) {
        text += (text.empty() ? "" : ", ") + bundle.digest.text();
        if (bundle.known)
            text += " (" +
                    manifests::escaped(bundle.known->document->name + " " + bundle.known->document->version) +
                    ")";
    }
    return text;
}

// An index that names one bundle and not the others settles it: layouts keep blobs of what they once held.
FoundBundle choose(const PoolContents& contents, const std::optional<Digest>& wanted) {
    const std::vector<FoundBundle>& all = contents.bundles;
    if (all.empty()) {
        throw Error(Fault::damaged, manifests::Code::format_not_a_bundle,
                    "no blob in these layouts is a bundle manifest or a bundle document")
            .hint("the tag 'bundle' has to be copied: it brings both");
    }
    std::vector<FoundBundle> fitting;
    for (const FoundBundle& bundle : all)
        if (wanted ? bundle.digest == *wanted : bundle.is_named) fitting.push_back(bundle);
    if (wanted && fitting.empty())
        throw Error(Fault::refused,
                    "bundle " + wanted->text() + " is not in these layouts; there is " + list_of(all));
    if (fitting.empty()) fitting = all;
    if (fitting.size() == 1) return fitting[0];
    throw Error(Fault::refused, "there are " + std::to_string(fitting.size()) +
                                    " bundles in these layouts: " + list_of(fitting))
        .hint("choose one with --digest");
}

bool has_any(const BlobPool& pool, const Digest& digest) {
    return !pool.find_all(digest).empty();
}

// All that can be said without the bundle document is what the bundle manifest lists.
void list_without_document(const BlobPool& pool, const FoundBundle& bundle, ImportResult& result) {
    Choice choice(pool);
    const auto want = [&](const std::string& what, const DocumentReference& blob) {
        if (!choice.find(blob)) result.missing.push_back({what, blob, choice.what_is_there(blob)});
    };
    result.missing.push_back({"bundle document", *bundle.document, choice.what_is_there(*bundle.document)});
    const auto manifest = pool.find_proven(bundle.digest, most_document_bytes);
    if (!manifest) return;
    const auto open = [&] { return runtime::pieces_of(*manifest); };
    manifests::ImageManifest::read_head(open, bundle.digest, [&](const manifests::Descriptor& layer) {
        const auto title = layer.annotations.find(std::string(manifests::media::annotation_title));
        want(title != layer.annotations.end() ? title->second : layer.digest.text(),
             {layer.digest, layer.size_bytes});
    });
    result.notes.push_back(
        "the bundle document says what else belongs to the bundle, the weights among it, so more "
        "may be missing");
}

bool is_of_the_model(const LayoutItem& item, const manifests::BundleDocument& document) {
    if (item.kind != ItemKind::file) return false;
    const Role role = document.files[item.number].role;
    return role == Role::weights || role == Role::doc || role == Role::model_config;
}

void list_missing(const BlobPool& pool, Choice& choice, const KnownBundle& known, ImportResult& result) {
    std::size_t of_the_model = 0;
    std::size_t of_the_bundle = 0;
    for (const LayoutItem& item : manifests::items_of(known.contents())) {
        const DocumentReference blob{item.digest, item.size_bytes};
        const std::string what = describe_item(item, known.contents());
        if (!item.is_blob() || item.kind == ItemKind::empty_config) continue;
        if (manifests::is_derived(item.kind)) {
            if (!has_any(pool, item.digest)) result.derived.push_back(what);
            continue;
        }
        const auto found = choice.find(blob);
        // What is small is proven now, so that everything that is wrong is named at once.
        const bool good = found && (item.kind == ItemKind::file || is_proven(*found, item.digest));
        if (good) continue;
        result.missing.push_back(
            {what, blob,
             found ? "what is there has other bytes than its name says" : choice.what_is_there(blob)});
        ++(is_of_the_model(item, *known.document) ? of_the_model : of_the_bundle);
    }
    const auto say_tag = [&](std::size_t count, const Digest& manifest, const char* tag) {
        if (count > 0 && !has_any(pool, manifest)) {
            result.notes.push_back("the tag '" + std::string(tag) + "' was not copied; it brings " +
                                   std::to_string(count) + " of the missing blobs");
        }
    };
    say_tag(of_the_bundle, known.digest(), "bundle");
    say_tag(of_the_model, known.assembly.model_manifest.digest, "model");
}

void describe_signatures(const FoundBundle& bundle, ImportResult& result) {
    for (const LostEnvelope& lost : bundle.lost_envelopes) {
        result.missing.push_back(
            {"signature envelope (tag attestation-" + lost.manifest.hex().substr(0, 16) + ")", lost.envelope,
             ""});
    }
    if (!bundle.known) return;
    result.signatures = bundle.known->envelopes.size();
    if (result.signatures == 0 && bundle.lost_envelopes.empty())
        result.notes.push_back(
            "no signature arrived: the tags attestation-... were not copied, or nobody has signed it");
}

ImportResult describe(const PoolContents& contents, const FoundBundle& bundle) {
    ImportResult result{.digest = bundle.digest};
    if (bundle.known) {
        result.name = bundle.known->document->name;
        result.version = bundle.known->document->version;
        result.profile_id = bundle.known->document->profile_id;
        result.files = bundle.known->document->files.size();
    }
    for (const std::string& text : contents.unreadable)
        result.notes.push_back("not read: " + text);
    if (contents.foreign_manifests > 0) {
        result.notes.push_back("manifests of others in these layouts were left alone: " +
                               std::to_string(contents.foreign_manifests));
    }
    if (contents.bundles.size() > 1)
        result.notes.push_back("there are other bundles in these layouts: " + list_of(contents.bundles));
    return result;
}

// Copies everything; when something is damaged, reads on to name all of it, which costs only who has to copy
// anew.
void write_output(const ImportRequest& request, const KnownBundle& known, const Choice& choice,
                  ImportResult& result) {
    const IndexedItems items(manifests::items_of(known.contents()));
    const auto find = [&](const Digest& digest) {
        return choice.found({digest, items.list().at(items.find(digest).value()).size_bytes});
    };
    const runtime::Bundle bundle =
        runtime::Bundle::open_known(request.layouts.front(), known, gather(known.contents(), find));
    try {
        const runtime::OnBytes on_bytes =
            request.on_start ? request.on_start(runtime::content_bytes(bundle)) : runtime::OnBytes{};
        copy_bundle({request.output, request.form, bundle, known.envelopes, request.jobs, on_bytes});
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        result.damage = runtime::check_content(bundle, request.jobs, {});
        if (result.damage.passed()) throw; // it has changed in between
    }
}

struct Chosen {
    FoundBundle bundle;
    ImportResult result;
};

// The documents of other bundles are given back.
Chosen choose_in(const BlobPool& pool, const std::optional<Digest>& wanted) {
    const PoolContents contents = search_bundles(pool);
    FoundBundle bundle = choose(contents, wanted);
    ImportResult result = describe(contents, bundle);
    return {std::move(bundle), std::move(result)};
}

ImportResult import_from_pool(const ImportRequest& request) {
    BlobPool pool;
    for (const std::string& layout : request.layouts)
        pool.add(layout);
    Chosen chosen = choose_in(pool, request.digest);
    const FoundBundle& bundle = chosen.bundle;
    ImportResult& result = chosen.result;
    Choice choice(pool);
    if (bundle.known) {
        list_missing(pool, choice, *bundle.known, result);
    } else {
        list_without_document(pool, bundle, result);
    }
    describe_signatures(bundle, result);
    if (result.missing.empty()) write_output(request, *bundle.known, choice, result);
    return std::move(result);
}

} // namespace

ImportResult import_bundle(const ImportRequest& request) {
    check_output(request.output, request.form);
    // By then the pool and its document are gone: what was written takes as much memory to read.
    ImportResult result = import_from_pool(request);
    if (result.is_whole() && runtime::open_bundle(request.output).digest() != result.digest)
        throw Error(Fault::internal, "the bundle that was written has another digest");
    return result;
}

std::optional<KnownBundle> known_from(const BlobPool& pool) {
    const PoolContents contents = search_bundles(pool);
    const FoundBundle* found = nullptr;
    for (const FoundBundle& bundle : contents.bundles) {
        if (!bundle.known) continue;
        if (found != nullptr) return std::nullopt;
        found = &bundle;
    }
    return found != nullptr ? found->known : std::nullopt;
}

} // namespace packager
