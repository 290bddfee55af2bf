#include "manifests/assembly.hpp"

#include <set>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/plain_tree.hpp"
#include "tests/support/sample_document.hpp"
#include "tests/support/schema.hpp"

using manifests::assemble;
using manifests::Assembly;
using manifests::BundleDocument;
using manifests::BundlePath;
using manifests::Derived;
using manifests::Digest;
using manifests::Fault;
using manifests::ImageManifest;
using manifests::Json;
using tests::faults_with;
using tests::sample_document;

namespace media = manifests::media;

namespace {

using Change = void (*)(BundleDocument&);

// A document with all that follows from it, as text.
struct Assembled {
    explicit Assembled(BundleDocument document_to_assemble)
        : value(std::move(document_to_assemble)), assembly(assemble(value)) {}
    std::string text(Derived which) const { return manifests::derived_text(which, value, assembly); }

    BundleDocument value;
    Assembly assembly;
    std::string document = text(Derived::document);
    std::string model_config = text(Derived::model_config);
    std::string model_manifest = text(Derived::model_manifest);
    std::string bundle_manifest = text(Derived::bundle_manifest);
};

manifests::DocumentReference refer(const std::string& bytes) {
    return {Digest::of(bytes), bytes.size()};
}

std::vector<std::string> titles(const ImageManifest& manifest) {
    std::vector<std::string> list;
    for (const auto& layer : manifest.layers)
        list.push_back(layer.annotations.at(std::string(media::annotation_title)));
    return list;
}

// What the OCI image-spec's schema demands of a descriptor, by hand: the schema itself is draft 4 in seven
// files.
void check_descriptor(const Json& descriptor) {
    CHECK_THAT(
        descriptor.at("mediaType").get<std::string>(),
        Catch::Matches("[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"));
    CHECK_THAT(descriptor.at("digest").get<std::string>(), Catch::Matches("sha256:[0-9a-f]{64}"));
    CHECK(descriptor.at("size").is_number_unsigned());
    for (const auto& [name, member] : descriptor.items()) {
        CHECK((name == "mediaType" || name == "digest" || name == "size" || name == "annotations"));
    }
}

void check_manifest(const std::string& bytes) {
    const Json manifest = Json::parse(bytes);
    CHECK(manifest.at("schemaVersion") == 2);
    CHECK(manifest.at("mediaType") == media::oci_manifest);
    check_descriptor(manifest.at("config"));
    REQUIRE(!manifest.at("layers").empty());
    for (const Json& layer : manifest.at("layers"))
        check_descriptor(layer);
    if (manifest.contains("subject")) check_descriptor(manifest.at("subject"));
}

} // namespace

TEST_CASE("the manifests are OCI image manifests", "[manifests][assembly]") {
    const Assembled assembly(sample_document());
    check_manifest(assembly.bundle_manifest);
    check_manifest(assembly.model_manifest);
    check_manifest(manifests::attestation_manifest("envelope", assembly.assembly.bundle_manifest));
}

TEST_CASE("the model config is one that the ModelPack schema takes", "[manifests][assembly]") {
    const std::string config = Assembled(sample_document()).model_config;
    CHECK(tests::model_config_problems(config) == std::vector<std::string>{});
    BundleDocument bare = sample_document();
    bare.model = {};
    CHECK(tests::model_config_problems(Assembled(bare).model_config) == std::vector<std::string>{});
    // The schema is one that refuses: else the lines above would prove nothing.
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"\"layers\"", "\"tree\""}, {"diffIds", "diffids"}, {"paramSize", "paramsize"}}) {
        std::string wrong = config;
        REQUIRE(wrong.find(from) != std::string::npos);
        wrong.replace(wrong.find(from), from.size(), to);
        CAPTURE(from);
        CHECK_FALSE(tests::model_config_problems(wrong).empty());
    }
}

TEST_CASE("the model manifest is pure ModelPack", "[manifests][assembly]") {
    const Assembled assembly(sample_document());
    const ImageManifest model = ImageManifest::parse(assembly.model_manifest);
    CHECK(model.artifact_type == "application/vnd.cncf.model.manifest.v1+json");
    CHECK(model.config.media_type == "application/vnd.cncf.model.config.v1+json");
    CHECK(model.config.digest == Digest::of(assembly.model_config));
    CHECK_FALSE(model.subject);
    const std::set<std::string> allowed = {"application/vnd.cncf.model.weight.v1.raw",
                                           "application/vnd.cncf.model.weight.config.v1.raw",
                                           "application/vnd.cncf.model.doc.v1.raw"};
    for (const auto& layer : model.layers)
        CHECK(allowed.contains(layer.media_type));
    CHECK(titles(model) == std::vector<std::string>{"weights/config.json", "docs/README.md",
                                                    "weights/model-1.bin", "weights/model-2.bin",
                                                    "weights/model-3.bin"});
    const Json config = Json::parse(assembly.model_config);
    REQUIRE(config["modelfs"]["diffIds"].size() == model.layers.size());
    for (std::size_t i = 0; i < model.layers.size(); ++i)
        CHECK(config["modelfs"]["diffIds"][i] == model.layers[i].digest.text());
}

TEST_CASE("every layer has one name, said in both ways", "[manifests][assembly]") {
    const Assembled assembly(sample_document());
    std::set<std::string> names;
    for (const std::string& bytes : {assembly.model_manifest, assembly.bundle_manifest}) {
        for (const auto& layer : ImageManifest::parse(bytes).layers) {
            REQUIRE(layer.annotations.size() == 2);
            const std::string& title = layer.annotations.at("org.opencontainers.image.title");
            CHECK(layer.annotations.at("org.cncf.model.filepath") == title);
            CHECK(BundlePath::parse(title).text() == title);
            CHECK(names.insert(title).second);
        }
    }
    CHECK(names.size() == sample_document().files.size() + 3 + 1); // profile, BOMs, and one chunk table
}

TEST_CASE("the bundle manifest carries all that is not the model", "[manifests][assembly]") {
    const Assembled assembly(sample_document());
    const ImageManifest bundle = ImageManifest::parse(assembly.bundle_manifest);
    CHECK(bundle.artifact_type == "application/vnd.sealift.bundle.v1+json");
    CHECK(bundle.config.digest == Digest::of(assembly.document));
    CHECK(titles(bundle) ==
          std::vector<std::string>{"sealift/profile.json", "sealift/software.cdx.json",
                                   "sealift/hardware.design.cdx.json", "sealift/chunks/weights/model-3.bin",
                                   "config/answer.json", "config/same.json", "engine/libbase.so",
                                   "engine/server", "kernels/chip.so"});
    CHECK(bundle.layers[4].digest == bundle.layers[5].digest); // equal files share a blob, not a name
    CHECK(bundle.layers[3].media_type == "application/vnd.sealift.chunk-table.v1.raw");
    CHECK(bundle.layers[3].size_bytes == 96);
    const std::string table = tests::plain_chunks(tests::sample_contents().at("weights/model-3.bin"));
    CHECK(bundle.layers[3].digest == Digest::of(table));
}

TEST_CASE("the bundle document names the model manifest", "[manifests][assembly]") {
    const Assembled assembly(sample_document());
    const BundleDocument document = BundleDocument::parse(assembly.document);
    CHECK(document.model_manifest.digest == Digest::of(assembly.model_manifest));
    CHECK(document.model_manifest.size_bytes == assembly.model_manifest.size());
}

TEST_CASE("what follows is referred to by its very bytes, in pieces or whole", "[manifests][assembly]") {
    const Assembled assembly(sample_document());
    CHECK(assembly.assembly.document == refer(assembly.document));
    CHECK(assembly.assembly.model_config == refer(assembly.model_config));
    CHECK(assembly.assembly.model_manifest == refer(assembly.model_manifest));
    CHECK(assembly.assembly.bundle_manifest == refer(assembly.bundle_manifest));
    CHECK(assembly.document == assembly.value.encode());
    for (const std::string& bytes : {assembly.model_manifest, assembly.bundle_manifest}) { // one spelling
        const auto open = [&bytes] {
            return [rest = std::string_view(bytes)]() mutable {
                const std::string_view piece = rest.substr(0, 7);
                rest.remove_prefix(piece.size());
                return piece;
            };
        };
        const ImageManifest whole = ImageManifest::parse(bytes);
        const manifests::ManifestHead head = ImageManifest::read_head(open, Digest::of(bytes));
        CHECK(head.artifact_type == whole.artifact_type);
        CHECK(head.config == whole.config);
        REQUIRE_THROWS_MATCHES(ImageManifest::read_head(open, Digest::of("other")), manifests::Error,
                               faults_with(Fault::damaged, manifests::Code::format_document));
    }
}

TEST_CASE("the digest of the bundle changes with anything in its document", "[manifests][assembly]") {
    const auto [what, change] = GENERATE(table<std::string, Change>({
        {"name", [](BundleDocument& d) { d.name = "other"; }},
        {"version", [](BundleDocument& d) { d.version = "2"; }},
        {"release counter", [](BundleDocument& d) { d.release_counter = 8; }},
        {"profile id", [](BundleDocument& d) { d.profile_id = "other"; }},
        {"profile digest", [](BundleDocument& d) { d.profile.digest = Digest::of("other"); }},
        {"profile size", [](BundleDocument& d) { ++d.profile.size_bytes; }},
        {"software BOM", [](BundleDocument& d) { d.software_bom.digest = Digest::of("other"); }},
        {"hardware BOM", [](BundleDocument& d) { d.hardware_bom.digest = Digest::of("other"); }},
        {"model name", [](BundleDocument& d) { d.model.name = "Other"; }},
        {"model precision", [](BundleDocument& d) { d.model.precision = "bfloat16"; }},
        {"model licence", [](BundleDocument& d) { d.model.licenses = {"Apache-2.0"}; }},
        {"mode of a file", [](BundleDocument& d) { d.files[0].mode = manifests::FileMode::executable; }},
        {"role of a file", [](BundleDocument& d) { d.files[0].role = manifests::Role::engine; }},
        {"path of a file", [](BundleDocument& d) { d.files[8].path = BundlePath::parse("weights/z"); }},
        {"size of a file", [](BundleDocument& d) { ++d.files[8].size_bytes; }},
        {"digest of a file", [](BundleDocument& d) { d.files[8].digest = Digest::of("other"); }},
        {"tree of a file", [](BundleDocument& d) { d.files[8].fs_verity = Digest::of("other"); }},
        {"chunk table of a file", [](BundleDocument& d) { d.files[9].chunk_table = Digest::of("other"); }},
        {"a file less", [](BundleDocument& d) { d.files.pop_back(); }},
        {"a required feature", [](BundleDocument& d) { d.kernels[0].requires_features = {"avx2"}; }},
        {"what a kernel fits", [](BundleDocument& d) { d.kernels[0].fits.clear(); }},
        {"an argument", [](BundleDocument& d) { d.runtime->arguments.emplace_back("--verbose"); }},
        {"the environment", [](BundleDocument& d) { d.runtime->environment.emplace_back("C", ""); }},
        {"the port", [](BundleDocument& d) { d.runtime->port = 81; }},
        {"the ready rule", [](BundleDocument& d) { d.runtime->ready.timeout_s = 1; }},
        {"the device rule", [](BundleDocument& d) { d.runtime->device.reset(); }},
        {"the known answer", [](BundleDocument& d) { d.runtime->known_answer.reset(); }},
        {"no runtime section", [](BundleDocument& d) { d.runtime.reset(); }},
    }));
    CAPTURE(what);
    BundleDocument document = sample_document();
    change(document);
    BundleDocument same = sample_document();
    CHECK(assemble(document).bundle_digest() != assemble(same).bundle_digest());
}

TEST_CASE("a document without weights is refused", "[manifests][assembly]") {
    BundleDocument document = sample_document();
    std::erase_if(document.files, [](const auto& file) { return file.role == manifests::Role::weights; });
    REQUIRE(document.files.size() == 7); // model configuration and documents alone are no model
    REQUIRE_THROWS_MATCHES(assemble(document), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("an attestation is about one bundle manifest and says so", "[manifests][assembly]") {
    const Assembled assembly(sample_document());
    const auto manifest =
        ImageManifest::parse(manifests::attestation_manifest("envelope", assembly.assembly.bundle_manifest));
    REQUIRE(manifest.subject);
    CHECK(manifest.subject->digest == assembly.assembly.bundle_digest());
    CHECK(manifest.subject->size_bytes == assembly.bundle_manifest.size());
    CHECK(manifest.config.digest == Digest::of("{}"));
    REQUIRE(manifest.layers.size() == 1);
    CHECK(manifest.layers[0].digest == Digest::of("envelope"));
}

TEST_CASE("an index lists bundle, model and attestations, each with a tag", "[manifests][assembly]") {
    const auto index = manifests::index_of(refer("b"), refer("m"), {"three", "one", "two"});
    REQUIRE(index.manifests.size() == 5);
    std::set<std::string> tags;
    for (const auto& one : index.manifests)
        CHECK(tags.insert(one.annotations.at("org.opencontainers.image.ref.name")).second);
    CHECK(index.manifests[0].digest == Digest::of("b"));
    CHECK(index.manifests[1].digest == Digest::of("m"));
    CHECK(index.manifests[2].digest < index.manifests[3].digest);
    CHECK(index.manifests[3].digest < index.manifests[4].digest);
    CHECK(tags.contains("bundle"));
    CHECK(tags.contains("model"));
    const std::string one = "attestation-" + Digest::of("one").hex().substr(0, 16);
    CHECK(tags.contains(one));
    CHECK_FALSE(Json::parse(index.encode()).contains("artifactType"));
}

TEST_CASE("the format of a bundle has not changed", "[manifests][assembly][golden]") {
    // Whoever changes one of these lines changes the format: bundles that are signed and out there stay as
    // they are, so FORMAT.md and a new schema name come with it.
    const Assembled assembly(sample_document());
    CHECK(Digest::of(assembly.model_config).hex() ==
          "9d74851593f0555b045fa6267ad565f4364e7418cb9cab641bd3c9ec6e72068f");
    CHECK(Digest::of(assembly.model_manifest).hex() ==
          "4e99504efbd45b8b36fa847b1ae5d214a4ee7a6fed857d1197c5e3139aafed77");
    CHECK(Digest::of(assembly.document).hex() ==
          "222115b50d92bb5e9a476ed052b437455508926659d4ccb6e7a3b0a8f90e0177");
    CHECK(assembly.assembly.bundle_digest().hex() ==
          "63651cb64ac83f5c648a4f160eb48dea1b37c0a276652ef69c8ab7c45d134aa2");
}
