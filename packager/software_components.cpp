#include "packager/software_components.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "manifests/bom_text.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::BomProperty;
using manifests::Component;
using manifests::ComponentType;
using manifests::Role;

constexpr std::array<std::string_view, 4> version_families{"GLIBC", "GLIBCXX", "CXXABI", "GCC"};

// Both lists hold what is met in bundles; an ending that is missing makes a property too modest, no more.
bool is_archive(std::string_view name) {
    constexpr std::array<std::string_view, 12> endings{".tar", ".zip", ".gz",  ".tgz", ".xz",  ".zst",
                                                       ".bz2", ".7z",  ".whl", ".jar", ".deb", ".rpm"};
    return std::any_of(endings.begin(), endings.end(), [&](auto ending) { return name.ends_with(ending); });
}

// The three values are spelled as in BSI's property taxonomy for TR-03183-2.
void add_bsi(std::vector<BomProperty>& properties, std::string_view file_name, bool executable,
             bool archive) {
    properties.push_back({"bsi:component:filename", std::string(file_name)});
    properties.push_back({"bsi:component:executable", executable ? "executable" : "non-executable"});
    properties.push_back({"bsi:component:archive", archive ? "archive" : "no archive"});
    properties.push_back({"bsi:component:structured", archive ? "structured" : "unstructured"});
}

std::vector<std::string> licences_of(const SoftwareBomFile& file, const SoftwareBomInputs& inputs) {
    if (inputs.licences != nullptr) {
        auto licence = inputs.licences->find(file.file->path.text());
        if (licence == inputs.licences->end()) {
            licence = inputs.licences->find(std::string(manifests::name_of(file.file->role)));
        }
        if (licence != inputs.licences->end()) return {licence->second};
    }
    return is_of_model(file) ? inputs.model.licenses : std::vector<std::string>{};
}

void add_elf(std::vector<BomProperty>& properties, const ElfFacts& facts) {
    properties.push_back({"sealift:elf:machine", machine_name(facts)});
    if (!facts.soname.empty()) properties.push_back({"sealift:elf:soname", facts.soname});
    if (!facts.interpreter.empty()) properties.push_back({"sealift:elf:interpreter", facts.interpreter});
    if (!facts.run_path.empty()) properties.push_back({"sealift:elf:run-path", facts.run_path});
    for (const std::string& needed : std::set<std::string>(facts.needed.begin(), facts.needed.end())) {
        properties.push_back({"sealift:elf:needed", needed});
    }
    for (const std::string_view family : version_families) {
        const auto minimum = minimum_version(facts, family);
        if (minimum) properties.push_back({"sealift:elf:minimum:" + std::string(family), *minimum});
    }
}

void add_kernel(std::vector<BomProperty>& properties, const std::string& profile_id,
                const manifests::KernelEntry* kernel) {
    properties.push_back({"sealift:kernel:target", profile_id});
    if (kernel == nullptr) return;
    if (!kernel->format.empty()) properties.push_back({"sealift:kernel:format", kernel->format});
    for (const std::string& chip : kernel->targets)
        properties.push_back({"sealift:kernel:chip", chip});
    if (!kernel->targets.empty()) {
        properties.push_back(
            {"sealift:kernel:chips-from", kernel->targets_declared ? "declaration" : "bytes"});
    }
    for (const std::string& feature : kernel->requires_features) {
        properties.push_back({"sealift:kernel:requires-feature", feature});
    }
    for (const manifests::Digest& digest : kernel->fits) {
        properties.push_back({"sealift:kernel:fits", digest.text()});
    }
}

std::string package_url(std::string_view name, const manifests::Digest& digest) {
    return "pkg:generic/" + manifests::url_of_path(name) + "?checksum=sha256:" + digest.hex();
}

// Every causal language model of transformers ends so; GGUF names the family instead.
bool is_text_generator(const manifests::ModelFacts& model) {
    constexpr std::array<std::string_view, 14> families{
        "llama",  "qwen2",  "qwen3",     "qwen2moe", "qwen3moe",  "mistral", "gemma",
        "gemma2", "gemma3", "deepseek2", "phi3",     "internlm2", "chatglm", "gpt2"};
    if (model.architecture.ends_with("ForCausalLM")) return true;
    return std::find(families.begin(), families.end(), model.architecture) != families.end();
}

std::optional<manifests::ModelCard> card_of(const manifests::ModelFacts& model) {
    manifests::ModelCard card;
    card.architecture = model.architecture;
    if (is_text_generator(model)) {
        card.task = "text-generation";
        card.input_formats = {"text"};
        card.output_formats = {"text"};
    }
    if (!model.parameters.empty()) {
        card.properties.push_back({"cdx:ai-ml:model:parameter:count", model.parameters});
    }
    const std::string& precision = model.quantization.empty() ? model.precision : model.quantization;
    if (!precision.empty()) {
        card.properties.push_back({"cdx:ai-ml:model:hyperparameter:quantization", precision});
    }
    if (card.architecture.empty() && card.task.empty() && card.properties.empty()) return std::nullopt;
    return card;
}

// Whose the usual system libraries are, for BSI wants a creator of the first component that is not delivered.
struct Maker {
    const char* name;
    const char* url;
    const char* licence;
};
const Maker* maker_of(std::string_view soname) {
    static const Maker glibc{"GNU C Library project", "https://sourceware.org/glibc/", "LGPL-2.1-or-later"};
    static const Maker gcc{"GNU Compiler Collection project", "https://gcc.gnu.org/",
                           "GPL-3.0-or-later WITH GCC-exception-3.1"};
    static const std::pair<std::string_view, const Maker*> makers[] = {
        {"libc.so.6", &glibc},  {"libm.so.6", &glibc},    {"libpthread.so.0", &glibc},
        {"libdl.so.2", &glibc}, {"librt.so.1", &glibc},   {"libresolv.so.2", &glibc},
        {"ld-linux", &glibc},   {"libstdc++.so.6", &gcc}, {"libgcc_s.so.1", &gcc},
        {"libgomp.so.1", &gcc}, {"libatomic.so.1", &gcc},
    };
    for (const auto& [library, maker] : makers) {
        if (soname.starts_with(library)) return maker;
    }
    return nullptr;
}

// The version of the library file follows from the symbol versions only for these: glibc names them after its
// releases, and GLIBCXX_3.4.N first came with libstdc++.so.6.0.N (GCC manual, "ABI Policy and Guidelines").
std::string range_of(const std::string& soname, const ExternalLibrary& library) {
    const auto glibc = library.minimums.find("GLIBC");
    if (glibc != library.minimums.end()) return "vers:generic/>=" + glibc->second;
    const auto cxx = library.minimums.find("GLIBCXX");
    constexpr std::string_view series = "3.4.";
    if (soname == "libstdc++.so.6" && cxx != library.minimums.end() && cxx->second.starts_with(series)) {
        return "vers:generic/>=6.0." + cxx->second.substr(series.size());
    }
    return "vers:generic/*";
}

} // namespace

std::string ref_of(const SoftwareBomFile& file) {
    return "file:" + file.file->path.text();
}

std::string external_ref(std::string_view soname) {
    return "external:" + std::string(soname);
}

std::string sha512_hex(const SoftwareBomFile& file) {
    if (file.sha512 == nullptr) return "";
    return manifests::to_hex({reinterpret_cast<const char*>(file.sha512->data()), file.sha512->size()});
}

bool is_of_model(const SoftwareBomFile& file) {
    return file.file->role == Role::weights || file.file->role == Role::model_config;
}

ComponentType type_of(const SoftwareBomFile& file) {
    if (file.file->role == Role::kernel) return ComponentType::library;
    if (file.file->role != Role::engine) return ComponentType::file;
    if (file.elf) return file.elf->is_program() ? ComponentType::application : ComponentType::library;
    return manifests::is_executable(file.file->mode) ? ComponentType::application : ComponentType::file;
}

Component file_component(const SoftwareBomFile& file, const SoftwareBomInputs& inputs,
                         const manifests::KernelEntry* kernel) {
    const manifests::BundleFile& entry = *file.file;
    Component component;
    component.type = type_of(file);
    component.ref = ref_of(file);
    const bool is_code = component.type != ComponentType::file;
    component.name = is_code ? std::string(entry.path.name()) : entry.path.text();
    if (file.elf && !file.elf->soname.empty()) component.name = file.elf->soname;
    // Files seldom carry a version; what identifies a change in one is its digest (TR-03183-2, 5.2.2).
    component.version = "sha256:" + entry.digest.hex().substr(0, 12);
    component.licences = licences_of(file, inputs);
    component.supplier = inputs.supplier;
    component.sha256 = entry.digest;
    component.sha512 = sha512_hex(file);
    component.purl = package_url(component.name, entry.digest);
    component.references = {
        {"distribution", manifests::url_of_path(entry.path.text()), "path in the bundle", component.sha512}};
    const bool executable = file.elf || manifests::is_executable(entry.mode);
    add_bsi(component.properties, entry.path.name(), executable, is_archive(entry.path.name()));
    component.properties.push_back({"sealift:file:path", entry.path.text()});
    component.properties.push_back({"sealift:file:role", std::string(manifests::name_of(entry.role))});
    component.properties.push_back({"sealift:file:size-bytes", std::to_string(entry.size_bytes)});
    if (file.elf) add_elf(component.properties, *file.elf);
    if (entry.role == Role::kernel) add_kernel(component.properties, inputs.profile_id, kernel);
    return component;
}

Component model_component(const SoftwareBomInputs& inputs) {
    Component component;
    component.type = ComponentType::machine_learning_model;
    component.ref = "model";
    component.name = inputs.model.name.empty() ? inputs.name : inputs.model.name;
    component.version = inputs.version;
    component.licences = inputs.model.licenses;
    component.supplier = inputs.supplier;
    component.purl = "pkg:generic/" + manifests::url_of_path(component.name) + "@" +
                     manifests::url_of_path(inputs.version);
    component.model_card = card_of(inputs.model);
    if (!inputs.model.format.empty())
        component.properties.push_back({"sealift:model:format", inputs.model.format});
    if (!inputs.model.family.empty())
        component.properties.push_back({"sealift:model:family", inputs.model.family});
    if (!inputs.model.precision.empty()) {
        component.properties.push_back({"sealift:model:precision", inputs.model.precision});
    }
    return component;
}

void add_needs(ExternalLibrary& library, const std::string& soname, const ElfFacts& facts) {
    library.machines.insert(machine_name(facts));
    for (const ElfVersionNeed& need : facts.version_needs) {
        if (need.library != soname) continue;
        for (const std::string_view family : version_families) {
            const auto minimum = minimum_version(need, family);
            if (!minimum) continue;
            std::string& known = library.minimums[std::string(family)];
            if (known.empty() || is_lower_version(known, *minimum)) known = *minimum;
        }
    }
}

Component external_component(const std::string& soname, const ExternalLibrary& library) {
    Component component;
    component.type = ComponentType::library;
    component.ref = external_ref(soname);
    component.name = soname;
    component.is_external = true;
    component.scope = Component::Scope::required;
    component.version_range = range_of(soname, library);
    component.description = "Needed by files of the bundle and not carried in it: the site brings it";
    component.purl = "pkg:generic/" + manifests::url_of_path(soname);
    if (const Maker* maker = maker_of(soname)) {
        component.manufacturer = manifests::Organisation{maker->name, maker->url, ""};
        component.licences = {maker->licence};
    }
    for (const std::string& machine : library.machines) {
        component.properties.push_back({"sealift:elf:machine", machine});
    }
    for (const auto& [family, minimum] : library.minimums) {
        component.properties.push_back({"sealift:elf:minimum:" + family, minimum});
    }
    return component;
}

} // namespace packager
