#include "manifests/assembly.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view reserved_folder = "sealift";

std::string_view media_type_of(Role role) {
    switch (role) {
    case Role::weights:
        return media::model_weight;
    case Role::model_config:
        return media::model_weight_config;
    case Role::doc:
        return media::model_doc;
    case Role::kernel:
        return media::kernel;
    case Role::engine:
        return media::engine;
    case Role::config:
        break;
    }
    return media::config;
}

bool is_of_the_model(Role role) {
    return role == Role::weights || role == Role::model_config || role == Role::doc;
}

Descriptor layer(std::string_view media_type, const DocumentReference& bytes, const std::string& path) {
    return {std::string(media_type),
            bytes.digest,
            bytes.size_bytes,
            {{std::string(media::annotation_title), path}, {std::string(media::annotation_filepath), path}}};
}

// Small roles first and weights last, by path inside a role: the order of the blobs too.
std::vector<const BundleFile*> in_layer_order(const BundleDocument& document) {
    std::vector<const BundleFile*> files;
    for (const BundleFile& file : document.files)
        files.push_back(&file);
    std::stable_sort(files.begin(), files.end(),
                     [](const auto* a, const auto* b) { return a->role < b->role; });
    return files;
}

std::vector<Descriptor> file_layers(const BundleDocument& document, bool of_the_model) {
    std::vector<Descriptor> layers;
    for (const BundleFile* file : in_layer_order(document)) {
        if (is_of_the_model(file->role) == of_the_model) {
            layers.push_back(
                layer(media_type_of(file->role), {file->digest, file->size_bytes}, file->path.text()));
        }
    }
    return layers;
}

std::string model_config(const BundleDocument& document, const std::vector<Descriptor>& layers) {
    const ModelFacts& model = document.model;
    OrderedJson descriptor = OrderedJson::object();
    OrderedJson config = OrderedJson::object();
    const auto put = [](OrderedJson& into, const char* name, const std::string& text) {
        if (!text.empty()) into[name] = text;
    };
    put(descriptor, "family", model.family);
    put(descriptor, "name", model.name.empty() ? document.name : model.name);
    put(descriptor, "version", document.version);
    if (!model.licenses.empty()) descriptor["licenses"] = model.licenses;
    put(config, "architecture", model.architecture);
    put(config, "format", model.format);
    put(config, "paramSize", model.parameters);
    put(config, "precision", model.precision);
    put(config, "quantization", model.quantization);
    OrderedJson digests = OrderedJson::array();
    for (const Descriptor& one : layers)
        digests.push_back(one.digest.text());
    return write_json({{"descriptor", descriptor},
                       {"modelfs", {{"type", "layers"}, {"diffIds", digests}}},
                       {"config", config}});
}

// Layers are told apart by their paths, and so are the files that `sealift cat` is asked for.
void refuse_reserved_paths(const BundleDocument& document) {
    for (const BundleFile& file : document.files) {
        const std::string key = collision_key(file.path);
        if (key != reserved_folder && !key.starts_with(std::string(reserved_folder) + "/")) continue;
        throw Error(Fault::damaged, Code::path_collision,
                    "path " + in_quotes(file.path.text()) + " is in the folder '" +
                        std::string(reserved_folder) + "', which belongs to the bundle's own documents");
    }
}

} // namespace

Assembly assemble(BundleDocument document) {
    refuse_reserved_paths(document);
    Assembly assembly;
    const std::vector<Descriptor> model_layers = file_layers(document, true);
    const bool weights = std::any_of(document.files.begin(), document.files.end(),
                                     [](const BundleFile& file) { return file.role == Role::weights; });
    if (!weights) refuse_document("there is no file with the role weights; a bundle carries a model");
    assembly.model_config = model_config(document, model_layers);
    assembly.model_manifest = ImageManifest{.artifact_type = std::string(media::model_artifact),
                                            .config = describe(media::model_config, assembly.model_config),
                                            .layers = model_layers,
                                            .subject = std::nullopt}
                                  .encode();
    document.model_manifest = {Digest::of(assembly.model_manifest), assembly.model_manifest.size()};
    assembly.document = document.encode();

    ImageManifest bundle{
        .artifact_type = std::string(media::bundle_artifact),
        .config = describe(media::bundle_document, assembly.document),
        .layers = {layer(media::profile, document.profile, "sealift/profile.json"),
                   layer(media::cyclonedx, document.software_bom, "sealift/software.cdx.json"),
                   layer(media::cyclonedx, document.hardware_bom, "sealift/hardware.design.cdx.json")},
        .subject = std::nullopt};
    for (Descriptor& one : file_layers(document, false))
        bundle.layers.push_back(std::move(one));
    assembly.bundle_manifest = bundle.encode();
    return assembly;
}

std::string attestation_manifest(std::string_view envelope, const std::string& bundle_manifest) {
    return ImageManifest{.artifact_type = std::string(media::release_artifact),
                         .config = describe(media::oci_empty, empty_config_bytes()),
                         .layers = {describe(media::dsse_envelope, envelope)},
                         .subject = describe(media::oci_manifest, bundle_manifest)}
        .encode();
}

ImageIndex index_of(const std::string& bundle_manifest, const std::string& model_manifest,
                    std::vector<std::string> attestation_manifests) {
    const auto tagged = [](const std::string& bytes, const std::string& tag) {
        Descriptor descriptor = describe(media::oci_manifest, bytes);
        descriptor.annotations[std::string(media::annotation_ref_name)] = tag;
        return descriptor;
    };
    ImageIndex index{{tagged(bundle_manifest, "bundle"), tagged(model_manifest, "model")}};
    std::sort(attestation_manifests.begin(), attestation_manifests.end(),
              [](const auto& a, const auto& b) { return Digest::of(a) < Digest::of(b); });
    for (const std::string& bytes : attestation_manifests) {
        index.manifests.push_back(tagged(bytes, "release-" + Digest::of(bytes).hex().substr(0, 16)));
    }
    return index;
}

} // namespace manifests
