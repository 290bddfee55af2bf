#include "manifests/bom_statement.hpp"

#include <nlohmann/json.hpp>

#include "manifests/json.hpp"
#include "manifests/media_types.hpp"
#include "manifests/predicates.hpp"
#include "manifests/text.hpp"

namespace manifests {

std::string BomStatement::encode() const {
    OrderedJson list = OrderedJson::array();
    for (const ResourceDescriptor& bom : boms) {
        OrderedJson one;
        one["name"] = bom.name;
        one["digest"]["sha256"] = bom.digest.hex();
        one["mediaType"] = bom.media_type;
        list.push_back(std::move(one));
    }
    OrderedJson predicate;
    predicate["attester"]["id"] = attester_id;
    predicate["references"] = std::move(list);
    return encode_statement({{product + "@" + version, bundle, std::nullopt}}, predicate::reference,
                            predicate);
}

std::vector<Digest> boms_of(const Statement& statement) {
    return as_statement("BOM reference", [&] {
        if (statement.predicate_type != predicate::reference)
            refuse_document("predicateType is " + in_quotes(statement.predicate_type));
        std::vector<Digest> found;
        Fields fields(*statement.predicate);
        for (const Json& value : fields.array("references")) {
            Fields reference(value);
            if (reference.text_or("mediaType", "") != media::cyclonedx) continue;
            found.push_back(Digest::parse("sha256:" + Fields(reference.object("digest")).text("sha256")));
        }
        return found;
    });
}

} // namespace manifests
