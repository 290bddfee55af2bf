#include "packager/document_facts.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace packager {

using manifests::BundleDocument;
using manifests::Json;

Json identity_of(const BundleDocument& document) {
    return {{"name", document.name},
            {"version", document.version},
            {"release_counter", document.release_counter},
            {"target", document.profile_id},
            {"model", Json(manifests::write_model_facts(document.model))}};
}

Json declared_needs_of(const BundleDocument& document) {
    manifests::Needs declared;
    declared.engine = document.needs.engine;
    declared.memory = document.needs.memory;
    if (declared.memory)
        declared.memory->weight_bytes = declared.memory->cache_bytes = 0; // follow from files
    return declared.empty() ? Json(nullptr) : Json(manifests::write_needs(declared));
}

Json requirements_of(const BundleDocument& document, std::string_view profile) {
    Json value = manifests::read_json(profile);
    if (value.is_object() && !document.needs.empty())
        value["needs"] = Json(manifests::write_needs(document.needs));
    return value;
}

Json runtime_of(const BundleDocument& document) {
    return document.runtime ? Json(manifests::write_runtime_section(*document.runtime)) : Json(nullptr);
}

std::vector<std::string> fitting_paths(const BundleDocument& document, const manifests::KernelEntry& kernel) {
    std::vector<std::string> paths;
    for (const manifests::BundleFile& file : document.files) {
        if (file.role != manifests::Role::engine) continue;
        if (std::binary_search(kernel.fits.begin(), kernel.fits.end(), file.digest))
            paths.push_back(file.path.text());
    }
    return paths;
}

std::vector<std::string> target_lines(const manifests::KernelEntry& kernel) {
    std::vector<std::string> lines;
    for (const std::string& target : kernel.targets)
        lines.push_back(target + (kernel.targets_declared ? " (declared)" : ""));
    return lines;
}

Json kernels_of(const BundleDocument& document) {
    Json kernels = Json::object();
    for (const manifests::KernelEntry& kernel : document.kernels) {
        kernels[kernel.path.text()] = {{"requires_features", kernel.requires_features},
                                       {"fits", fitting_paths(document, kernel)},
                                       {"format", kernel.format},
                                       {"targets", target_lines(kernel)}};
    }
    return kernels;
}

std::string role_and_mode(const manifests::BundleFile& file) {
    return std::string(name_of(file.role)) + " " + std::string(text_of(file.mode));
}

} // namespace packager
