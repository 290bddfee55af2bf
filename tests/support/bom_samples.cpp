#include "tests/support/bom_samples.hpp"

#include "manifests/text.hpp"
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

packager::SoftwareBomFile bom_file(const std::string& path, Role role, const std::string& bytes,
                                   FileMode mode) {
    manifests::Hasher hasher(manifests::Hasher::Algorithm::sha512);
    hasher.update(bytes.data(), bytes.size());
    packager::SoftwareBomFile file{{BundlePath::parse(path), role, mode, bytes.size(), Digest::of(bytes)},
                                   manifests::to_hex(hasher.finish_bytes()),
                                   {}};
    if (role == Role::engine || role == Role::kernel) file.elf = packager::read_elf(bytes);
    return file;
}

packager::SoftwareBomInputs sample_software() {
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

    packager::SoftwareBomInputs inputs;
    inputs.name = "demo";
    inputs.version = "1.2.0";
    inputs.release_counter = 7;
    inputs.profile_id = "example-npu";
    inputs.profile_bytes = profile_bytes;
    inputs.model = {"demo-model", "LlamaForCausalLM", "safetensors", "llama3", "7B", "bfloat16",
                    "",           {"Apache-2.0"}};
    inputs.files = {
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
    std::vector<Digest> fits{inputs.files[4].file.digest, inputs.files[5].file.digest};
    inputs.kernels = {{BundlePath::parse("kernels/kernel.so"), {"avx2", "fma"}, fits}};
    inputs.entrypoint = BundlePath::parse("engine/server");
    inputs.licences = {
        {"engine", "MIT"}, {"kernel", "MIT OR Apache-2.0"}, {"docs/README.md", "Acme notice of 2026"}};
    inputs.supplier = manifests::Organisation{"Example Org", "https://example.com", "sbom@example.com"};
    inputs.tool_version = "0.1.0";
    return inputs;
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
