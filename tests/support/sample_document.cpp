#include "tests/support/sample_document.hpp"

#include "manifests/assembly.hpp"

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

} // namespace

std::map<std::string, std::string> sample_contents() {
    return {{"config/answer.json", answer},   {"config/same.json", answer},
            {"docs/README.md", "# Sample\n"}, {"engine/libbase.so", "the library"},
            {"engine/server", "the program"}, {"kernels/chip.so", "the kernel"},
            {"weights/config.json", "{}"},    {"weights/model-1.bin", std::string(70'000, 'w')},
            {"weights/model-2.bin", "little"}};
}

manifests::CarriedDocuments sample_carried() {
    return {.profile = R"({"id":"sample-chip"})",
            .software_bom = R"({"bom":"software"})",
            .hardware_bom = R"({"bom":"hardware"})",
            .envelopes = {}};
}

BundleDocument sample_document() {
    const manifests::CarriedDocuments carried = sample_carried();
    const Digest library = Digest::of(sample_contents().at("engine/libbase.so"));
    BundleDocument document{
        .name = "sample",
        .version = "1.2.0+rc.1",
        .release_counter = 7,
        .profile_id = "sample-chip",
        .profile = refer(carried.profile),
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
        .software_bom = refer(carried.software_bom),
        .hardware_bom = refer(carried.hardware_bom),
        .model_manifest = refer("")};
    for (const auto& [path, bytes] : sample_contents()) {
        const BundlePath clean = BundlePath::parse(path);
        document.files.push_back({clean, role_of(clean),
                                  path == "engine/server" ? FileMode::executable : FileMode::plain,
                                  bytes.size(), Digest::of(bytes)});
    }
    return BundleDocument::parse(manifests::assemble(document).document);
}

} // namespace tests
