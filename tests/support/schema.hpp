#pragma once
// JSON Schema validation for tests. valijson takes 13 s to compile, so it lives in schema.cpp alone.

#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// What the CycloneDX 1.7 schema says against `document`, one line each; empty: valid. Text that is not JSON
/// is one line too. The schema is tests/vectors/schemas/cyclonedx/bom-1.7.bundled.schema.json.
std::vector<std::string> cyclonedx_problems(std::string_view document);

/// The same for a ModelPack model config and tests/vectors/schemas/modelpack/config-schema.json.
std::vector<std::string> model_config_problems(std::string_view document);

/// The same for a profile and profiles/profile.schema.json.
std::vector<std::string> profile_problems(std::string_view document);

} // namespace tests
