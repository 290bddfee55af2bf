#include "packager/model_check.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/model_source.hpp"

namespace packager {
namespace {

using manifests::AcceptedRisk;
using manifests::BundleFile;
using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::Severity;

void check_reason(const std::string& reason, const char* option) {
    constexpr std::size_t most_bytes = 1024;
    const bool one_line = std::none_of(reason.begin(), reason.end(),
                                       [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (reason.size() > most_bytes || !one_line || !manifests::is_utf8(reason))
        throw Error(Fault::usage, std::string(option) + ": a reason is one line of at most 1024 bytes");
}

void check_pickle(const BundleFile& file, const std::string& danger, const std::string& reason,
                  ModelCheck& check) {
    const std::string text = "it can run code when it is loaded: " + danger;
    if (reason.empty()) {
        check.report.add(
            {Code::model_pickle, file.path.text(), text,
             "convert it to safetensors or leave it out; or build with --allow-pickle REASON, which "
             "is recorded in the bundle"});
        return;
    }
    check.report.add({Code::model_pickle, file.path.text(),
                      text + "; let through: " + manifests::escaped(reason), "", Severity::note});
    check.risks.push_back({file.path, "pickle", reason});
}

// What a loader with trust_remote_code would import: Python files in the folder of the config.json and below.
void check_code(const Inputs& inputs, const std::string& reason, ModelCheck& check) {
    const std::string& source = check.checkpoint.code_source;
    if (source.empty()) return;
    const std::string folder = source.substr(0, source.rfind('/') + 1);
    for (const BundleFile& file : inputs.files) {
        if (!file.path.text().starts_with(folder) || !file.path.name().ends_with(".py")) continue;
        const std::string why = reason.empty() ? "" : "; let through: " + manifests::escaped(reason);
        check.report.add(
            {Code::model_code, file.path.text(),
             "a loader runs it if it is told to trust remote code, for " + manifests::escaped(source) +
                 " has an auto_map" + why,
             reason.empty() ? "read it; --allow-code REASON records in the bundle that you did" : "",
             Severity::note});
        if (!reason.empty()) check.risks.push_back({file.path, "code", reason});
    }
}

void sort_risks(std::vector<AcceptedRisk>& risks) {
    std::sort(risks.begin(), risks.end(), [](const AcceptedRisk& a, const AcceptedRisk& b) {
        return std::tie(a.path, a.danger) < std::tie(b.path, b.danger);
    });
}

std::string quantisation_text(const Quantisation& quantisation) {
    const bool by_scheme = quantisation.method == "gguf" || quantisation.method == "modelslim";
    return by_scheme && !quantisation.scheme.empty() ? quantisation.scheme : quantisation.method;
}

} // namespace

ModelCheck check_model(const Inputs& inputs, const RiskReasons& reasons) {
    check_reason(reasons.pickle, "--allow-pickle");
    check_reason(reasons.code, "--allow-code");
    ModelCheck check;
    for (std::size_t i = 0; i < inputs.files.size(); ++i)
        if (const auto& danger = inputs.sources[i].danger)
            check_pickle(inputs.files[i], *danger, reasons.pickle, check);
    check.checkpoint = read_checkpoint(model_files_of(inputs));
    check.report.merge(check.checkpoint.report);
    check_code(inputs, reasons.code, check);
    sort_risks(check.risks);
    return check;
}

void fill_model_facts(manifests::ModelFacts& facts, const Checkpoint& checkpoint) {
    const ModelShape& shape = checkpoint.shape;
    const auto fill = [](std::string& fact, const std::string& found) {
        constexpr std::size_t most_bytes = 128; // what is longer is no name
        if (fact.empty() && found.size() <= most_bytes && found == manifests::escaped(found)) fact = found;
    };
    fill(facts.architecture, shape.architectures.empty() ? shape.model_type : shape.architectures[0]);
    fill(facts.family, shape.model_type);
    fill(facts.format, checkpoint.format());
    if (checkpoint.parameters) fill(facts.parameters, parameters_text(checkpoint.parameters->total));
    fill(facts.precision, shape.dtype);
    fill(facts.quantization, quantisation_text(shape.quantisation));
}

std::string parameters_text(std::uint64_t count) {
    constexpr std::array<std::pair<std::uint64_t, const char*>, 4> units{
        {{1'000'000'000'000, "T"}, {1'000'000'000, "B"}, {1'000'000, "M"}, {1'000, "K"}}};
    for (const auto& [unit, name] : units) {
        if (count < unit) continue;
        const std::uint64_t tenths = count / (unit / 10) + (count % (unit / 10) >= unit / 20 ? 1 : 0);
        if (tenths >= 1000) return std::to_string((tenths + 5) / 10) + name;
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + name;
    }
    return std::to_string(count);
}

} // namespace packager
