#include "tests/support/sample_document.hpp"

#include "manifests/assembly.hpp"
#include "tests/support/plain_tree.hpp"

namespace tests {
namespace {

using manifests::BundleDocument;
using manifests::BundlePath;
using manifests::Digest;
using manifests::FileMode;
using manifests::Role;

constexpr const char* answer = R"({"prompt":"a","text":"b","tokens":[1],"logprobs":[-0.5]})";

manifests::DocumentReference refer(const std::string& bytes) {
    return {Digest::of(bytes), bytes.size()};
}

Role role_of(const BundlePath& path) {
    if (path.is_inside("weights")) return path.name() == "config.json" ? Role::model_config : Role::weights;
    if (path.is_inside("kernels")) return Role::kernel;
    if (path.is_inside("engine")) return Role::engine;
    return path.is_inside("docs") ? Role::doc : Role::config;
}

// Three chunks that are all different.
std::string large_weights() {
    std::string bytes;
    for (std::size_t i = 0; i < 1'200'000; ++i)
        bytes += static_cast<char>(i % 251 + i / 4096);
    return bytes;
}

} // namespace

std::map<std::string, std::string> sample_contents() {
    return {{"config/answer.json", answer},    {"config/same.json", answer},
            {"docs/README.md", "# Sample\n"},  {"engine/libbase.so", "the library"},
            {"engine/server", "the program"},  {"kernels/chip.so", "the kernel"},
            {"weights/config.json", "{}"},     {"weights/model-1.bin", std::string(70'000, 'w')},
            {"weights/model-2.bin", "little"}, {"weights/model-3.bin", large_weights()}};
}

SampleDocuments sample_documents() {
    return {.profile = R"({"id":"sample-chip"})",
            .software_bom = R"({"bom":"software"})",
            .hardware_bom = R"({"bom":"hardware"})"};
}

BundleDocument sample_document() {
    const SampleDocuments documents = sample_documents();
    const Digest library = Digest::of(sample_contents().at("engine/libbase.so"));
    BundleDocument document{
        .name = "sample",
        .version = "1.2.0+rc.1",
        .release_counter = 7,
        .profile_id = "sample-chip",
        .profile = refer(documents.profile),
        .model = {"Sample", "DeepseekV2ForCausalLM", "gguf", "deepseek2", "1.1M", "float32", "q8_0", {"MIT"}},
        .files = {},
        .kernels = {{BundlePath::parse("kernels/chip.so"), {"avx2", "fma"}, {library}}},
        .runtime = manifests::RuntimeSection{.entrypoint = BundlePath::parse("engine/server"),
                                             .arguments = {"--library", "{file:engine/libbase.so}",
                                                           "--model={fd:weights/model-1.bin}",
                                                           "{offset:weights/model-1.bin}", "{dir:engine}",
                                                           "{port}", "{threads}", "a {{brace}"},
                                             .environment = {{"A", "1"}, {"B", ""}},
                                             .port = 8080,
                                             .ready = {"listening ", "/health?full=1", 86'400},
                                             .device = manifests::DeviceRule{"/props", "/device", "CPU"},
                                             .known_answer = BundlePath::parse("config/answer.json")},
        .software_bom = refer(documents.software_bom),
        .hardware_bom = refer(documents.hardware_bom),
        .model_manifest = refer("")};
    for (const auto& [path, bytes] : sample_contents()) {
        document.files.push_back(file_of(path, role_of(BundlePath::parse(path)), bytes,
                                         path == "engine/server" ? FileMode::executable : FileMode::plain));
    }
    manifests::assemble(document);
    return BundleDocument::parse(document.encode());
}

} // namespace tests
