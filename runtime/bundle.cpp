#include "runtime/bundle.hpp"

#include <optional>
#include <set>

#include <fcntl.h>

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
using manifests::Error;
using manifests::Fault;
using manifests::ImageManifest;
using manifests::in_quotes;

constexpr std::uint64_t most_document_bytes = 64ULL << 20; // the bundle document of 100,000 files has 25 MB
constexpr std::size_t most_manifests = 1024;               // one bundle, one model, the rest signatures

[[noreturn]] void refuse(Code code, const std::string& text) {
    throw Error(Fault::damaged, code, text);
}

std::string read_proven(const BlobSource& source, const Digest& digest, std::uint64_t size_bytes,
                        const std::string& what) {
    const auto blob = source.find(digest);
    if (!blob) refuse(Code::layout_blob_missing, what + ": blob " + digest.text() + " is missing");
    if (blob->size_bytes != size_bytes) {
        refuse(Code::content_size, what + " has " + std::to_string(blob->size_bytes) + " bytes, wanted " +
                                       std::to_string(size_bytes));
    }
    std::string bytes = read_blob(*blob, most_document_bytes);
    const Digest found = Digest::of(bytes);
    if (found != digest)
        refuse(Code::content_digest, what + " has digest " + found.text() + ", wanted " + digest.text());
    return bytes;
}

std::string read_proven(const BlobSource& source, const Descriptor& descriptor, const std::string& what) {
    return read_proven(source, descriptor.digest, descriptor.size_bytes, what);
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
    std::string bundle;
    std::string model;
    std::vector<std::string> attestations;
};

Manifests read_manifests(const BlobSource& source) {
    const auto index =
        parsed("index.json", [&] { return manifests::ImageIndex::parse(source.read_named("index.json")); });
    if (index.manifests.size() > most_manifests)
        refuse(Code::format_limit, "index.json lists over 1024 manifests");
    Manifests found;
    const auto only = [](std::string& place, std::string bytes, const char* what) {
        if (!place.empty())
            refuse(Code::layout_manifest, std::string("there are two ") + what + " manifests, wanted one");
        place = std::move(bytes);
    };
    std::set<Digest> seen;
    for (const Descriptor& descriptor : index.manifests) {
        const std::string what = "manifest " + descriptor.digest.text();
        if (!seen.insert(descriptor.digest).second)
            refuse(Code::layout_index, "index.json lists " + what + " twice");
        std::string bytes = read_proven(source, descriptor, what);
        const std::string type = parsed(what, [&] { return ImageManifest::parse(bytes); }).artifact_type;
        if (type == manifests::media::bundle_artifact) {
            only(found.bundle, std::move(bytes), "bundle");
        } else if (type == manifests::media::model_artifact) {
            only(found.model, std::move(bytes), "model");
        } else if (type == manifests::media::release_artifact) {
            found.attestations.push_back(std::move(bytes));
        } else {
            refuse(Code::layout_manifest, what + " has the unknown artifact type " + in_quotes(type));
        }
    }
    if (found.bundle.empty()) refuse(Code::layout_manifest, "there is no bundle manifest");
    if (found.model.empty()) refuse(Code::layout_manifest, "there is no model manifest");
    return found;
}

std::vector<std::string> read_envelopes(const BlobSource& source, const Manifests& found) {
    std::vector<std::string> envelopes;
    for (const std::string& bytes : found.attestations) {
        const ImageManifest manifest = ImageManifest::parse(bytes);
        if (manifest.layers.size() != 1)
            refuse(Code::layout_manifest, "an attestation manifest has not exactly one layer");
        envelopes.push_back(read_proven(source, manifest.layers[0], "signature envelope"));
        if (manifests::attestation_manifest(envelopes.back(), found.bundle) != bytes) {
            refuse(Code::layout_manifest, "an attestation manifest is not about this bundle manifest");
        }
    }
    return envelopes;
}

// The empty config, the ModelPack config and all other small documents, each against the digest that names
// it.
void prove_documents(const BlobSource& source, const std::vector<manifests::LayoutItem>& items) {
    for (const manifests::LayoutItem& item : items) {
        if (item.bytes && item.digest)
            read_proven(source, *item.digest, item.size_bytes, in_quotes(item.name));
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

Bundle open_bundle(const std::string& path) {
    try {
        return Bundle::open(path);
    } catch (Error& error) {
        if (error.fault() == Fault::damaged) error.in(path);
        throw;
    }
}

Bundle::Bundle(std::string path, Form form, std::unique_ptr<BlobSource> source)
    : path_(std::move(path)), form_(form), source_(std::move(source)), digest_(Digest::of("")) {
    if (source_->read_named("oci-layout") != manifests::oci_layout_bytes()) {
        refuse(Code::format_not_a_bundle, "'oci-layout' does not say version 1.0.0");
    }
    const Manifests found = read_manifests(*source_);
    digest_ = Digest::of(found.bundle);
    const Descriptor config = ImageManifest::parse(found.bundle).config;
    const std::string document = read_proven(*source_, config, "bundle document");
    document_ = std::make_unique<manifests::BundleDocument>(
        parsed("bundle document", [&] { return manifests::BundleDocument::parse(document); }));
    assembly_ = parsed("bundle document", [&] { return manifests::assemble(*document_); });
    if (assembly_.document != document || assembly_.model_manifest != found.model) {
        refuse(Code::content_unnamed,
               "the model manifest is not the one that follows from the bundle document");
    }
    if (assembly_.bundle_manifest != found.bundle) {
        refuse(Code::content_unnamed,
               "the bundle manifest is not the one that follows from the bundle document");
    }
    const auto read = [&](const manifests::DocumentReference& reference, const char* what) {
        return read_proven(*source_, reference.digest, reference.size_bytes, what);
    };
    carried_.profile = read(document_->profile, "profile");
    carried_.software_bom = read(document_->software_bom, "software BOM");
    carried_.hardware_bom = read(document_->hardware_bom, "hardware BOM");
    carried_.envelopes = read_envelopes(*source_, found);
    items_ = manifests::items_of(assembly_, *document_, carried_);
    prove_documents(*source_, items_);
    source_->refuse_others(items_, document_->files);
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
        break;
    }
    return "generation";
}

} // namespace runtime
