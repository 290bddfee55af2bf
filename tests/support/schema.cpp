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

const valijson::Schema& cyclonedx_schema() {
    static const nlohmann::json document = nlohmann::json::parse(
        read_file(source_file("tests/vectors/schemas/cyclonedx/bom-1.7.bundled.schema.json")));
    static valijson::Schema schema; // cannot be copied, so it is filled in place, once
    static const bool filled = [] {
        valijson::SchemaParser(valijson::SchemaParser::kDraft7)
            .populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema);
        return true;
    }();
    static_cast<void>(filled);
    return schema;
}

} // namespace

std::vector<std::string> cyclonedx_problems(std::string_view document) {
    const auto value = nlohmann::json::parse(document.begin(), document.end(), nullptr, false);
    if (value.is_discarded()) return {"not JSON"};
    valijson::ValidationResults results;
    valijson::Validator validator;
    if (validator.validate(cyclonedx_schema(), valijson::adapters::NlohmannJsonAdapter(value), &results))
        return {};
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

} // namespace tests
