#include "tests/support/schema.hpp"

#include "tests/support/files.hpp"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace tests {
namespace {

// A schema cannot be copied and looks into its document, so both stay where they are.
struct ReadSchema {
    ReadSchema(std::string_view path, valijson::SchemaParser::Version version)
        : document(nlohmann::json::parse(read_file(source_file(path)))) {
        valijson::SchemaParser(version).populateSchema(valijson::adapters::NlohmannJsonAdapter(document),
                                                       schema);
    }
    nlohmann::json document;
    valijson::Schema schema;
};

std::vector<std::string> problems_of(std::string_view document, const valijson::Schema& schema) {
    const auto value = nlohmann::json::parse(document.begin(), document.end(), nullptr, false);
    if (value.is_discarded()) return {"not JSON"};
    valijson::ValidationResults results;
    valijson::Validator validator;
    if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(value), &results)) return {};
    std::vector<std::string> problems;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        std::string where;
        for (const std::string& step : error.context)
            where += step;
        problems.push_back(where + ": " + error.description);
    }
    if (problems.empty()) problems.emplace_back("refused without a reason");
    return problems;
}

} // namespace

std::vector<std::string> cyclonedx_problems(std::string_view document) {
    static const ReadSchema read("tests/vectors/schemas/cyclonedx/bom-1.7.bundled.schema.json",
                                 valijson::SchemaParser::kDraft7);
    return problems_of(document, read.schema);
}

std::vector<std::string> model_config_problems(std::string_view document) {
    static const ReadSchema read("tests/vectors/schemas/modelpack/config-schema.json",
                                 valijson::SchemaParser::kDraft7);
    return problems_of(document, read.schema);
}

std::vector<std::string> profile_problems(std::string_view document) {
    static const ReadSchema read("profiles/profile.schema.json", valijson::SchemaParser::kDraft7);
    return problems_of(document, read.schema);
}

} // namespace tests
