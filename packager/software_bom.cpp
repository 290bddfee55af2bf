#include "packager/software_bom.hpp"

#include <algorithm>

#include "manifests/bom_summary.hpp"
#include "manifests/bom_text.hpp"
#include "manifests/bom_writer.hpp"
#include "manifests/error.hpp"
#include "packager/software_graph.hpp"

namespace packager {
namespace {

using manifests::BomFrame;
using manifests::BomWriter;
using manifests::Component;
using manifests::ComponentType;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Role;

std::string sha512_hex(std::string_view bytes) {
    manifests::Hasher hasher(manifests::Hasher::Algorithm::sha512);
    hasher.update(bytes.data(), bytes.size());
    return manifests::to_hex(hasher.finish_bytes());
}

bool is_role(std::string_view name) {
    for (const Role role :
         {Role::model_config, Role::doc, Role::config, Role::engine, Role::kernel, Role::weights}) {
        if (manifests::name_of(role) == name) return true;
    }
    return false;
}

// A licence that hits nothing is a slip of the pen, and would leave a component without one.
void check_licences(const SoftwareBomInputs& inputs, const SoftwareGraph& graph) {
    if (inputs.licences == nullptr) return;
    for (const auto& [key, licence] : *inputs.licences) {
        if (key != bundle_ref && !is_role(key) && !graph.has_file(key)) {
            throw Error(Fault::usage,
                        "licence for " + in_quotes(key) + ", which is neither a file, a role nor 'bundle'");
        }
        if (licence.empty()) throw Error(Fault::usage, "licence for " + in_quotes(key) + " is empty");
    }
}

manifests::ExternalReference link_to_hardware(std::string_view hardware_bom) {
    constexpr std::string_view scheme = "urn:uuid:";
    const std::string serial = manifests::read_bom_summary(hardware_bom).serial_number;
    if (!serial.starts_with(scheme)) throw Error(Fault::internal, "hardware BOM has no serial number");
    return {"bom", "urn:cdx:" + serial.substr(scheme.size()) + "/1", "hardware that the bundle requires",
            sha512_hex(hardware_bom)};
}

Component root_component(const SoftwareBomInputs& inputs) {
    Component root;
    root.type = ComponentType::application;
    root.ref = bundle_ref;
    root.name = inputs.name;
    root.version = inputs.version;
    root.supplier = inputs.supplier;
    root.purl =
        "pkg:generic/" + manifests::url_of_path(root.name) + "@" + manifests::url_of_path(root.version);
    if (inputs.licences != nullptr) {
        const auto licence = inputs.licences->find(root.ref);
        if (licence != inputs.licences->end()) root.licences = {licence->second};
    }
    root.properties = {{"bsi:component:filename", root.name + "-" + root.version + ".sealift"},
                       {"bsi:component:executable", "non-executable"},
                       {"bsi:component:archive", "archive"},
                       {"bsi:component:structured", "structured"},
                       {"sealift:bundle:release-counter", std::to_string(inputs.release_counter)},
                       {"sealift:bundle:target", inputs.profile_id}};
    if (!inputs.hardware_bom.empty()) root.references = {link_to_hardware(inputs.hardware_bom)};
    return root;
}

BomFrame frame_of(const SoftwareBomInputs& inputs) {
    BomFrame frame;
    frame.phase = "build";
    frame.time_s = inputs.time_s;
    frame.tool_name = "sealift";
    frame.tool_version = inputs.tool_version;
    frame.supplier = inputs.supplier;
    frame.root = root_component(inputs);
    return frame;
}

// The model without its parts.
Component whole_model(const SoftwareBomInputs& inputs, const SoftwareGraph& graph) {
    Component model = model_component(inputs);
    const SoftwareBomFile* only_weights = nullptr;
    for (const SoftwareBomFile* file : graph.files()) {
        if (file->file->role != Role::weights) continue;
        if (only_weights != nullptr) return model;
        only_weights = file;
    }
    if (only_weights == nullptr) return model;
    model.sha256 = only_weights->file->digest; // a single file: then the model has a digest of its own
    model.sha512 = sha512_hex(*only_weights);
    model.references = {{"distribution", manifests::url_of_path(only_weights->file->path.text()),
                         "path in the bundle", model.sha512}};
    return model;
}

Component profile_component(const SoftwareBomInputs& inputs) {
    Component profile;
    profile.type = ComponentType::data;
    profile.ref = profile_ref;
    profile.name = inputs.profile_id;
    profile.description = "Profile: the chip and the software around it that the bundle is for";
    profile.sha256 = Digest::of(inputs.profile_bytes);
    profile.version = "sha256:" + profile.sha256->hex().substr(0, 12);
    profile.sha512 = sha512_hex(inputs.profile_bytes);
    return profile;
}

// Rising by ref: external, file, model, profile.
void write_components(const SoftwareBomInputs& inputs, const SoftwareGraph& graph, BomWriter& writer) {
    for (const auto& [soname, library] : graph.externals())
        writer.component(external_component(soname, library));
    for (const SoftwareBomFile* file : graph.files()) {
        if (!is_of_model(*file)) writer.component(file_component(*file, inputs, graph.kernel_of(*file)));
    }
    if (graph.has_model()) {
        writer.component(whole_model(inputs, graph), [&](const auto& take) {
            for (const SoftwareBomFile* file : graph.files()) {
                if (is_of_model(*file)) take(file_component(*file, inputs));
            }
        });
    }
    if (graph.has_profile()) writer.component(profile_component(inputs));
}

bool is_code(const SoftwareBomFile* file) {
    return type_of(*file) != ComponentType::file;
}

// A bundle is a closed world, so its list of files is complete. What was linked into a program, and what it
// loads by name while it runs, cannot be read from its bytes.
void write_completeness(const SoftwareGraph& graph, BomWriter& writer) {
    const auto whole = [&](const auto& take) {
        take(bundle_ref);
        if (graph.has_model()) take(model_ref);
    };
    const auto code = [&](const auto& take) {
        for (const SoftwareBomFile* file : graph.files()) {
            if (is_code(file)) take(ref_of(*file));
        }
    };
    const auto all_code = [&](const auto& take) {
        for (const auto& external : graph.externals())
            take(external_ref(external.first));
        code(take);
    };
    writer.composition("complete", whole, whole);
    const bool has_code =
        !graph.externals().empty() || std::any_of(graph.files().begin(), graph.files().end(), is_code);
    if (has_code) writer.composition("unknown", code, all_code);
}

void write_graph(const SoftwareGraph& graph, BomWriter& writer) {
    const auto nothing = [](const auto&) {};
    writer.node(bundle_ref, graph.needs_of_bundle());
    for (const auto& external : graph.externals())
        writer.node(external_ref(external.first), nothing);
    for (std::size_t i = 0; i < graph.files().size(); ++i)
        writer.node(ref_of(*graph.files()[i]), graph.needs_of_file(i));
    if (graph.has_model()) writer.node(model_ref, graph.needs_of_model());
    if (graph.has_profile()) writer.node(profile_ref, nothing);
}

} // namespace

void write_software_bom(const SoftwareBomInputs& inputs, const manifests::Sink& sink) {
    const SoftwareGraph graph(inputs);
    check_licences(inputs, graph);
    BomWriter writer(frame_of(inputs), sink);
    write_components(inputs, graph, writer);
    write_completeness(graph, writer);
    write_graph(graph, writer);
    writer.finish();
}

std::string software_bom(const SoftwareBomInputs& inputs) {
    std::string text;
    write_software_bom(inputs, [&](std::string_view piece) { text += piece; });
    return text;
}

} // namespace packager
