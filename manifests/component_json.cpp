#include "manifests/component_json.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "manifests/error.hpp"
#include "manifests/spdx.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

// Members are written in the order of their names everywhere below: that is the canonical form.

// Names under cdx: have to be registered (CycloneDX property taxonomy, cdx.md). These are the ones we use.
constexpr std::array<std::string_view, 4> registered_names{
    "cdx:ai-ml:model:hyperparameter:quantization",
    "cdx:ai-ml:model:parameter:count",
    "cdx:device:function",
    "cdx:device:quantity",
};

void check_property(const BomProperty& property) {
    if (property.name.starts_with("sealift:") || property.name.starts_with("bsi:component:")) return;
    const bool registered =
        std::find(registered_names.begin(), registered_names.end(), property.name) != registered_names.end();
    if (!registered) not_a_document("property " + in_quotes(property.name) + " is not registered");
}

// Pointers and not values: sorting must not copy the texts of 100,000 components.
template<class T>
std::vector<const T*> pointers_to(const std::vector<T>& values) {
    std::vector<const T*> pointers;
    pointers.reserve(values.size());
    for (const T& value : values)
        pointers.push_back(&value);
    return pointers;
}

void write_licence(JsonStream& json, const std::string& licence) {
    const LicenceForm form = form_of_licence(licence);
    const bool is_expression = form == LicenceForm::expression;
    json.open_object();
    if (!is_expression) {
        json.name("license");
        json.open_object();
    }
    json.member("acknowledgement", "declared");
    json.member(is_expression ? "expression" : form == LicenceForm::identifier ? "id" : "name", licence);
    if (!is_expression) json.close_object();
    json.close_object();
}

void write_licences(JsonStream& json, std::vector<std::string> licences) {
    if (licences.empty()) return;
    std::sort(licences.begin(), licences.end());
    licences.erase(std::unique(licences.begin(), licences.end()), licences.end());
    json.name("licenses");
    json.open_list();
    for (const std::string& licence : licences)
        write_licence(json, licence);
    json.close_list();
}

void write_hash(JsonStream& json, std::string_view algorithm, std::string_view hex) {
    json.open_object();
    json.member("alg", algorithm);
    json.member("content", hex);
    json.close_object();
}

void write_hashes(JsonStream& json, const std::optional<Digest>& sha256, const std::string& sha512) {
    if (!sha256 && sha512.empty()) return;
    json.name("hashes");
    json.open_list();
    if (sha256) write_hash(json, "SHA-256", sha256->hex());
    if (!sha512.empty()) write_hash(json, "SHA-512", sha512);
    json.close_list();
}

void write_references(JsonStream& json, const std::vector<ExternalReference>& references) {
    if (references.empty()) return;
    auto sorted = pointers_to(references);
    std::sort(sorted.begin(), sorted.end(), [](const auto* left, const auto* right) {
        return std::tie(left->type, left->url, left->comment, left->sha512) <
               std::tie(right->type, right->url, right->comment, right->sha512);
    });
    json.name("externalReferences");
    json.open_list();
    for (const ExternalReference* reference : sorted) {
        json.open_object();
        json.member_unless_empty("comment", reference->comment);
        write_hashes(json, std::nullopt, reference->sha512);
        json.member("type", reference->type);
        json.member("url", reference->url);
        json.close_object();
    }
    json.close_list();
}

void write_formats(JsonStream& json, const char* name, const std::vector<std::string>& formats) {
    if (formats.empty()) return;
    json.name(name);
    json.open_list();
    for (const std::string& format : formats) {
        json.open_object();
        json.member("format", format);
        json.close_object();
    }
    json.close_list();
}

void write_model_card(JsonStream& json, const ModelCard& card) {
    json.name("modelCard");
    json.open_object();
    const bool is_silent = card.task.empty() && card.architecture.empty() && card.input_formats.empty() &&
                           card.output_formats.empty();
    if (!is_silent) {
        json.name("modelParameters");
        json.open_object();
        write_formats(json, "inputs", card.input_formats);
        json.member_unless_empty("modelArchitecture", card.architecture);
        write_formats(json, "outputs", card.output_formats);
        json.member_unless_empty("task", card.task);
        json.close_object();
    }
    // Here and not in modelParameters, where the property taxonomy shows them: the schema refuses them there.
    write_properties(json, card.properties);
    json.close_object();
}

void check_component(const Component& component) {
    if (component.ref.empty() || component.name.empty()) not_a_document("a component has no ref or no name");
    if (component.version_range.empty()) return;
    if (!component.version.empty()) not_a_document(in_quotes(component.ref) + " has a version and a range");
    if (!component.is_external) not_a_document(in_quotes(component.ref) + " is delivered but has a range");
}

} // namespace

void not_a_document(const std::string& text) {
    throw Error(Fault::internal, "bill of material: " + text);
}

void write_properties(JsonStream& json, const std::vector<BomProperty>& properties) {
    if (properties.empty()) return;
    auto sorted = pointers_to(properties);
    std::sort(sorted.begin(), sorted.end(), [](const auto* left, const auto* right) {
        return std::tie(left->name, left->value) < std::tie(right->name, right->value);
    });
    json.name("properties");
    json.open_list();
    for (const BomProperty* property : sorted) {
        check_property(*property);
        json.open_object();
        json.member("name", property->name);
        json.member("value", property->value);
        json.close_object();
    }
    json.close_list();
}

void write_organisation(JsonStream& json, const char* name, const std::optional<Organisation>& organisation) {
    if (!organisation) return;
    json.name(name);
    json.open_object();
    if (!organisation->email.empty()) {
        json.name("contact");
        json.open_list();
        json.open_object();
        json.member("email", organisation->email);
        json.close_object();
        json.close_list();
    }
    json.member_unless_empty("name", organisation->name);
    if (!organisation->url.empty()) {
        json.name("url");
        json.open_list();
        json.text(organisation->url);
        json.close_list();
    }
    json.close_object();
}

void write_members_after_parts(JsonStream& json, const Component& component) {
    check_component(component);
    json.member_unless_empty("description", component.description);
    write_references(json, component.references);
    write_hashes(json, component.sha256, component.sha512);
    if (component.is_external) {
        json.name("isExternal");
        json.literal("true");
    }
    write_licences(json, component.licences);
    write_organisation(json, "manufacturer", component.manufacturer);
    if (component.model_card) write_model_card(json, *component.model_card);
    json.member("name", component.name);
    write_properties(json, component.properties);
    json.member_unless_empty("purl", component.purl);
    if (component.scope == Component::Scope::required) json.member("scope", "required");
    if (component.scope == Component::Scope::optional) json.member("scope", "optional");
    write_organisation(json, "supplier", component.supplier);
    json.member("type", name_of(component.type));
    json.member_unless_empty("version", component.version);
    json.member_unless_empty("versionRange", component.version_range);
}

} // namespace manifests
