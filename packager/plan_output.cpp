#include "packager/plan_output.hpp"

#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "packager/memory_plan.hpp"
#include "packager/model_parameters.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::count_text;
using manifests::escaped;
using manifests::MemoryNeed;
using manifests::OrderedJson;

std::string size_text(std::uint64_t size_bytes) {
    return binary_size_text(size_bytes, Rounding::nearest);
}

std::string joined(const std::vector<std::string>& texts) {
    std::string text;
    for (const std::string& part : texts)
        text += (text.empty() ? "" : ", ") + escaped(part);
    return text;
}

std::string model_line(const ModelShape& shape) {
    std::string text =
        shape.architectures.empty() ? escaped(shape.model_type) : escaped(shape.architectures.front());
    if (text.empty()) text = "not described";
    if (shape.layers == 0) return text;
    text += ", " + count_text(shape.layers) + " layers, " + attention_name(shape);
    if (const auto parameters = count_parameters(shape)) {
        text += ", " + count_text(parameters->total) + " parameters";
        if (parameters->mtp != 0) text += " and " + count_text(parameters->mtp) + " for speculation";
    }
    return text;
}

std::string weights_line(const PlannedModel& model) {
    if (!model.weights) return "not known";
    const std::string types = model.tensor_types.empty() ? "" : " (" + joined(model.tensor_types) + ")";
    return size_text(model.weights->total_bytes()) + types +
           (model.weights_from_files ? ", by the headers of the files" : ", computed from the configuration");
}

std::string wish_line(const PlanReport& report) {
    const manifests::Deployment& wish = report.wish.deployment;
    const std::uint64_t tokens = wish.context_tokens != 0 ? wish.context_tokens : report.model.shape.context;
    return (tokens == 0 ? "a context that nobody says" : "a context of " + count_text(tokens) + " tokens") +
           ", " + count_text(wish.sequences) + (wish.sequences == 1 ? " sequence" : " sequences") +
           " at a time, cache in " + std::string(name_of(cache_type_of(report.model.shape, wish))) +
           (wish.cache_type.empty() ? " (assumed), " : ", ") + std::to_string(wish.utilisation_percent) +
           " % of a device's memory";
}

std::string parallel_text(const MemoryNeed& need) {
    return std::to_string(need.tensor_parallel) + " x " + std::to_string(need.pipeline_parallel) + " x " +
           std::to_string(need.data_parallel);
}

// What is left, or with a minus what is missing.
std::string left_text(const MemoryNeed& need, std::uint64_t usable) {
    const std::uint64_t used = need.weight_bytes + need.cache_bytes + need.overhead_bytes;
    return used <= usable ? size_text(usable - used) : "-" + size_text(used - usable);
}

std::vector<std::string> row_of(const ChipPlan& plan) {
    std::vector<std::string> row{plan.profile, std::string(name_of(plan.answer))};
    if (!plan.need) return row;
    const MemoryNeed& need = *plan.need;
    const std::uint64_t usable = usable_bytes(plan.device_bytes, need.utilisation_percent);
    const std::uint64_t nodes = plan.nodes();
    for (std::string& cell :
         std::vector<std::string>{std::to_string(need.devices()) + " x " + size_text(plan.device_bytes),
                                  nodes == 0 ? "" : std::to_string(nodes), parallel_text(need),
                                  size_text(need.weight_bytes), size_text(need.cache_bytes),
                                  size_text(need.overhead_bytes), size_text(usable), left_text(need, usable)})
        row.push_back(std::move(cell));
    return row;
}

std::string remarks_of(const ChipPlan& plan) {
    std::string text;
    if (!plan.reason.empty()) text += plan.profile + ": " + runtime::harmless(plan.reason) + "\n";
    for (const PlanRemedy& remedy : plan.remedies)
        text += remedy.devices != 0 ? "  would fit: " + runtime::harmless(remedy.text) + "\n"
                                    : "  would help: " + runtime::harmless(remedy.text) +
                                          "; whether it fits then cannot be told\n";
    for (const std::string& note : plan.notes)
        text += plan.profile + ": note: " + runtime::harmless(note) + "\n";
    return text;
}

OrderedJson need_json(const ChipPlan& plan) {
    if (!plan.need) return nullptr;
    const MemoryNeed& need = *plan.need;
    return {{"devices", need.devices()},
            {"nodes", plan.nodes() == 0 ? OrderedJson(nullptr) : OrderedJson(plan.nodes())},
            {"tensor_parallel", need.tensor_parallel},
            {"pipeline_parallel", need.pipeline_parallel},
            {"data_parallel", need.data_parallel},
            {"context_tokens", need.context_tokens},
            {"sequences", need.sequences},
            {"weight_bytes", need.weight_bytes},
            {"cache_bytes", need.cache_bytes},
            {"overhead_bytes", need.overhead_bytes},
            {"utilisation_percent", need.utilisation_percent},
            {"least_device_bytes", need.least_device_bytes()}};
}

OrderedJson figure(std::uint64_t value) {
    return value == 0 ? OrderedJson(nullptr) : OrderedJson(value);
}

OrderedJson chip_json(const ChipPlan& plan) {
    OrderedJson remedies = OrderedJson::array();
    for (const PlanRemedy& remedy : plan.remedies) {
        remedies.push_back({{"kind", name_of(remedy.kind)},
                            {"text", runtime::json_text(remedy.text)},
                            {"devices", figure(remedy.devices)}});
    }
    OrderedJson usable = nullptr;
    if (plan.need && plan.device_bytes != 0)
        usable = usable_bytes(plan.device_bytes, plan.need->utilisation_percent);
    return {{"profile", plan.profile},           {"chip", runtime::json_text(plan.chip)},
            {"answer", name_of(plan.answer)},    {"device_bytes", figure(plan.device_bytes)},
            {"usable_bytes", std::move(usable)}, {"devices_per_node", figure(plan.devices_per_node)},
            {"need", need_json(plan)},           {"reason", runtime::json_text(plan.reason)},
            {"remedies", std::move(remedies)},   {"notes", plan.notes}};
}

OrderedJson model_json(const PlannedModel& model) {
    const ModelShape& shape = model.shape;
    OrderedJson architectures = OrderedJson::array();
    for (const std::string& name : shape.architectures)
        architectures.push_back(runtime::json_text(name));
    const auto parameters = count_parameters(shape);
    return {
        {"type", runtime::json_text(shape.model_type)},
        {"architectures", std::move(architectures)},
        {"layers", figure(shape.layers)},
        {"context_tokens", figure(shape.context)},
        {"parameters", parameters ? OrderedJson(parameters->total) : OrderedJson(nullptr)},
        {"weight_bytes", model.weights ? OrderedJson(model.weights->total_bytes()) : OrderedJson(nullptr)},
        {"weights_from", !model.weights             ? ""
                         : model.weights_from_files ? "files"
                                                    : "configuration"},
        {"tensor_types", model.tensor_types}};
}

} // namespace

std::string plan_text(const PlanReport& report) {
    std::string text = "model     " + escaped(report.name, 4096) + ": " + model_line(report.model.shape) +
                       "\nweights   " + weights_line(report.model) + "\nasked     " + wish_line(report) +
                       "\n";
    runtime::Table table({"PROFILE", "ANSWER", "DEVICES", "NODES", "TP x PP x DP", "WEIGHTS", "CACHE",
                          "OVERHEAD", "USABLE", "LEFT"});
    for (const ChipPlan& plan : report.plans)
        table.row(row_of(plan));
    for (std::size_t column = 2; column < 10; ++column)
        table.align_right(column);
    text += table.text();
    for (const ChipPlan& plan : report.plans)
        text += remarks_of(plan);
    return text;
}

OrderedJson plan_json(const PlanReport& report) {
    OrderedJson plans = OrderedJson::array();
    for (const ChipPlan& plan : report.plans)
        plans.push_back(chip_json(plan));
    return {{"schema", "sealift.plan/1"},
            {"name", runtime::json_text(report.name)},
            {"model", model_json(report.model)},
            {"cache_type", name_of(cache_type_of(report.model.shape, report.wish.deployment))},
            {"cache_type_assumed", report.wish.deployment.cache_type.empty()},
            {"plans", std::move(plans)},
            {"notes", report.notes}};
}

} // namespace packager
