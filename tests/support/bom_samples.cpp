#include "tests/support/bom_samples.hpp"

#include <algorithm>

#include "manifests/text.hpp"
#include "manifests/verity.hpp"
#include "tests/support/elf_image.hpp"

namespace tests {

using manifests::BundlePath;
using manifests::Digest;
using manifests::FileMode;
using manifests::Role;
using manifests::SoftwareRequirement;

namespace {

constexpr std::string_view profile_bytes = R"({"schema":"sealift.profile/1","id":"example-npu"})";

} // namespace

SampleFile bom_file(const std::string& path, Role role, const std::string& bytes, FileMode mode) {
    manifests::Hasher hasher(manifests::Hasher::Algorithm::sha512);
    hasher.update(bytes.data(), bytes.size());
    const std::string raw = hasher.finish_bytes();
    std::array<unsigned char, 64> sha512{};
    std::copy(raw.begin(), raw.end(), sha512.begin());
    SampleFile file{{.path = BundlePath::parse(path),
                     .role = role,
                     .mode = mode,
                     .size_bytes = bytes.size(),
                     .digest = Digest::of(bytes),
                     .fs_verity = manifests::small_verity_digest(
                         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()),
                     .chunk_table = std::nullopt},
                    sha512,
                    {}};
    if (role == Role::engine || role == Role::kernel) file.elf = packager::read_elf(bytes);
    return file;
}

packager::SoftwareBomInputs SoftwareSample::inputs() const {
    packager::SoftwareBomInputs inputs = about;
    for (const SampleFile& file : files) {
        inputs.files.push_back(
            {&file.file, file.sha512 ? &*file.sha512 : nullptr, file.elf ? &*file.elf : nullptr});
    }
    inputs.kernels = kernels;
    inputs.licences = licences;
    return inputs;
}

SoftwareSample sample_software() {
    ElfImage program;
    program.interpreter = "/lib64/ld-linux-x86-64.so.2";
    program.needed = {"libbase.so.1", "libstdc++.so.6", "libc.so.6"};
    program.version_needs = {{"libstdc++.so.6", {"CXXABI_1.3", "GLIBCXX_3.4.29"}},
                             {"libc.so.6", {"GLIBC_2.34"}}};
    ElfImage base;
    base.soname = "libbase.so.1";
    base.needed = {"libm.so.6", "libc.so.6"};
    base.version_needs = {{"libm.so.6", {"GLIBC_2.29"}}, {"libc.so.6", {"GLIBC_2.17", "GLIBC_2.36"}}};
    ElfImage plugin;
    plugin.needed = {"libbase.so.1"};
    ElfImage kernel;
    kernel.soname = "kernel.so";
    kernel.needed = {"libbase.so.1", "libvendor_rt.so"};

    SoftwareSample sample;
    sample.about.name = "demo";
    sample.about.version = "1.2.0";
    sample.about.release_counter = 7;
    sample.about.profile_id = "example-npu";
    sample.about.profile_bytes = profile_bytes;
    sample.about.model = {"demo-model", "LlamaForCausalLM", "safetensors", "llama3", "7B", "bfloat16",
                          "",           {"Apache-2.0"}};
    sample.files = {
        bom_file("weights/model-1.safetensors", Role::weights, "first weights"),
        bom_file("weights/model-2.safetensors", Role::weights, "second weights"),
        bom_file("weights/config.json", Role::model_config, "{}"),
        bom_file("engine/server", Role::engine, make_elf(program).bytes, FileMode::executable),
        bom_file("engine/libbase.so.1.0", Role::engine, make_elf(base).bytes),
        bom_file("engine/plugin.so", Role::engine, make_elf(plugin).bytes),
        bom_file("engine/vocabulary.tar.gz", Role::engine, "no ELF"),
        bom_file("kernels/kernel.so", Role::kernel, make_elf(kernel).bytes),
        bom_file("config/known answer+.json", Role::config, "[]"),
        bom_file("docs/README.md", Role::doc, "# Demo"),
    };
    std::vector<Digest> fits{sample.files[4].file.digest, sample.files[5].file.digest};
    sample.kernels = {{BundlePath::parse("kernels/kernel.so"), {"avx2", "fma"}, fits}};
    sample.about.entrypoint = BundlePath::parse("engine/server");
    sample.licences = {
        {"engine", "MIT"}, {"kernel", "MIT OR Apache-2.0"}, {"docs/README.md", "Acme notice of 2026"}};
    sample.about.supplier = manifests::Organisation{"Example Org", "https://example.com", "sbom@example.com"};
    sample.about.tool_version = "0.1.0";
    return sample;
}

namespace {

std::string folder_of(std::size_t i) {
    return i % 3 == 0 ? "a \"quoted\" folder/" : i % 3 == 1 ? "dep\xc3\xb4t/+~/" : "";
}

ElfImage crowded_library(std::size_t i) {
    const std::string number = std::to_string(i);
    ElfImage library;
    library.machine = i % 11 == 0 ? 183 : 62;
    if (i % 4 != 0) library.soname = "lib" + std::to_string(i / 16) + ".so"; // some carry the same name
    library.needed = {"lib" + std::to_string(i / 32) + ".so", "libc.so.6", "lib" + number + ".so",
                      "lib\"vendor" + std::to_string(i % 5) + ".so"};
    library.version_needs = {{"libc.so.6", {"GLIBC_2." + std::to_string(i % 37)}}};
    return library;
}

SampleFile crowded_file(std::size_t i) {
    const std::string number = std::to_string(i);
    const std::string place = folder_of(i) + number;
    switch (i % 8) {
    case 0:
        return bom_file("weights/" + place + ".safetensors", Role::weights, number);
    case 1:
        return bom_file("config/" + place + ".json", Role::config, number);
    case 2:
    case 3:
        return bom_file("engine/" + place + ".so", Role::engine, make_elf(crowded_library(i)).bytes);
    case 4:
        return bom_file("engine/" + place, Role::engine, i % 3 == 0 ? "#!/bin/sh" : "text",
                        i % 5 == 0 ? FileMode::executable : FileMode::plain);
    case 5:
        return bom_file("kernels/" + place + ".co", Role::kernel,
                        i % 3 == 0 ? make_elf(crowded_library(i)).bytes : "code " + number);
    case 6:
        return bom_file("model/" + place + ".txt", Role::model_config, number);
    default:
        return bom_file("docs/" + place + ".tar.gz", Role::doc, i % 2 == 0 ? "same" : number);
    }
}

} // namespace

SoftwareSample crowded_software(std::size_t count) {
    SoftwareSample sample = sample_software();
    sample.files.clear();
    sample.kernels.clear();
    std::vector<Digest> engine;
    for (std::size_t i = 0; i < count; ++i) {
        sample.files.push_back(crowded_file(i));
        const SampleFile& file = sample.files.back();
        if (file.file.role == Role::engine && engine.size() < 20) engine.push_back(file.file.digest);
        if (file.file.role != Role::kernel || i % 3 == 1) continue;
        sample.kernels.push_back({file.file.path, {"avx2"}, engine});
        sample.kernels.back().fits.push_back(file.file.digest); // itself, which is no edge
        std::sort(sample.kernels.back().fits.begin(), sample.kernels.back().fits.end());
    }
    sample.about.entrypoint.reset();
    sample.licences = {{"doc", "Acme \"notice\"\x01\x1f\b\f\n\r\t\\\xe2\x82\xac\x7f"},
                       {"kernel", "MIT OR Apache-2.0"}};
    return sample;
}

packager::HardwareBomInputs sample_hardware() {
    manifests::Profile profile;
    profile.id = "example-npu";
    profile.title = "Two Example NPU cards";
    profile.vendor = "Example Silicon";
    profile.chips = {"NPU 9"};
    profile.cpu.architecture = "aarch64";
    profile.cpu.features = {"asimd", "fphp"};
    profile.cpu.vendors = {"0x48"};
    profile.cpu.models = {{8, 0xd01, 0xd02}};
    profile.cpu.source = "guide";
    profile.memory_bytes = 68'719'476'736;
    profile.accelerators = {{"NPU 9", {"19e5:d500", "19e5:d501"}, 2, 48'318'382'080, "guide"}};
    profile.software = {
        {SoftwareRequirement::Kind::driver, "npu-driver", "Example Silicon", "vers:generic/>=24.1.0|<26.0.0",
         "guide"},
        {SoftwareRequirement::Kind::firmware, "npu-firmware", "Example Silicon", "vers:generic/>=7.1.0",
         "guide"},
        {SoftwareRequirement::Kind::toolkit, "npu-toolkit", "Example Silicon", "vers:generic/>=8.0", "table"},
        {SoftwareRequirement::Kind::operating_system, "Linux", "", "", ""},
    };
    profile.sources = {{"guide", "Installation guide", "https://example.com/guide", "2026-11-01"},
                       {"table", "Version table", "", "2026-11-02"}};
    return {profile, Digest::of(profile_bytes), std::nullopt, std::nullopt, "0.1.0"};
}

} // namespace tests
