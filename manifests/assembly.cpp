#include "manifests/assembly.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/attestation.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view reserved_folder = "sealift";
constexpr std::string_view chunk_folder = "sealift/chunks/";

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

// Gathers text and hands it on in pieces.
class Writer {
public:
    explicit Writer(const Sink& sink) : sink_(sink) {}
    std::string text;

    void pass_on() {
        constexpr std::size_t piece_bytes = 64 * 1024;
        if (text.size() >= piece_bytes) flush();
    }
    void flush() {
        sink_(text);
        text.clear();
    }

private:
    const Sink& sink_;
};

void append_descriptor(std::string& out, std::string_view media_type, const DocumentReference& bytes,
                       std::string_view path) {
    out += R"({"mediaType":")";
    out += media_type;
    out += R"(","digest":")" + bytes.digest.text();
    out += R"(","size":)" + std::to_string(bytes.size_bytes);
    if (!path.empty()) {
        std::string quoted;
        append_json_string(quoted, path);
        out += R"(,"annotations":{")";
        out += media::annotation_filepath;
        out += "\":" + quoted + ",\"";
        out += media::annotation_title;
        out += "\":" + quoted + '}';
    }
    out += '}';
}

// What an image manifest has in front of its layers.
void begin_manifest(std::string& out, std::string_view artifact_type, std::string_view config_type,
                    const DocumentReference& config) {
    out += R"({"schemaVersion":2,"mediaType":")";
    out += media::oci_manifest;
    out += R"(","artifactType":")";
    out += artifact_type;
    out += R"(","config":)";
    append_descriptor(out, config_type, config, {});
    out += R"(,"layers":[)";
}

void write_file_layers(Writer& writer, const BundleDocument& document, bool of_the_model, bool first) {
    for (const std::uint32_t index : layer_order(document)) {
        const BundleFile& file = document.files[index];
        if (is_of_the_model(file.role) != of_the_model) continue;
        if (!std::exchange(first, false)) writer.text += ',';
        append_descriptor(writer.text, media_type_of(file.role), {file.digest, file.size_bytes},
                          file.path.text());
        writer.pass_on();
    }
}

void write_model_manifest(const BundleDocument& document, const DocumentReference& config, const Sink& sink) {
    Writer writer(sink);
    begin_manifest(writer.text, media::model_artifact, media::model_config, config);
    write_file_layers(writer, document, true, true);
    writer.text += "]}";
    writer.flush();
}

void write_bundle_manifest(const BundleDocument& document, const DocumentReference& config,
                           const Sink& sink) {
    Writer writer(sink);
    begin_manifest(writer.text, media::bundle_artifact, media::bundle_document, config);
    append_descriptor(writer.text, media::profile, document.profile, "sealift/profile.json");
    writer.text += ',';
    append_descriptor(writer.text, media::cyclonedx, document.software_bom, "sealift/software.cdx.json");
    writer.text += ',';
    append_descriptor(writer.text, media::cyclonedx, document.hardware_bom,
                      "sealift/hardware.design.cdx.json");
    for (const std::uint32_t index : layer_order(document)) {
        const BundleFile& file = document.files[index];
        if (!file.chunk_table) continue;
        writer.text += ',';
        append_descriptor(writer.text, media::chunk_table, file.chunk_table_reference(),
                          std::string(chunk_folder) + file.path.text());
        writer.pass_on();
    }
    write_file_layers(writer, document, false, false);
    writer.text += "]}";
    writer.flush();
}

void write_model_config(const BundleDocument& document, const Sink& sink) {
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
    Writer writer(sink);
    writer.text +=
        R"({"descriptor":)" + write_json(descriptor) + R"(,"modelfs":{"type":"layers","diffIds":[)";
    bool first = true;
    for (const std::uint32_t index : layer_order(document)) {
        const BundleFile& file = document.files[index];
        if (!is_of_the_model(file.role)) continue;
        if (!std::exchange(first, false)) writer.text += ',';
        writer.text += '"' + file.digest.text() + '"';
        writer.pass_on();
    }
    writer.text += R"(]},"config":)" + write_json(config) + '}';
    writer.flush();
}

DocumentReference reference_of(const std::function<void(const Sink&)>& write) {
    Hasher hasher;
    std::uint64_t size_bytes = 0;
    write([&](std::string_view text) {
        hasher.update(text.data(), text.size());
        size_bytes += text.size();
    });
    return {hasher.finish(), size_bytes};
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

std::vector<std::uint32_t> layer_order(const BundleDocument& document) {
    std::vector<std::uint32_t> order(document.files.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return document.files[a].role < document.files[b].role;
    });
    return order;
}

Assembly assemble(BundleDocument& document) {
    refuse_reserved_paths(document);
    const bool weights = std::any_of(document.files.begin(), document.files.end(),
                                     [](const BundleFile& file) { return file.role == Role::weights; });
    if (!weights) refuse_document("there is no file with the role weights; a bundle carries a model");
    const DocumentReference model_config =
        reference_of([&](const Sink& sink) { write_model_config(document, sink); });
    document.model_manifest =
        reference_of([&](const Sink& sink) { write_model_manifest(document, model_config, sink); });
    const DocumentReference bytes = reference_of([&](const Sink& sink) { document.write(sink); });
    return {.document = bytes,
            .model_config = model_config,
            .model_manifest = document.model_manifest,
            .bundle_manifest =
                reference_of([&](const Sink& sink) { write_bundle_manifest(document, bytes, sink); })};
}

void write_derived(Derived which, const BundleDocument& document, const Assembly& assembly,
                   const Sink& sink) {
    switch (which) {
    case Derived::document:
        return document.write(sink);
    case Derived::model_config:
        return write_model_config(document, sink);
    case Derived::model_manifest:
        return write_model_manifest(document, assembly.model_config, sink);
    case Derived::bundle_manifest:
        return write_bundle_manifest(document, assembly.document, sink);
    }
}

std::string derived_text(Derived which, const BundleDocument& document, const Assembly& assembly) {
    std::string text;
    write_derived(which, document, assembly, [&](std::string_view piece) { text += piece; });
    return text;
}

std::string attestation_manifest(std::string_view envelope, const DocumentReference& bundle_manifest) {
    return ImageManifest{.artifact_type = attestation_type(envelope),
                         .config = describe(media::oci_empty, empty_config_bytes()),
                         .layers = {describe(media::dsse_envelope, envelope)},
                         .subject = Descriptor{std::string(media::oci_manifest),
                                               bundle_manifest.digest,
                                               bundle_manifest.size_bytes,
                                               {}}}
        .encode();
}

ImageIndex index_of(const DocumentReference& bundle_manifest, const DocumentReference& model_manifest,
                    std::vector<std::string> attestation_manifests) {
    const auto tagged = [](const DocumentReference& manifest, const std::string& tag) {
        return Descriptor{std::string(media::oci_manifest),
                          manifest.digest,
                          manifest.size_bytes,
                          {{std::string(media::annotation_ref_name), tag}}};
    };
    ImageIndex index{{tagged(bundle_manifest, "bundle"), tagged(model_manifest, "model")}};
    std::sort(attestation_manifests.begin(), attestation_manifests.end(),
              [](const auto& a, const auto& b) { return Digest::of(a) < Digest::of(b); });
    for (const std::string& bytes : attestation_manifests) {
        const DocumentReference manifest{Digest::of(bytes), bytes.size()};
        index.manifests.push_back(tagged(manifest, "attestation-" + manifest.digest.hex().substr(0, 16)));
    }
    return index;
}

} // namespace manifests
