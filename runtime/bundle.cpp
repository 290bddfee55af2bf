#include "runtime/bundle.hpp"

#include <optional>
#include <set>

#include <fcntl.h>

#include "manifests/attestation.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/oci.hpp"
#include "manifests/profile.hpp"
#include "manifests/text.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Descriptor;
using manifests::Digest;
using manifests::DocumentReference;
using manifests::Error;
using manifests::Fault;
using manifests::ImageManifest;
using manifests::in_quotes;

constexpr std::uint64_t most_document_bytes = 64ULL << 20; // the bundle document of 100,000 files has 29 MB
constexpr std::uint64_t most_bom_bytes = 1ULL << 30;       // the software BOM of 100,000 files has 138 MB
constexpr std::uint64_t most_envelope_bytes = 1ULL << 20;
constexpr std::uint64_t most_attestation_bytes = 64ULL << 10; // it has one layer
constexpr std::size_t most_manifests = 1024;                  // one bundle, one model, the rest signatures

const DocumentReference nothing{Digest::from_bytes({}), 0};

[[noreturn]] void refuse(Code code, const std::string& text) {
    throw Error(Fault::damaged, code, text);
}

BlobAt find_sized(const BlobSource& source, const DocumentReference& wanted, const std::string& what) {
    auto blob = source.find(wanted.digest);
    if (!blob) refuse(Code::layout_blob_missing, what + ": blob " + wanted.digest.text() + " is missing");
    if (blob->size_bytes != wanted.size_bytes) {
        refuse(Code::content_size, what + " has " + std::to_string(blob->size_bytes) + " bytes, wanted " +
                                       std::to_string(wanted.size_bytes));
    }
    source.fetch(*blob);
    return *blob;
}

BlobAt find_item(const BlobSource& source, const manifests::LayoutItem& item) {
    return find_sized(source, {item.digest, item.size_bytes}, in_quotes(item.name()));
}

[[noreturn]] void refuse_digest(const std::string& what, const Digest& found, const Digest& wanted) {
    refuse(Code::content_digest, what + " has digest " + found.text() + ", wanted " + wanted.text());
}

// Pieces that turn out at their end to be those of the digest.
manifests::NextPiece compared_pieces(const BlobAt& blob, const std::string& what, const Digest& wanted) {
    const auto hasher = std::make_shared<manifests::Hasher>();
    return [next = pieces_of(blob), hasher, what, wanted]() -> std::string_view {
        const std::string_view piece = next();
        hasher->update(piece.data(), piece.size());
        if (!piece.empty()) return piece;
        const Digest found = hasher->finish();
        if (found != wanted) refuse_digest(what, found, wanted);
        return piece;
    };
}

void refuse_over(const DocumentReference& wanted, const std::string& what, std::uint64_t most_bytes) {
    if (wanted.size_bytes <= most_bytes) return;
    refuse(Code::format_limit, what + " has " + std::to_string(wanted.size_bytes) + " bytes, at most " +
                                   std::to_string(most_bytes) + " are allowed");
}

// Reads all of it and keeps none.
BlobAt prove(const BlobSource& source, const DocumentReference& wanted, const std::string& what,
             std::uint64_t most_bytes) {
    refuse_over(wanted, what, most_bytes);
    BlobAt blob = find_sized(source, wanted, what);
    const manifests::NextPiece next = compared_pieces(blob, what, wanted.digest);
    while (!next().empty()) {
    }
    return blob;
}

std::string read_proven(const BlobSource& source, const DocumentReference& wanted, const std::string& what,
                        std::uint64_t most_bytes = most_document_bytes) {
    std::string bytes = read_blob(find_sized(source, wanted, what), most_bytes);
    const Digest found = Digest::of(bytes);
    if (found != wanted.digest) refuse_digest(what, found, wanted.digest);
    return bytes;
}

DocumentReference reference_of(const Descriptor& descriptor) {
    return {descriptor.digest, descriptor.size_bytes};
}

template<typename Parse>
auto parsed(const std::string& what, const Parse& parse) {
    try {
        return parse();
    } catch (Error& error) {
        error.in(what);
        throw;
    }
}

struct Manifests {
    std::optional<DocumentReference> bundle;
    std::optional<DocumentReference> model;
    std::optional<Descriptor> document; ///< as the bundle manifest describes it
    std::vector<std::string> attestations;
};

void add_manifest(Manifests& found, const BlobSource& source, const DocumentReference& wanted) {
    const std::string what = "manifest " + wanted.digest.text();
    const BlobAt blob = prove(source, wanted, what, most_document_bytes);
    const manifests::ManifestHead head = parsed(
        what, [&] { return ImageManifest::read_head([&] { return pieces_of(blob); }, wanted.digest); });
    const auto only = [](std::optional<DocumentReference>& place, const DocumentReference& manifest,
                         const char* name) {
        if (place)
            refuse(Code::layout_manifest, std::string("there are two ") + name + " manifests, wanted one");
        place = manifest;
    };
    if (head.artifact_type == manifests::media::bundle_artifact) {
        only(found.bundle, wanted, "bundle");
        found.document = head.config;
    } else if (head.artifact_type == manifests::media::model_artifact) {
        only(found.model, wanted, "model");
    } else if (manifests::is_attestation_type(head.artifact_type)) {
        found.attestations.push_back(read_proven(source, wanted, what, most_attestation_bytes));
    } else {
        refuse(Code::layout_manifest,
               what + " has the unknown artifact type " + in_quotes(head.artifact_type));
    }
}

void refuse_too_many_manifests(std::size_t count) {
    if (count > most_manifests) refuse(Code::format_limit, "index.json lists over 1024 manifests");
}

void refuse_listed_twice(std::set<Digest>& listed, const Digest& manifest) {
    if (!listed.insert(manifest).second)
        refuse(Code::format_duplicate, "index.json lists manifest " + manifest.text() + " twice");
}

Manifests read_manifests(const BlobSource& source) {
    const auto index =
        parsed("index.json", [&] { return manifests::ImageIndex::parse(source.read_named("index.json")); });
    refuse_too_many_manifests(index.manifests.size());
    Manifests found;
    std::set<Digest> listed;
    for (const Descriptor& descriptor : index.manifests) {
        refuse_listed_twice(listed, descriptor.digest);
        add_manifest(found, source, reference_of(descriptor));
    }
    if (!found.bundle) refuse(Code::layout_manifest, "there is no bundle manifest");
    if (!found.model) refuse(Code::layout_manifest, "there is no model manifest");
    return found;
}

std::vector<std::string> read_envelopes(const BlobSource& source, const Manifests& found) {
    std::vector<std::string> envelopes;
    for (const std::string& bytes : found.attestations) {
        const ImageManifest manifest = ImageManifest::parse(bytes);
        if (manifest.layers.size() != 1)
            refuse(Code::layout_manifest, "an attestation manifest has not exactly one layer");
        envelopes.push_back(
            read_proven(source, reference_of(manifest.layers[0]), "signature envelope", most_envelope_bytes));
        if (manifests::attestation_manifest(envelopes.back(), *found.bundle) != bytes) {
            refuse(Code::layout_manifest, "an attestation manifest is not about this bundle manifest");
        }
    }
    return envelopes;
}

// What a reader would refuse in the documents that follow from these, although each is right.
void refuse_unreadable(const manifests::Assembly& assembly, const std::vector<std::string>& envelopes) {
    for (const DocumentReference& manifest : {assembly.bundle_manifest, assembly.model_manifest})
        refuse_over(manifest, "manifest " + manifest.digest.text(), most_document_bytes);
    refuse_over(assembly.document, "bundle document", most_document_bytes);
    refuse_over(assembly.model_config, in_quotes(manifests::blob_name(assembly.model_config.digest)),
                most_document_bytes);
    refuse_too_many_manifests(2 + envelopes.size());
    std::set<Digest> listed;
    for (const std::string& envelope : envelopes)
        refuse_listed_twice(listed,
                            Digest::of(manifests::attestation_manifest(envelope, assembly.bundle_manifest)));
}

// The profile decides whether a machine fits, so it has to be one, and the one that the bundle shows.
void prove_profile(const std::string& bytes, const std::string& wanted_id) {
    const std::string id = parsed("profile", [&] { return manifests::Profile::parse(bytes); }).id;
    if (id != wanted_id) {
        refuse(Code::format_document,
               "the profile is " + in_quotes(id) + ", the bundle document says " + in_quotes(wanted_id));
    }
}

} // namespace

Bundle Bundle::open(const std::string& path) {
    // Only looked at, for opening a pipe would wait until somebody writes.
    const FileDescriptor there(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!there) throw_errno("cannot open", path);
    const FileFacts facts = facts_of(there, path);
    if (facts.kind == FileKind::directory) return Bundle(path, Form::folder, open_bundle_folder(path));
    if (facts.kind != FileKind::regular)
        refuse(Code::format_not_a_bundle, "this is neither a file nor a folder");
    return Bundle(path, Form::file, open_bundle_file(path));
}

Bundle Bundle::open_generation(const std::string& path) {
    return Bundle(path, Form::generation, open_generation_folder(path));
}

Bundle Bundle::open_known(std::string path, KnownBundle known, std::unique_ptr<BlobSource> source,
                          Form form) {
    return Bundle(std::move(path), form, std::move(source), std::move(known));
}

Bundle Bundle::open_pipe(std::shared_ptr<PipeSpool> spool) {
    return Bundle("-", Form::pipe, open_bundle_pipe(std::move(spool)));
}

Bundle open_bundle(const std::string& path) {
    try {
        return Bundle::open(path);
    } catch (Error& error) {
        if (error.fault() == Fault::damaged) error.in(path);
        throw;
    }
}

Bundle::Bundle(std::string path, Form form, std::unique_ptr<BlobSource> source)
    : path_(std::move(path)),
      form_(form),
      source_(std::move(source)),
      assembly_{nothing, nothing, nothing, nothing} {
    if (!manifests::is_oci_layout(source_->read_named("oci-layout"))) {
        refuse(Code::format_not_a_bundle, "'oci-layout' does not say version 1.0.0");
    }
    read_documents();
    const std::vector<manifests::LayoutItem> all = items();
    prove_items(all);
    source_->refuse_others(contents(), all);
}

Bundle::Bundle(std::string path, Form form, std::unique_ptr<BlobSource> source, KnownBundle known)
    : path_(std::move(path)),
      form_(form),
      source_(std::move(source)),
      document_(std::move(known.document)),
      assembly_(known.assembly),
      carried_{.profile = "", .envelopes = std::move(known.envelopes)} {
    refuse_unreadable(assembly_, carried_.envelopes);
    prove_carried();
    for (const manifests::LayoutItem& item : items())
        if (item.kind == manifests::ItemKind::chunk_table) find_item(*source_, item);
}

void Bundle::read_documents() {
    const Manifests found = read_manifests(*source_);
    const BlobAt blob =
        prove(*source_, reference_of(*found.document), "bundle document", most_document_bytes);
    const auto document = std::make_shared<manifests::BundleDocument>(parsed("bundle document", [&] {
        return manifests::BundleDocument::read(pieces_of(blob), found.document->digest);
    }));
    assembly_ = parsed("bundle document", [&] { return manifests::assemble(*document); });
    document_ = document;
    if (assembly_.document.digest != found.document->digest || assembly_.model_manifest != *found.model) {
        refuse(Code::content_unnamed,
               "the model manifest is not the one that follows from the bundle document");
    }
    if (assembly_.bundle_manifest != *found.bundle) {
        refuse(Code::content_unnamed,
               "the bundle manifest is not the one that follows from the bundle document");
    }
    prove_carried();
    carried_.envelopes = read_envelopes(*source_, found);
}

void Bundle::prove_carried() {
    carried_.profile = read_proven(*source_, document_->profile, "profile");
    prove_profile(carried_.profile, document_->profile_id);
    prove(*source_, document_->software_bom, "software BOM", most_bom_bytes);
    prove(*source_, document_->hardware_bom, "hardware BOM", most_bom_bytes);
}

// What was not read above: it has to be there with the right bytes all the same. Chunk tables are proven
// when they are used, against the trees of their files.
void Bundle::prove_items(const std::vector<manifests::LayoutItem>& items) const {
    for (const manifests::LayoutItem& item : items) {
        if (item.kind == manifests::ItemKind::model_config || item.kind == manifests::ItemKind::empty_config)
            prove(*source_, {item.digest, item.size_bytes}, in_quotes(item.name()), most_document_bytes);
        if (item.kind == manifests::ItemKind::chunk_table) find_item(*source_, item);
    }
}

BlobAt Bundle::locate(const DocumentReference& reference, const std::string& what) const {
    BlobAt blob = find_sized(*source_, reference, manifests::escaped(what));
    blob.where = what;
    return blob;
}

manifests::NextPiece Bundle::bom(Bom which) const {
    const bool is_software = which == Bom::software;
    const std::string what = is_software ? "software BOM" : "hardware BOM";
    const DocumentReference& wanted = is_software ? document_->software_bom : document_->hardware_bom;
    return compared_pieces(find_sized(*source_, wanted, what), what, wanted.digest);
}

BlobAt Bundle::locate(const manifests::BundleFile& file) const {
    auto blob = source_->find_file(file);
    if (!blob) refuse(Code::layout_blob_missing, in_quotes(file.path.text()) + " is missing");
    if (blob->size_bytes != file.size_bytes) {
        refuse(Code::content_size, in_quotes(file.path.text()) + " has " + std::to_string(blob->size_bytes) +
                                       " bytes, wanted " + std::to_string(file.size_bytes));
    }
    blob->where = file.path.text();
    return *blob;
}

std::string_view name_of(Bundle::Form form) {
    switch (form) {
    case Bundle::Form::file:
        return "file";
    case Bundle::Form::folder:
        return "folder";
    case Bundle::Form::generation:
        return "generation";
    case Bundle::Form::pipe:
        break;
    }
    return "pipe";
}

} // namespace runtime
