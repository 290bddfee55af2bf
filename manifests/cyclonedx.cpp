#include "manifests/cyclonedx.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/bom_text.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/spdx.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

// Json and not OrderedJson here and below: its members come out sorted, which is the canonical form.

[[noreturn]] void not_a_document(const std::string& text) {
    throw Error(Fault::internal, "bill of material: " + text);
}

// Names under cdx: have to be registered (CycloneDX property taxonomy, cdx.md). These are the ones we use.
constexpr std::array<std::string_view, 4> registered_names{
    "cdx:ai-ml:model:hyperparameter:quantization",
    "cdx:ai-ml:model:parameter:count",
    "cdx:device:function",
    "cdx:device:quantity",
};

void check_property(const BomProperty& property) {
    const bool ours = property.name.starts_with("sealift:") || property.name.starts_with("bsi:component:");
    const bool registered =
        std::find(registered_names.begin(), registered_names.end(), property.name) != registered_names.end();
    if (!ours && !registered) not_a_document("property " + in_quotes(property.name) + " is not registered");
}

Json properties_json(const std::vector<BomProperty>& properties) {
    std::vector<std::pair<std::string, std::string>> sorted;
    for (const BomProperty& property : properties) {
        check_property(property);
        sorted.emplace_back(property.name, property.value);
    }
    std::sort(sorted.begin(), sorted.end());
    Json list = Json::array();
    for (const auto& [name, value] : sorted) {
        list.push_back({{"name", name}, {"value", value}});
    }
    return list;
}

void put_text(Json& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}

void put_list(Json& object, const char* name, Json list) {
    if (!list.empty()) object[name] = std::move(list);
}

Json organisation_json(const Organisation& organisation) {
    Json object = Json::object();
    put_text(object, "name", organisation.name);
    if (!organisation.url.empty()) object["url"] = Json::array({organisation.url});
    if (!organisation.email.empty()) object["contact"] = Json::array({{{"email", organisation.email}}});
    return object;
}

Json licences_json(std::vector<std::string> licences) {
    std::sort(licences.begin(), licences.end());
    licences.erase(std::unique(licences.begin(), licences.end()), licences.end());
    Json list = Json::array();
    for (const std::string& licence : licences) {
        const LicenceForm form = form_of_licence(licence);
        if (form == LicenceForm::expression) {
            list.push_back({{"acknowledgement", "declared"}, {"expression", licence}});
            continue;
        }
        const char* member = form == LicenceForm::identifier ? "id" : "name";
        list.push_back({{"license", {{"acknowledgement", "declared"}, {member, licence}}}});
    }
    return list;
}

Json hash_json(const char* algorithm, const std::string& hex) {
    return {{"alg", algorithm}, {"content", hex}};
}

Json references_json(const std::vector<ExternalReference>& references) {
    std::vector<const ExternalReference*> sorted;
    for (const ExternalReference& reference : references)
        sorted.push_back(&reference);
    std::sort(sorted.begin(), sorted.end(), [](const auto* left, const auto* right) {
        return std::tie(left->type, left->url, left->comment, left->sha512) <
               std::tie(right->type, right->url, right->comment, right->sha512);
    });
    Json list = Json::array();
    for (const ExternalReference* reference : sorted) {
        Json object{{"type", reference->type}, {"url", reference->url}};
        put_text(object, "comment", reference->comment);
        if (!reference->sha512.empty()) {
            object["hashes"] = Json::array({hash_json("SHA-512", reference->sha512)});
        }
        list.push_back(std::move(object));
    }
    return list;
}

Json formats_json(const std::vector<std::string>& formats) {
    Json list = Json::array();
    for (const std::string& format : formats)
        list.push_back({{"format", format}});
    return list;
}

Json model_card_json(const ModelCard& card) {
    Json parameters = Json::object();
    put_text(parameters, "task", card.task);
    put_text(parameters, "modelArchitecture", card.architecture);
    put_list(parameters, "inputs", formats_json(card.input_formats));
    put_list(parameters, "outputs", formats_json(card.output_formats));
    Json object = Json::object();
    if (!parameters.empty()) object["modelParameters"] = std::move(parameters);
    // Here and not in modelParameters, where the property taxonomy shows them: the schema refuses them there.
    put_list(object, "properties", properties_json(card.properties));
    return object;
}

std::vector<const Component*> by_ref(const std::vector<Component>& components) {
    std::vector<const Component*> sorted;
    for (const Component& component : components)
        sorted.push_back(&component);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* left, const auto* right) { return left->ref < right->ref; });
    return sorted;
}

void check_component(const Component& component) {
    if (component.ref.empty() || component.name.empty()) not_a_document("a component has no ref or no name");
    if (component.version_range.empty()) return;
    if (!component.version.empty()) not_a_document(in_quotes(component.ref) + " has a version and a range");
    if (!component.is_external) not_a_document(in_quotes(component.ref) + " is delivered but has a range");
}

Json component_json(const Component& component) {
    check_component(component);
    Json object{{"type", name_of(component.type)}, {"bom-ref", component.ref}, {"name", component.name}};
    put_text(object, "version", component.version);
    put_text(object, "versionRange", component.version_range);
    put_text(object, "description", component.description);
    put_text(object, "purl", component.purl);
    if (component.is_external) object["isExternal"] = true;
    if (component.scope == Component::Scope::required) object["scope"] = "required";
    if (component.scope == Component::Scope::optional) object["scope"] = "optional";
    if (component.manufacturer) object["manufacturer"] = organisation_json(*component.manufacturer);
    if (component.supplier) object["supplier"] = organisation_json(*component.supplier);
    put_list(object, "licenses", licences_json(component.licences));
    Json hashes = Json::array();
    if (component.sha256) hashes.push_back(hash_json("SHA-256", component.sha256->hex()));
    if (!component.sha512.empty()) hashes.push_back(hash_json("SHA-512", component.sha512));
    put_list(object, "hashes", std::move(hashes));
    put_list(object, "properties", properties_json(component.properties));
    put_list(object, "externalReferences", references_json(component.references));
    if (component.model_card) object["modelCard"] = model_card_json(*component.model_card);
    Json parts = Json::array();
    for (const Component* part : by_ref(component.parts))
        parts.push_back(component_json(*part));
    put_list(object, "components", std::move(parts));
    return object;
}

// Every ref of the document, sorted. Parts count as much as what stands at the top.
void gather_refs(const Component& component, std::set<std::string>& refs) {
    if (!refs.insert(component.ref).second) {
        not_a_document("ref " + in_quotes(component.ref) + " is given twice");
    }
    for (const Component& part : component.parts)
        gather_refs(part, refs);
}

std::set<std::string> refs_of(const Bom& bom) {
    std::set<std::string> refs;
    gather_refs(bom.root, refs);
    for (const Component& component : bom.components)
        gather_refs(component, refs);
    return refs;
}

void check_known(const std::set<std::string>& refs, const std::string& ref) {
    if (refs.count(ref) == 0) not_a_document("ref " + in_quotes(ref) + " points nowhere");
}

Json refs_json(const std::set<std::string>& refs, const std::vector<std::string>& some) {
    std::set<std::string> sorted(some.begin(), some.end());
    for (const std::string& ref : sorted)
        check_known(refs, ref);
    return sorted;
}

Json compositions_json(const Bom& bom, const std::set<std::string>& refs) {
    Json list = Json::array();
    for (const Composition& composition : bom.compositions) {
        Json object{{"aggregate", composition.aggregate}};
        put_list(object, "assemblies", refs_json(refs, composition.assemblies));
        put_list(object, "dependencies", refs_json(refs, composition.dependencies));
        list.push_back(std::move(object));
    }
    std::sort(list.begin(), list.end());
    return list;
}

Json standard_json(const BomStandard& standard, std::set<std::string> refs) {
    const auto take_ref = [&](const std::string& ref) {
        if (ref.empty() || !refs.insert(ref).second)
            not_a_document("ref " + in_quotes(ref) + " is given twice");
    };
    take_ref(standard.ref);
    Json requirements = Json::array();
    for (const BomRequirement& requirement : standard.requirements) {
        take_ref(requirement.ref);
        Json object{{"bom-ref", requirement.ref}, {"identifier", requirement.identifier}};
        put_text(object, "title", requirement.title);
        put_text(object, "text", requirement.text);
        put_list(object, "properties", properties_json(requirement.properties));
        requirements.push_back(std::move(object));
    }
    Json object{{"bom-ref", standard.ref}, {"name", standard.name}};
    put_text(object, "version", standard.version);
    put_text(object, "description", standard.description);
    put_list(object, "requirements", std::move(requirements));
    return object;
}

Json metadata_json(const Bom& bom) {
    Json object{{"component", component_json(bom.root)},
                {"lifecycles", Json::array({{{"phase", bom.phase}}})},
                {"tools",
                 {{"components", Json::array({{{"type", "application"},
                                               {"name", bom.tool_name},
                                               {"version", bom.tool_version}}})}}}};
    if (bom.time_s) object["timestamp"] = timestamp_text(*bom.time_s);
    if (bom.supplier) {
        object["manufacturer"] = organisation_json(*bom.supplier);
        object["supplier"] = organisation_json(*bom.supplier);
    }
    return object;
}

// Writes the document text member by member: a bundle may have 100,000 files, and the JSON value of such a
// document would take ten times the memory of its text.
class DocumentWriter {
public:
    explicit DocumentWriter(const Bom& bom) : bom_(bom), refs_(refs_of(bom)) {}

    std::string write() {
        text_ = R"({"$schema":"http://cyclonedx.org/schema/bom-1.7.schema.json","bomFormat":"CycloneDX")";
        write_components();
        member("compositions", compositions_json(bom_, refs_));
        if (bom_.standard) {
            member("definitions", {{"standards", Json::array({standard_json(*bom_.standard, refs_)})}});
        }
        write_dependencies();
        member("metadata", metadata_json(bom_));
        const std::size_t serial_place = text_.size();
        text_ += R"(,"specVersion":"1.7","version":1})";
        const std::string name = "sealift:bom:" + Digest::of(text_).text();
        text_.insert(serial_place, R"(,"serialNumber":")" + name_based_uuid(name) + "\"");
        return std::move(text_);
    }

private:
    void member(const char* name, const Json& value) {
        text_ += ",\"" + std::string(name) + "\":" + value.dump();
    }

    void write_components() {
        text_ += R"(,"components":[)";
        bool first = true;
        for (const Component* component : by_ref(bom_.components)) {
            if (!std::exchange(first, false)) text_ += ',';
            text_ += component_json(*component).dump();
        }
        text_ += ']';
    }

    // Leaves are written out with an empty list: BSI TR-03183-2 wants them declared, and cdxgen's validator
    // fails on a node without the member.
    void write_dependencies() {
        for (const auto& [ref, targets] : bom_.depends_on) {
            check_known(refs_, ref);
            for (const std::string& target : targets)
                check_known(refs_, target);
        }
        text_ += R"(,"dependencies":[)";
        bool first = true;
        for (const std::string& ref : refs_) {
            const auto node = bom_.depends_on.find(ref);
            const std::set<std::string> targets =
                node == bom_.depends_on.end() ? std::set<std::string>() : node->second;
            if (!std::exchange(first, false)) text_ += ',';
            text_ += Json{{"dependsOn", targets}, {"ref", ref}}.dump();
        }
        text_ += ']';
    }

    const Bom& bom_;
    std::set<std::string> refs_;
    std::string text_;
};

} // namespace

std::string_view name_of(ComponentType type) {
    constexpr std::array<std::string_view, 9> names{"application",
                                                    "data",
                                                    "device",
                                                    "device-driver",
                                                    "file",
                                                    "firmware",
                                                    "library",
                                                    "machine-learning-model",
                                                    "operating-system"};
    return names.at(static_cast<std::size_t>(type));
}

std::string encode_cyclonedx(const Bom& bom) {
    try {
        return DocumentWriter(bom).write();
    } catch (const Json::type_error& problem) { // nlohmann's only complaint about a value: not UTF-8
        not_a_document(escaped(problem.what()));
    }
}

} // namespace manifests
