#include "tests/support/sample_bundle.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "packager/build.hpp"
#include "packager/countersign.hpp"
#include "packager/secret_key.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/files.hpp"
#include "tests/support/stub_answer.hpp"
#include "tests/support/weight_files.hpp"

namespace tests {
namespace {

using Json = nlohmann::ordered_json;

packager::SecretKey secret_key(char letter) {
    return packager::SecretKey::from_seed(std::string(packager::SecretKey::seed_bytes, letter));
}

std::string library(const std::string& soname, std::size_t payload_bytes) {
    ElfImage image;
    image.machine = this_architecture() == "aarch64" ? 183 : 62;
    image.soname = soname;
    image.payload = sample_bytes(payload_bytes, static_cast<std::uint32_t>(soname.size()));
    return make_elf(image).bytes;
}

Json runtime_section(const SampleOptions& options) {
    Json arguments = {
        "--library",  "{file:engine/libstub.so}",      "--kernel", "{file:kernels/libkernel.so}",
        "--model-fd", "{fd:weights/model-00002.gguf}", "--port",   "{port}"};
    for (const char* more : {"--model-offset", "{offset:weights/model-00002.gguf}", "--threads", "{threads}"})
        arguments.push_back(more);
    if (!options.misbehave.empty()) {
        arguments.push_back("--misbehave");
        arguments.push_back(options.misbehave);
    }
    for (const std::string& argument : options.more_arguments)
        arguments.push_back(argument);
    Json section = {{"entrypoint", "engine/stub_engine"}, {"arguments", arguments}};
    if (!options.environment.empty()) section["environment"] = Json::object();
    for (const auto& [name, text] : options.environment)
        section["environment"][name] = text;
    section["port"] = 0;
    section["ready"] = {
        {"listen_prefix", "listening "}, {"health_path", "/health"}, {"timeout_s", options.ready_timeout_s}};
    section["device"] = {{"path", "/props"}, {"pointer", "/device/backend"}, {"equals", "CPU"}};
    if (options.known_answer != "none") section["known_answer"] = "config/known_answer.json";
    return section;
}

Json recipe(const SampleOptions& options) {
    Json files = Json::array();
    const auto add = [&](const char* path, const char* role) {
        files.push_back({{"path", path}, {"role", role}});
    };
    add("weights/model-00001.gguf", "weights");
    add("weights/model-00002.gguf", "weights");
    add("weights/model-00003.gguf", "weights");
    add("weights/tokenizer.json", "model-config");
    add("kernels/libkernel.so", "kernel");
    add("engine/libstub.so", "engine");
    add("engine/stub_engine", "engine");
    add("config/known_answer.json", "config");
    add("config/same_answer.json", "config"); // the same bytes: one blob, two files
    add("docs/LICENSE", "doc");
    Json value = {{"schema", "sealift.recipe/1"},
                  {"name", options.name},
                  {"version", options.version},
                  {"release_counter", options.release_counter},
                  {"profile", "profile.json"},
                  {"model", {{"name", "sample"}, {"architecture", "deepseek2"}, {"format", "gguf"}}},
                  {"licenses", {{"weights", "MIT"}, {"engine", "MIT"}}},
                  {"files", files}};
    const Json kernel = {{"path", "kernels/libkernel.so"}, {"fits", {"engine/libstub.so"}}};
    value["kernels"] = Json::array({kernel});
    if (options.bootable) value["runtime"] = runtime_section(options);
    return value;
}

} // namespace

std::string this_architecture() {
    utsname system{};
    ::uname(&system);
    return system.machine;
}

std::string sample_bytes(std::size_t count, std::uint32_t seed) {
    std::string bytes(count, '\0');
    std::uint32_t state = seed * 2654435761U + 1;
    for (char& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

std::string sample_profile() {
    const std::string architecture = this_architecture();
    const Json value = {
        {"schema", "sealift.profile/1"},
        {"id", "any-machine"},
        {"title", "Any machine of this architecture"},
        {"cpu", {{"architecture", architecture}, {"features", Json::array()}, {"source", "test"}}},
        {"kernels",
         {{"elf_machine", architecture},
          {"names", {"libkernel.so"}},
          {"features", Json::array()},
          {"source", "test"}}},
        {"sources", Json::array({{{"id", "test"}, {"title", "This test"}, {"date", "2026-11-23"}}})}};
    return value.dump(2) + "\n";
}

manifests::PublicKey sample_key(char letter) {
    return secret_key(letter).public_key();
}

std::string write_sample_inputs(const TempDir& folder, const SampleOptions& options) {
    const std::string inputs =
        folder / ((options.output.empty() ? "sample.sealift" : options.output) + ".inputs");
    const auto put = [&](const std::string& path, std::string_view bytes) {
        write_file(inputs + "/" + path, bytes);
    };
    put("weights/model-00001.gguf", make_plain_gguf(sample_bytes(8'940, 1)));
    put("weights/model-00002.gguf",
        make_plain_gguf(sample_bytes(149'940, 2))); // three times the alignment, nearly
    put("weights/model-00003.gguf",
        make_plain_gguf(sample_bytes(options.large_bytes - plain_gguf_header_bytes, 3))); // three chunks
    put("weights/tokenizer.json", "{\"tokens\":[\"a\",\"b\"]}\n");
    put("kernels/libkernel.so", library("libkernel.so", 3'000));
    put("engine/libstub.so", library("libstub.so", 500));
    const std::string answer =
        options.known_answer.empty() ? support::stub_known_answer : options.known_answer;
    put("config/known_answer.json", answer);
    put("config/same_answer.json", answer);
    put("docs/LICENSE", "Permission is granted to everybody.\n");
    const std::string program =
        options.entrypoint.empty() ? built_program("stub_engine") : options.entrypoint;
    put("engine/stub_engine", options.bootable ? read_file(program) : library("stub_engine", 100));
    if (::chmod((inputs + "/engine/stub_engine").c_str(), 0755) != 0)
        throw std::runtime_error("cannot make the stub engine executable");
    put("profile.json", sample_profile());
    put("sealift.json", recipe(options).dump(2));
    return inputs;
}

SampleBundle make_sample(const TempDir& folder, const SampleOptions& options) {
    const std::string inputs = write_sample_inputs(folder, options);
    const std::string path = folder / (options.output.empty() ? "sample.sealift" : options.output);
    std::vector<packager::SecretKey> keys;
    for (const char letter : options.signers)
        keys.push_back(secret_key(letter));
    const bool as_file = options.form == SampleOptions::Form::file;
    const packager::BuildResult result =
        packager::build({.recipe = inputs,
                         .output = path,
                         .form = as_file ? packager::Form::file : packager::Form::folder,
                         .profiles_folder = "",
                         .signing_key = keys.empty() ? nullptr : &keys[0],
                         .jobs = 1,
                         .on_start = {}});
    if (!result.report.passed())
        throw std::runtime_error("the sample bundle was not built: " + result.report.findings()[0].text);
    for (std::size_t i = 1; i < keys.size(); ++i)
        packager::countersign(
            {.bundle = path, .output = path, .signer = &keys[i], .jobs = 1, .on_start = {}});
    return {path, inputs, *result.digest};
}

} // namespace tests
