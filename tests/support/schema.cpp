#include "tests/support/schema.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace support {
namespace {

// The folder of the sources is given by the build; a test that cannot find its schema fails.
#ifndef SEALIFT_TEST_VECTORS
#define SEALIFT_TEST_VECTORS "tests/vectors"
#endif

nlohmann::json read_schema(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("schema is missing: " + path);
    return nlohmann::json::parse(file);
}

const valijson::Schema& cyclonedx_schema() {
    static const nlohmann::json document =
        read_schema(std::string(SEALIFT_TEST_VECTORS) + "/schemas/cyclonedx/bom-1.7.bundled.schema.json");
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

} // namespace support
