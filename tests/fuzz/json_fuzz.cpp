// read_json: only Error comes out, with a code; what is accepted is well-formed, within the limits, and reads
// the same again after it was written.

#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using manifests::Json;

std::uint64_t depth_of(const Json& value) {
    std::uint64_t deepest = 0;
    if (!value.is_structured()) return 0;
    for (const Json& inner : value)
        deepest = std::max(deepest, depth_of(inner));
    return deepest + 1;
}

void try_rules(std::string_view text, const manifests::JsonRules& rules) {
    try {
        const Json value = manifests::read_json(text, rules);
        demand(rules.comments || manifests::is_utf8(text), "accepted text is UTF-8");
        demand(depth_of(value) <= rules.most_depth, "accepted values are not too deep");
        const std::string written = manifests::write_json(manifests::OrderedJson::parse(value.dump()));
        demand(manifests::read_json(written, rules) == value, "what was written reads the same");
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(error.code().has_value(), "a refusal has a code");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try_rules(text, {});
    try_rules(text,
              {.most_bytes = 4096, .most_depth = 3, .most_members = 4, .comments = true, .floats = true});
    return 0;
}
