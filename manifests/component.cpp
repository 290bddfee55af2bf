#include "manifests/component.hpp"

#include <nlohmann/json.hpp>

#include "manifests/json.hpp"
#include "manifests/predicates.hpp"
#include "manifests/text.hpp"

namespace manifests {

ComponentStatement ComponentStatement::from(const Statement& statement) {
    return as_statement("component statement", [&] {
        if (statement.predicate_type != predicate::component)
            refuse_document("predicateType is " + in_quotes(statement.predicate_type));
        Fields fields(*statement.predicate);
        const Role role = parse_role(fields.text("role"));
        fields.refuse_others();
        return ComponentStatement{role, statement.subjects};
    });
}

std::string ComponentStatement::encode() const {
    OrderedJson predicate;
    predicate["role"] = name_of(role);
    return encode_statement(subjects, predicate::component, predicate);
}

} // namespace manifests
