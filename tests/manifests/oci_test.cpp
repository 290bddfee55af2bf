#include "manifests/oci.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "tests/support/faults.hpp"

using manifests::Descriptor;
using manifests::Digest;
using manifests::Fault;
using manifests::ImageIndex;
using manifests::ImageManifest;
using manifests::OrderedJson;
using tests::faults_with;

namespace {

using Change = void (*)(OrderedJson&);

ImageManifest sample() {
    Descriptor layer = manifests::describe(manifests::media::kernel, "kernel");
    layer.annotations = {{"org.opencontainers.image.title", "a"}, {"org.cncf.model.filepath", "a"}};
    return {.artifact_type = std::string(manifests::media::bundle_artifact),
            .config = manifests::describe(manifests::media::bundle_document, "{}"),
            .layers = {layer},
            .subject = manifests::describe(manifests::media::oci_manifest, "subject")};
}

std::string changed(Change change) {
    OrderedJson value = OrderedJson::parse(sample().encode());
    change(value);
    return manifests::write_json(value);
}

} // namespace

TEST_CASE("an image manifest is written in the field order of Go's encoder", "[manifests][oci]") {
    const std::string empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const ImageManifest manifest{.artifact_type = "application/x",
                                 .config = manifests::describe("application/c", ""),
                                 .layers = {manifests::describe("application/l", "")},
                                 .subject = std::nullopt};
    CHECK(manifest.encode() ==
          R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
          R"("artifactType":"application/x",)"
          R"("config":{"mediaType":"application/c","digest":")" +
              empty + R"(","size":0},"layers":[{"mediaType":"application/l","digest":")" + empty +
              R"(","size":0}]})");
}

TEST_CASE("an image manifest is read as it was written", "[manifests][oci]") {
    const std::string bytes = sample().encode();
    const ImageManifest again = ImageManifest::parse(bytes);
    CHECK(again.encode() == bytes);
    CHECK(again.layers == sample().layers);
    CHECK(again.subject == sample().subject);
    CHECK(again.config == sample().config);
}

TEST_CASE("an image manifest with one defect is refused", "[manifests][oci]") {
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"unknown member", [](OrderedJson& v) { v["annotations"] = OrderedJson::object(); }},
        {"schema version 1", [](OrderedJson& v) { v["schemaVersion"] = 1; }},
        {"schema version as text", [](OrderedJson& v) { v["schemaVersion"] = "2"; }},
        {"no media type", [](OrderedJson& v) { v.erase("mediaType"); }},
        {"media type of Docker",
         [](OrderedJson& v) { v["mediaType"] = "application/vnd.docker.distribution.manifest.v2+json"; }},
        {"no artifact type", [](OrderedJson& v) { v.erase("artifactType"); }},
        {"no config", [](OrderedJson& v) { v.erase("config"); }},
        {"no layers", [](OrderedJson& v) { v.erase("layers"); }},
        {"layers that are an object", [](OrderedJson& v) { v["layers"] = OrderedJson::object(); }},
        {"layer that is a text", [](OrderedJson& v) { v["layers"][0] = "x"; }},
        {"layer without a digest", [](OrderedJson& v) { v["layers"][0].erase("digest"); }},
        {"layer with a negative size", [](OrderedJson& v) { v["layers"][0]["size"] = -1; }},
        {"layer with size 2^63", [](OrderedJson& v) { v["layers"][0]["size"] = 1ULL << 63; }},
        {"layer with a fraction of a size", [](OrderedJson& v) { v["layers"][0]["size"] = 6.0; }},
        {"layer with a SHA-512 digest",
         [](OrderedJson& v) { v["layers"][0]["digest"] = "sha512:" + std::string(128, 'a'); }},
        {"layer from somewhere else",
         [](OrderedJson& v) { v["layers"][0]["urls"] = {"https://example.com/x"}; }},
        {"layer with its bytes inside", [](OrderedJson& v) { v["layers"][0]["data"] = "a2VybmVs"; }},
        {"layer for one platform", [](OrderedJson& v) { v["layers"][0]["platform"] = {{"os", "linux"}}; }},
        {"annotation that is a number", [](OrderedJson& v) { v["layers"][0]["annotations"]["x"] = 1; }},
        {"annotations that are there and empty",
         [](OrderedJson& v) { v["layers"][0]["annotations"] = OrderedJson::object(); }},
        {"members in another order",
         [](OrderedJson& v) {
             const OrderedJson config = v["config"];
             v.erase("config");
             v["config"] = config;
         }},
        {"subject that is null", [](OrderedJson& v) { v["subject"] = nullptr; }},
    }));
    CAPTURE(reason);
    REQUIRE_THROWS_MATCHES(ImageManifest::parse(changed(change)), manifests::Error,
                           faults_with(Fault::damaged));
}

TEST_CASE("a manifest is refused with one more byte", "[manifests][oci]") {
    const std::string bytes = sample().encode();
    for (const std::string& text : {bytes + "\n", bytes + " ", " " + bytes, bytes + std::string(1, '\0')})
        CHECK_THROWS_MATCHES(ImageManifest::parse(text), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("an index that another tool has written is read", "[manifests][oci]") {
    const std::string digest = Digest::of("x").text();
    const ImageIndex index =
        ImageIndex::parse(R"({ "manifests" : [ {"size": 1, "digest": ")" + digest +
                          R"(", "mediaType": "m", "artifactType": "a", "platform": {"os": "linux"}} ],
           "annotations": {"a": "b"}, "mediaType": "application/vnd.oci.image.index.v1+json", "schemaVersion": 2})");
    REQUIRE(index.manifests.size() == 1);
    CHECK(index.manifests[0].digest.text() == digest);
    CHECK(index.manifests[0].size_bytes == 1);
}

TEST_CASE("an index without a way to find manifests is refused", "[manifests][oci]") {
    const std::string text =
        GENERATE(as<std::string>(), "", "{}", "[]", "null", R"({"schemaVersion":2})",
                 R"({"schemaVersion":1,"manifests":[]})", R"({"schemaVersion":2,"manifests":{}})",
                 R"({"schemaVersion":2,"manifests":[1]})", R"({"schemaVersion":2,"manifests":[{}]})",
                 R"({"schemaVersion":2,"manifests":[{"mediaType":"m","digest":"sha256:","size":1}]})",
                 R"({"schemaVersion":2,"manifests":[],"manifests":[]})");
    CAPTURE(text);
    REQUIRE_THROWS_MATCHES(ImageIndex::parse(text), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("the fixed parts of a layout are those of the standard", "[manifests][oci]") {
    CHECK(manifests::oci_layout_bytes() == R"({"imageLayoutVersion":"1.0.0"})");
    // The digest that the image-spec gives for the empty descriptor.
    CHECK(Digest::of(manifests::empty_config_bytes()).text() ==
          "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    CHECK(manifests::blob_name(Digest::of("")) ==
          "blobs/sha256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
