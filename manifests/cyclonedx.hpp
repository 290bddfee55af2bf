#pragma once
// Bills of material, as values that know nothing of a serialisation, and their encoding as CycloneDX 1.7
// JSON. CycloneDX 2.0 renames half of the members and has objects for hardware that 1.7 lacks; only the
// encoding will change then.
//
// The encoding is its own canonical form (RFC 8785): members sorted, no spaces, no fractions, lists sorted by
// bom-ref wherever their order means nothing. The same value gives the same bytes, and the serial number is
// made from those bytes, so two documents with one serial number are one document.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"

namespace manifests {

enum class ComponentType {
    application,
    data,
    device,
    device_driver,
    file,
    firmware,
    library,
    machine_learning_model,
    operating_system,
};
/// "machine-learning-model"
std::string_view name_of(ComponentType type);

/// Names are "sealift:...", "bsi:component:..." or registered in the CycloneDX property taxonomy.
struct BomProperty {
    std::string name;
    std::string value;
};

struct Organisation {
    std::string name;
    std::string url;   ///< empty: not stated
    std::string email; ///< empty: not stated
};

struct ExternalReference {
    std::string type; ///< of the schema's list: "distribution", "documentation", "bom"
    std::string url;  ///< IRI reference; relative ones start at the root of the bundle
    std::string comment;
    std::string sha512; ///< 128 hex digits or empty
};

struct ModelCard {
    std::string task;         ///< "text-generation"; empty: not known
    std::string architecture; ///< "LlamaForCausalLM"; empty: not known
    std::vector<std::string> input_formats;
    std::vector<std::string> output_formats;
    std::vector<BomProperty> properties;
};

struct Component {
    enum class Scope { not_stated, required, optional };

    ComponentType type = ComponentType::file;
    std::string ref;
    std::string name;
    std::string version;       ///< empty: none
    std::string version_range; ///< VERS; only for a component that is not delivered
    bool is_external = false;  ///< not delivered, has to be there
    Scope scope = Scope::not_stated;
    std::string description;
    std::optional<Organisation> manufacturer;
    std::optional<Organisation> supplier;
    std::vector<std::string> licences; ///< SPDX identifiers, expressions or names of licences, as declared
    std::optional<Digest> sha256;
    std::string sha512; ///< 128 hex digits or empty
    std::string purl;
    std::vector<BomProperty> properties;
    std::vector<ExternalReference> references;
    std::optional<ModelCard> model_card;
    std::vector<Component> parts; ///< what this one is assembled from
};

/// What is known about the completeness of a part of the document.
struct Composition {
    std::string aggregate;                 ///< of the schema's list: "complete", "incomplete", "unknown"
    std::vector<std::string> assemblies;   ///< refs whose parts and deliveries this speaks of
    std::vector<std::string> dependencies; ///< refs whose dependencies this speaks of
};

/// A standard with requirements that an attestation can point at by their refs.
struct BomRequirement {
    std::string ref;
    std::string identifier; ///< "HW-001"
    std::string title;
    std::string text;
    std::vector<BomProperty> properties;
};
struct BomStandard {
    std::string ref;
    std::string name;
    std::string version;
    std::string description;
    std::vector<BomRequirement> requirements; ///< in this order
};

/// A document without its lists, which may be long.
struct BomFrame {
    std::string phase;                   ///< lifecycle: "build", "design"
    std::optional<std::uint64_t> time_s; ///< since 1970; only from SOURCE_DATE_EPOCH, never from a clock
    std::string tool_name;               ///< who wrote the document
    std::string tool_version;
    std::optional<Organisation> supplier;
    Component root;
    std::optional<BomStandard> standard;
};

/// A document that is small enough to stand in memory; BomWriter writes the others.
struct Bom : BomFrame {
    std::vector<Component> components;
    std::map<std::string, std::set<std::string>> depends_on; ///< refs; what is not named here is a leaf
    std::vector<Composition> compositions;
};

/// @throws Error  Fault::internal if the value is not a document: a ref that is empty, used twice or points
///                nowhere, a version range of something that is delivered, a property outside of the name
///                spaces above, text that is not UTF-8
/// Source: CycloneDX 1.7 (ECMA-424), schema/bom-1.7.schema.json.
std::string encode_cyclonedx(const Bom& bom);

} // namespace manifests
