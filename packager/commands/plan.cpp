#include <algorithm>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/needs.hpp"
#include "packager/commands/commands.hpp"
#include "packager/memory_plan.hpp"
#include "packager/plan_output.hpp"
#include "packager/plan_source.hpp"
#include "runtime/program.hpp"
#include "runtime/whole_number.hpp"

namespace packager {
namespace {

using manifests::Exit;
using runtime::StoredProfile;

struct PlanOptions {
    std::string model;
    std::vector<std::string> profiles;
    std::string profiles_folder;
    std::string weight_type;
    std::optional<std::uint64_t> tensor_parallel, pipeline_parallel, data_parallel;
    std::optional<std::uint64_t> context, sequences, overhead, utilisation;
    std::optional<std::string> cache_type;
    std::uint64_t devices_per_node = 0;
    std::uint64_t device_memory = 0;
    runtime::OutputOptions output;
};

// What the recipe or the bundle says, changed by what the command line says.
PlanWish wish_of(const PlanOptions& options, const PlanSource& source) {
    PlanWish wish{.deployment = source.deployment,
                  .asks_tensor_parallel = source.has_deployment,
                  .asks_pipeline_parallel = source.has_deployment,
                  .devices_per_node = options.devices_per_node,
                  .device_bytes = options.device_memory};
    manifests::Deployment& deployment = wish.deployment;
    deployment.tensor_parallel = options.tensor_parallel.value_or(deployment.tensor_parallel);
    deployment.pipeline_parallel = options.pipeline_parallel.value_or(deployment.pipeline_parallel);
    deployment.data_parallel = options.data_parallel.value_or(deployment.data_parallel);
    deployment.context_tokens = options.context.value_or(deployment.context_tokens);
    deployment.sequences = options.sequences.value_or(deployment.sequences);
    deployment.cache_type = options.cache_type.value_or(deployment.cache_type);
    deployment.overhead_bytes = options.overhead.value_or(deployment.overhead_bytes);
    deployment.utilisation_percent = options.utilisation.value_or(deployment.utilisation_percent);
    if (options.tensor_parallel) wish.asks_tensor_parallel = true;
    if (options.tensor_parallel || options.pipeline_parallel) wish.asks_pipeline_parallel = true;
    return wish;
}

std::vector<StoredProfile> profiles_of(const PlanOptions& options, const PlanSource& source) {
    std::vector<StoredProfile> profiles;
    for (const std::string& name : options.profiles)
        profiles.push_back(runtime::load_profile(name, options.profiles_folder));
    if (!profiles.empty()) return profiles;
    if (source.profile) return {*source.profile};
    profiles = runtime::all_profiles(options.profiles_folder);
    std::erase_if(profiles, [](const StoredProfile& stored) { return stored.profile.accelerators.empty(); });
    if (profiles.empty()) {
        throw manifests::Error(manifests::Fault::usage, "no profile of an accelerator is known here")
            .hint("--profile takes the path of one");
    }
    return profiles;
}

// Of chips that were named each has to fit; where none was, one is enough.
Exit exit_of_plans(const std::vector<ChipPlan>& plans, bool one_is_enough) {
    const auto some = [&](Answer answer) {
        return std::any_of(plans.begin(), plans.end(),
                           [&](const ChipPlan& plan) { return plan.answer == answer; });
    };
    if (one_is_enough && some(Answer::fits)) return Exit::done;
    if (some(Answer::does_not_fit)) return Exit::no;
    return some(Answer::cannot_tell) ? Exit::no_answer : Exit::done;
}

std::vector<std::string> notes_of(const PlanReport& report, const PlanSource& source) {
    std::vector<std::string> notes;
    if (report.wish.deployment.overhead_bytes == 0)
        notes.push_back("no overhead was declared: what an engine takes for activations, graphs and "
                        "communication is not counted (--overhead)");
    if (!source.has_cache_type && report.wish.deployment.cache_type.empty())
        notes.push_back("the bundle does not say which type its cache has: " +
                        std::string(name_of(cache_type_of(report.model.shape, report.wish.deployment))) +
                        " is assumed, in which the model computes (--cache-type)");
    if (!report.model.weights) notes.push_back("the weights are not known: " + source.read.unknown_weights);
    return notes;
}

// What a conversion leaves in 16 bits depends on what the chip has.
PlannedModel model_for(const PlanOptions& options, const PlanSource& source, const manifests::Profile& chip) {
    if (options.weight_type.empty()) return source.read.model;
    return converted(source.read.model, options.weight_type, chip.types ? &*chip.types : nullptr);
}

int run_plan(const PlanOptions& options) {
    const PlanSource source = read_plan_source(options.model, options.profiles_folder);
    PlanReport report{.name = source.name,
                      .model = options.weight_type.empty()
                                   ? source.read.model
                                   : converted(source.read.model, options.weight_type),
                      .wish = wish_of(options, source),
                      .plans = {},
                      .notes = {}};
    report.notes = notes_of(report, source);
    const std::vector<StoredProfile> chips = profiles_of(options, source);
    for (const StoredProfile& stored : chips) {
        const PlannedModel model = model_for(options, source, stored.profile);
        report.plans.push_back(plan_for(model, stored.profile, report.wish));
        if (chips.size() == 1) report.model = model;
    }
    if (options.output.format == runtime::Format::json) {
        runtime::print_json(plan_json(report));
    } else {
        runtime::print(plan_text(report));
        for (const std::string& note : report.notes)
            runtime::note(note);
    }
    const bool one_is_enough = options.profiles.empty() && !source.profile;
    return static_cast<int>(exit_of_plans(report.plans, one_is_enough));
}

void add_parallel_options(CLI::App& command, PlanOptions& options) {
    const auto count = runtime::whole_number_between(1, manifests::most_devices);
    command
        .add_option("--tensor-parallel", options.tensor_parallel,
                    "Devices that share each layer; left out, the smallest number that fits is searched")
        ->check(count);
    command
        .add_option("--pipeline-parallel", options.pipeline_parallel, "Stages of layers, one after another")
        ->check(count);
    command.add_option("--data-parallel", options.data_parallel, "Whole copies of the model")->check(count);
    command
        .add_option("--devices-per-node", options.devices_per_node,
                    "Devices of one machine, if not as the profile says")
        ->check(count);
    command
        .add_option("--device-memory", options.device_memory,
                    "Memory of one device, if not as the profile says: 64GiB")
        ->transform(CLI::Validator(runtime::size_between(1, manifests::most_device_bytes), "SIZE"));
}

void add_load_options(CLI::App& command, PlanOptions& options) {
    command
        .add_option("--context", options.context,
                    "Tokens of one sequence; left out, what the model was made for")
        ->check(runtime::whole_number_between(1, manifests::most_context_tokens));
    command.add_option("--sequences", options.sequences, "Sequences at a time, in one copy of the model")
        ->check(runtime::whole_number_between(1, manifests::most_sequences));
    command.add_option("--cache-type", options.cache_type,
                       "Type of cached keys and values: bf16, fp16, fp32, fp8, int8");
    command
        .add_option("--overhead", options.overhead,
                    "What the engine takes on each device beside weights and cache: 3GiB")
        ->transform(CLI::Validator(runtime::size_between(0, manifests::most_device_bytes), "SIZE"));
    command
        .add_option("--utilisation", options.utilisation,
                    "Percent of a device's memory that the engine may take; 90 if nothing says more")
        ->check(runtime::whole_number_between(1, 100));
    command.add_option("--weight-type", options.weight_type,
                       "Plan as if the weights were converted: bf16, fp16, fp8, int8, int4");
}

} // namespace

void add_plan(CLI::App& app, int& status) {
    auto options = std::make_shared<PlanOptions>();
    auto* command = app.add_subcommand(
        "plan", "Say on how many devices and nodes a model runs, and what would make it fit");
    command
        ->add_option("model", options->model,
                     "Folder of a model, a weight file, a config.json, a bundle or a recipe")
        ->required();
    command
        ->add_option("--profile", options->profiles,
                     "Target chip, by name or path; may be given again; left out, the one of the recipe or "
                     "bundle, else every accelerator that is known")
        ->allow_extra_args(false);
    add_parallel_options(*command, *options);
    add_load_options(*command, *options);
    command->add_option("--profiles", options->profiles_folder, "Folder with profiles (SEALIFT_PROFILES)");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_plan(*options); });
}

} // namespace packager
