#include "manifests/provenance.hpp"

#include <nlohmann/json.hpp>

#include "manifests/json.hpp"
#include "manifests/predicates.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

OrderedJson json_of(const ResourceDescriptor& resource) {
    OrderedJson json;
    json["name"] = resource.name;
    json["digest"]["sha256"] = resource.digest.hex();
    if (!resource.media_type.empty()) json["mediaType"] = resource.media_type;
    return json;
}

} // namespace

std::string Provenance::encode() const {
    OrderedJson parameters;
    parameters["recipe"]["digest"]["sha256"] = recipe.hex();
    parameters["profile"] = profile_id;
    OrderedJson list = OrderedJson::array();
    for (const ResourceDescriptor& resource : dependencies)
        list.push_back(json_of(resource));
    OrderedJson definition;
    definition["buildType"] = build_type;
    definition["externalParameters"] = std::move(parameters);
    definition["resolvedDependencies"] = std::move(list);
    OrderedJson builder;
    builder["id"] = builder_id;
    builder["version"]["sealift"] = builder_version;
    OrderedJson details;
    details["builder"] = std::move(builder);
    if (time) {
        details["metadata"]["startedOn"] = *time;
        details["metadata"]["finishedOn"] = *time;
    }
    OrderedJson predicate;
    predicate["buildDefinition"] = std::move(definition);
    predicate["runDetails"] = std::move(details);
    return encode_statement({{product + "@" + version, bundle, std::nullopt}}, predicate::provenance,
                            predicate);
}

std::string builder_of(const Statement& statement) {
    return as_statement("provenance", [&] {
        if (statement.predicate_type != predicate::provenance)
            refuse_document("predicateType is " + in_quotes(statement.predicate_type));
        Fields fields(*statement.predicate);
        Fields details(fields.object("runDetails"));
        return Fields(details.object("builder")).text("id");
    });
}

} // namespace manifests
