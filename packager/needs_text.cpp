#include "packager/needs_text.hpp"

#include "manifests/text.hpp"
#include "packager/chip_plan.hpp"

namespace packager {
namespace {

using manifests::count_text;
using manifests::escaped;

void append(std::string& text, const std::string& part) {
    text += (text.empty() ? "" : ", ") + part;
}

std::string line_of_needs(const manifests::Needs& needs) {
    std::string text;
    if (!needs.architecture.empty()) append(text, escaped(needs.architecture));
    for (const manifests::AbiNeed& abi : needs.abi)
        append(text, escaped(abi.name) + " " + escaped(abi.version));
    if (needs.engine != manifests::EngineFacts{})
        append(text, "engine " + escaped(needs.engine.name) + " " + escaped(needs.engine.version));
    std::string types;
    for (const std::string& type : needs.tensor_types)
        types += " " + escaped(type);
    if (!types.empty()) append(text, "tensors" + types);
    return text;
}

std::string line_of_devices(const manifests::MemoryNeed& need) {
    const auto size = [](std::uint64_t bytes) { return binary_size_text(bytes, Rounding::nearest); };
    return count_text(need.devices()) + " x " + binary_size_text(need.least_device_bytes(), Rounding::up) +
           " (weights " + size(need.weight_bytes) + ", cache " + size(need.cache_bytes) + ", overhead " +
           size(need.overhead_bytes) + ", of " + std::to_string(need.utilisation_percent) +
           " %); TP x PP x DP " + std::to_string(need.tensor_parallel) + " x " +
           std::to_string(need.pipeline_parallel) + " x " + std::to_string(need.data_parallel) + ", " +
           count_text(need.sequences) + (need.sequences == 1 ? " sequence of " : " sequences of ") +
           count_text(need.context_tokens) + " tokens";
}

} // namespace

std::string needs_text(const manifests::Needs& needs) {
    std::string text;
    const std::string line = line_of_needs(needs);
    if (!line.empty()) text += "needs     " + line + "\n";
    if (needs.memory) text += "devices   " + line_of_devices(*needs.memory) + "\n";
    return text;
}

} // namespace packager
