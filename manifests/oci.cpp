#include "manifests/oci.hpp"

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

std::map<std::string, std::string> read_annotations(const Json& value) {
    std::map<std::string, std::string> annotations;
    for (const auto& [name, text] : value.items()) {
        if (!text.is_string()) refuse_document("annotation " + in_quotes(name) + " is not a string");
        annotations[name] = text.get<std::string>();
    }
    return annotations;
}

Descriptor read_descriptor(const Json& value) {
    Fields fields(value);
    Descriptor descriptor{.media_type = fields.text("mediaType"),
                          .digest = Digest::parse(fields.text("digest")),
                          .size_bytes = fields.count("size"),
                          .annotations = {}};
    if (fields.has("annotations")) descriptor.annotations = read_annotations(fields.object("annotations"));
    fields.allow_others("OCI image-spec: implementations MUST ignore unknown properties");
    return descriptor;
}

OrderedJson write_descriptor(const Descriptor& descriptor) {
    OrderedJson value = {{"mediaType", descriptor.media_type},
                         {"digest", descriptor.digest.text()},
                         {"size", descriptor.size_bytes}};
    if (!descriptor.annotations.empty()) value["annotations"] = descriptor.annotations;
    return value;
}

std::vector<Descriptor> read_descriptors(Fields& fields, std::string_view name) {
    std::vector<Descriptor> list;
    for (const Json& value : fields.array(name)) {
        try {
            list.push_back(read_descriptor(value));
        } catch (Error& error) {
            error.in(std::string(name) + "[" + std::to_string(list.size()) + "]");
            throw;
        }
    }
    return list;
}

OrderedJson write_descriptors(const std::vector<Descriptor>& list) {
    OrderedJson values = OrderedJson::array();
    for (const Descriptor& descriptor : list)
        values.push_back(write_descriptor(descriptor));
    return values;
}

} // namespace

Descriptor describe(std::string_view media_type, std::string_view bytes) {
    return {std::string(media_type), Digest::of(bytes), bytes.size(), {}};
}

ImageManifest ImageManifest::parse(std::string_view bytes) {
    const Json value = read_json(bytes);
    Fields fields(value);
    fields.must_be("schemaVersion", 2);
    fields.must_be("mediaType", media::oci_manifest);
    ImageManifest manifest{.artifact_type = fields.text("artifactType"),
                           .config = read_descriptor(fields.object("config")),
                           .layers = read_descriptors(fields, "layers"),
                           .subject = std::nullopt};
    if (fields.has("subject")) manifest.subject = read_descriptor(fields.object("subject"));
    fields.refuse_others();
    if (manifest.encode() != bytes) refuse_document("manifest is not spelled as the format spells it");
    return manifest;
}

ManifestHead ImageManifest::read_head(const std::function<NextPiece()>& open, const Digest& digest,
                                      const std::function<void(const Descriptor&)>& on_layer) {
    ImageManifest manifest{.artifact_type = {}, .config = {{}, digest, 0, {}}, .layers = {}, .subject = {}};
    {
        const Json value = read_json_list(open(), "layers", [](const Json&) {});
        Fields fields(value);
        fields.must_be("schemaVersion", 2);
        fields.must_be("mediaType", media::oci_manifest);
        manifest.artifact_type = fields.text("artifactType");
        manifest.config = read_descriptor(fields.object("config"));
        fields.array("layers");
        if (fields.has("subject")) manifest.subject = read_descriptor(fields.object("subject"));
        fields.refuse_others();
    }
    // One spelling only: what we would write for these values has the very digest of what we read.
    const std::string empty = manifest.encode();
    const std::size_t layers_at = empty.find(R"("layers":[)") + std::string_view(R"("layers":[)").size();
    Hasher hasher;
    hasher.update(empty.data(), layers_at);
    std::size_t count = 0;
    read_json_list(open(), "layers", [&](const Json& value) {
        try {
            const Descriptor layer = read_descriptor(value);
            const std::string text = (count == 0 ? "" : ",") + write_json(write_descriptor(layer));
            hasher.update(text.data(), text.size());
            ++count;
            if (on_layer) on_layer(layer);
        } catch (Error& error) {
            error.in("layers[" + std::to_string(count) + "]");
            throw;
        }
    });
    hasher.update(empty.data() + layers_at, empty.size() - layers_at);
    if (hasher.finish() != digest) refuse_document("manifest is not spelled as the format spells it");
    return {manifest.artifact_type, manifest.config};
}

std::string ImageManifest::encode() const {
    OrderedJson value = {{"schemaVersion", 2},
                         {"mediaType", media::oci_manifest},
                         {"artifactType", artifact_type},
                         {"config", write_descriptor(config)},
                         {"layers", write_descriptors(layers)}};
    if (subject) value["subject"] = write_descriptor(*subject);
    return write_json(value);
}

ImageIndex ImageIndex::parse(std::string_view bytes) {
    const Json value = read_json(bytes);
    Fields fields(value);
    fields.must_be("schemaVersion", 2);
    ImageIndex index{read_descriptors(fields, "manifests")};
    fields.allow_others("OCI image-spec: tools add mediaType and annotations to an index");
    return index;
}

std::string ImageIndex::encode() const {
    return write_json({{"schemaVersion", 2}, {"manifests", write_descriptors(manifests)}});
}

std::string_view oci_layout_bytes() {
    return R"({"imageLayoutVersion":"1.0.0"})";
}

bool is_oci_layout(std::string_view bytes) {
    try {
        const Json value = read_json(bytes);
        Fields fields(value);
        fields.allow_others("OCI image-spec: implementations MUST ignore unknown properties");
        return fields.text("imageLayoutVersion") == "1.0.0";
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return false;
    }
}

std::string_view empty_config_bytes() {
    return "{}";
}

std::string blob_name(const Digest& digest) {
    return "blobs/sha256/" + digest.hex();
}

} // namespace manifests
