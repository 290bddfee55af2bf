#include "packager/software_bom.hpp"

#include <algorithm>
#include <utility>

#include "manifests/bom_summary.hpp"
#include "manifests/bom_text.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/software_components.hpp"

namespace packager {
namespace {

using manifests::Bom;
using manifests::Component;
using manifests::ComponentType;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Role;

const std::string root_ref = "bundle";
const std::string model_ref = "model";
const std::string profile_ref = "profile";

std::string sha512_hex(std::string_view bytes) {
    manifests::Hasher hasher(manifests::Hasher::Algorithm::sha512);
    hasher.update(bytes.data(), bytes.size());
    return manifests::to_hex(hasher.finish_bytes());
}

// A licence that hits nothing is a slip of the pen, and would leave a component without one.
void check_licences(const SoftwareBomInputs& inputs) {
    std::set<std::string> known{root_ref};
    for (const SoftwareBomFile& file : inputs.files)
        known.insert(file.file->path.text());
    for (const Role role :
         {Role::model_config, Role::doc, Role::config, Role::engine, Role::kernel, Role::weights})
        known.emplace(manifests::name_of(role));
    for (const auto& [key, licence] : inputs.licences) {
        if (known.count(key) == 0) {
            throw Error(Fault::usage,
                        "licence for " + in_quotes(key) + ", which is neither a file, a role nor 'bundle'");
        }
        if (licence.empty()) throw Error(Fault::usage, "licence for " + in_quotes(key) + " is empty");
    }
}

class SoftwareBomBuilder {
public:
    explicit SoftwareBomBuilder(const SoftwareBomInputs& inputs) : inputs_(inputs) {
        for (const SoftwareBomFile& file : inputs.files)
            files_.push_back(&file);
        std::sort(files_.begin(), files_.end(),
                  [](const auto* left, const auto* right) { return left->file->path < right->file->path; });
        for (const manifests::KernelEntry& kernel : inputs.kernels)
            kernels_[kernel.path] = &kernel;
        for (const SoftwareBomFile* file : files_) {
            refs_by_digest_[file->file->digest].push_back(ref_of(file->file->path));
            if (file->elf) index_library(*file);
        }
    }

    std::string build() {
        check_licences(inputs_);
        add_root();
        add_model();
        add_profile();
        add_files();
        connect_engine();
        connect_needs();
        connect_kernels();
        state_completeness();
        return manifests::encode_cyclonedx(bom_);
    }

private:
    void connect(const std::string& from, const std::string& to) {
        if (from != to) bom_.depends_on[from].insert(to);
    }

    void index_library(const SoftwareBomFile& file);
    void add_root();
    void add_model();
    void add_profile();
    void add_files();
    void connect_engine();
    void connect_needs();
    void connect_kernels();
    void state_completeness();

    const SoftwareBomInputs& inputs_;
    std::vector<const SoftwareBomFile*> files_;
    std::vector<const SoftwareBomFile*> programs_;
    std::vector<const SoftwareBomFile*> libraries_;
    std::map<manifests::BundlePath, const manifests::KernelEntry*> kernels_;
    std::map<Digest, std::vector<std::string>> refs_by_digest_;
    // Machine and name to the ref of the first carried file that the loader finds under this name.
    std::map<std::pair<std::string, std::string>, std::string> libraries_by_name_;
    Bom bom_;
};

void SoftwareBomBuilder::index_library(const SoftwareBomFile& file) {
    const std::string machine = machine_name(*file.elf);
    const std::string ref = ref_of(file.file->path);
    if (!file.elf->soname.empty()) libraries_by_name_.try_emplace({machine, file.elf->soname}, ref);
    libraries_by_name_.try_emplace({machine, std::string(file.file->path.name())}, ref);
}

void SoftwareBomBuilder::add_root() {
    bom_.phase = "build";
    bom_.time_s = inputs_.time_s;
    bom_.tool_name = "sealift";
    bom_.tool_version = inputs_.tool_version;
    bom_.supplier = inputs_.supplier;
    Component& root = bom_.root;
    root.type = ComponentType::application;
    root.ref = root_ref;
    root.name = inputs_.name;
    root.version = inputs_.version;
    root.supplier = inputs_.supplier;
    root.purl =
        "pkg:generic/" + manifests::url_of_path(root.name) + "@" + manifests::url_of_path(root.version);
    const auto licence = inputs_.licences.find(root_ref);
    if (licence != inputs_.licences.end()) root.licences = {licence->second};
    root.properties = {{"bsi:component:filename", root.name + "-" + root.version + ".sealift"},
                       {"bsi:component:executable", "non-executable"},
                       {"bsi:component:archive", "archive"},
                       {"bsi:component:structured", "structured"},
                       {"sealift:bundle:release-counter", std::to_string(inputs_.release_counter)},
                       {"sealift:bundle:target", inputs_.profile_id}};
    if (inputs_.hardware_bom.empty()) return;
    constexpr std::string_view scheme = "urn:uuid:";
    const std::string serial = manifests::read_bom_summary(inputs_.hardware_bom).serial_number;
    if (!serial.starts_with(scheme)) throw Error(Fault::internal, "hardware BOM has no serial number");
    root.references.push_back({"bom", "urn:cdx:" + serial.substr(scheme.size()) + "/1",
                               "hardware that the bundle requires", sha512_hex(inputs_.hardware_bom)});
}

void SoftwareBomBuilder::add_model() {
    const auto is_of_model = [](const SoftwareBomFile* file) {
        return file->file->role == Role::weights || file->file->role == Role::model_config;
    };
    if (std::none_of(files_.begin(), files_.end(), is_of_model)) return;
    Component model = model_component(inputs_);
    std::vector<const SoftwareBomFile*> weights;
    for (const SoftwareBomFile* file : files_) {
        if (!is_of_model(file)) continue;
        if (file->file->role == Role::weights) weights.push_back(file);
        model.parts.push_back(file_component(*file, inputs_));
        connect(model_ref, ref_of(file->file->path));
    }
    if (weights.size() == 1) { // then the model has a digest of its own
        model.sha256 = weights[0]->file->digest;
        model.sha512 = sha512_text(*weights[0]);
        model.references = {{"distribution", manifests::url_of_path(weights[0]->file->path.text()),
                             "path in the bundle", model.sha512}};
    }
    bom_.components.push_back(std::move(model));
    connect(root_ref, model_ref);
}

void SoftwareBomBuilder::add_profile() {
    if (inputs_.profile_bytes.empty()) return;
    Component profile;
    profile.type = ComponentType::data;
    profile.ref = profile_ref;
    profile.name = inputs_.profile_id;
    profile.description = "Profile: the chip and the software around it that the bundle is for";
    profile.sha256 = Digest::of(inputs_.profile_bytes);
    profile.version = "sha256:" + profile.sha256->hex().substr(0, 12);
    profile.sha512 = sha512_hex(inputs_.profile_bytes);
    bom_.components.push_back(std::move(profile));
    connect(root_ref, profile_ref);
}

void SoftwareBomBuilder::add_files() {
    for (const SoftwareBomFile* file : files_) {
        const Role role = file->file->role;
        if (role == Role::weights || role == Role::model_config) continue;
        const auto kernel = kernels_.find(file->file->path);
        Component component =
            file_component(*file, inputs_, kernel == kernels_.end() ? nullptr : kernel->second);
        const bool is_library = role == Role::engine && component.type == ComponentType::library;
        if (is_library) libraries_.push_back(file);
        if (role == Role::engine && component.type == ComponentType::application) programs_.push_back(file);
        if (!is_library) connect(root_ref, component.ref);
        bom_.components.push_back(std::move(component));
    }
}

// Engines load their libraries by name while they run, which no file shows; they belong to what is started.
void SoftwareBomBuilder::connect_engine() {
    std::vector<std::string> owners;
    for (const SoftwareBomFile* program : programs_) {
        if (inputs_.entrypoint && *inputs_.entrypoint != program->file->path) continue;
        owners.push_back(ref_of(program->file->path));
    }
    if (owners.empty()) owners.push_back(root_ref);
    for (const std::string& owner : owners) {
        for (const SoftwareBomFile* library : libraries_)
            connect(owner, ref_of(library->file->path));
    }
}

void SoftwareBomBuilder::connect_needs() {
    std::map<std::string, ExternalLibrary> externals;
    const auto need = [&](const SoftwareBomFile& file, const std::string& soname) {
        const std::string from = ref_of(file.file->path);
        const auto carried = libraries_by_name_.find({machine_name(*file.elf), soname});
        if (carried != libraries_by_name_.end()) return connect(from, carried->second);
        add_needs(externals[soname], soname, *file.elf);
        connect(from, "external:" + soname);
    };
    for (const SoftwareBomFile* file : files_) {
        if (!file->elf) continue;
        for (const std::string& soname : file->elf->needed)
            need(*file, soname);
        const std::string& interpreter = file->elf->interpreter;
        const std::string loader = interpreter.substr(interpreter.rfind('/') + 1);
        if (!loader.empty()) need(*file, loader);
    }
    for (const auto& [soname, library] : externals) {
        bom_.components.push_back(external_component(soname, library));
    }
}

void SoftwareBomBuilder::connect_kernels() {
    for (const manifests::KernelEntry& kernel : inputs_.kernels) {
        for (const Digest& digest : kernel.fits) {
            for (const std::string& ref : refs_by_digest_[digest])
                connect(ref_of(kernel.path), ref);
        }
    }
}

void SoftwareBomBuilder::state_completeness() {
    manifests::Composition whole{"complete", {root_ref}, {root_ref}};
    manifests::Composition open{"unknown", {}, {}};
    for (const Component& component : bom_.components) {
        const bool is_code =
            component.type == ComponentType::application || component.type == ComponentType::library;
        if (is_code) open.dependencies.push_back(component.ref);
        if (is_code && !component.is_external) open.assemblies.push_back(component.ref);
        if (component.ref != model_ref) continue;
        whole.assemblies.push_back(model_ref);
        whole.dependencies.push_back(model_ref);
    }
    // A bundle is a closed world, so its list of files is complete. What was linked into a program, and what
    // it loads by name while it runs, cannot be read from its bytes.
    bom_.compositions.push_back(std::move(whole));
    if (!open.dependencies.empty()) bom_.compositions.push_back(std::move(open));
}

} // namespace

void write_software_bom(const SoftwareBomInputs& inputs, const manifests::Sink& sink) {
    sink(software_bom(inputs));
}

std::string software_bom(const SoftwareBomInputs& inputs) {
    return SoftwareBomBuilder(inputs).build();
}

} // namespace packager
