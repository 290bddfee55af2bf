#include "packager/chip_plan.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "manifests/error.hpp"
#include "manifests/number_types.hpp"
#include "manifests/text.hpp"
#include "packager/chip_search.hpp"
#include "packager/memory_plan.hpp"

namespace packager {
namespace {

using manifests::AcceleratorRequirement;
using manifests::count_text;
using manifests::Deployment;
using manifests::Error;
using manifests::escaped;
using manifests::Fault;
using manifests::MemoryNeed;
using manifests::Profile;
using Kind = PlanRemedy::Kind;

bool lists(const std::vector<std::string>& sorted, const std::string& text) {
    return std::binary_search(sorted.begin(), sorted.end(), text);
}

std::string joined(const std::vector<std::string>& parts, const std::string& last) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i)
        text += (i == 0 ? "" : i + 1 == parts.size() ? last : ", ") + parts[i];
    return text;
}

std::string in_capitals(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

std::string number_of(std::uint64_t count, const char* what) {
    return count_text(count) + " " + what + (count == 1 ? "" : "s");
}

/// One model on one chip: the question, and the answer as it grows.
class Planner {
public:
    Planner(const PlannedModel& model, const Profile& profile, const PlanWish& wish)
        : model_(model), profile_(profile), wish_(wish) {
        plan_.profile = profile.id;
        plan_.chip = profile.chips.empty() ? profile.title : profile.chips.front();
    }

    ChipPlan plan() {
        try {
            decide();
        } catch (const Error& error) {
            if (error.fault() != Fault::missing) throw;
            // What cannot be told of its memory does not mend its number types.
            if (plan_.answer != Answer::does_not_fit) cannot_tell(error.what());
        }
        return std::move(plan_);
    }

private:
    void decide();
    bool find_device();
    bool check_types();
    void remedy_types(const std::vector<std::string>& lacking);
    void try_wish();
    void say_what_lacks();
    void remedy_devices();
    void remedy_context();
    void remedy_sequences();
    void remedy_cache();
    void remedy_weights();
    void cannot_tell(std::string reason);
    void does_not_fit(std::string reason);
    void add(Kind kind, std::string text, std::uint64_t devices);

    PlanTarget target() const { return {model_.shape, plan_.device_bytes, plan_.devices_per_node}; }
    bool fits_with(const Deployment& deployment, const WeightSheet& weights) const {
        const auto need = believable_need(model_.shape, weights, deployment);
        return need && fits(*need, plan_.device_bytes);
    }
    std::string devices_text(const MemoryNeed& need) const;
    struct Converted {
        bool is_told = false; ///< whether `need` is an answer
        std::optional<MemoryNeed> need;
    };
    Converted need_with_bits(std::uint64_t bits) const;
    Deployment tried() const;
    std::uint64_t tried_devices() const;
    std::uint64_t tokens() const;

    const PlannedModel& model_;
    const Profile& profile_;
    const PlanWish& wish_;
    ChipPlan plan_;
};

void Planner::cannot_tell(std::string reason) {
    plan_.answer = Answer::cannot_tell;
    plan_.reason = std::move(reason);
}

void Planner::does_not_fit(std::string reason) {
    plan_.answer = Answer::does_not_fit;
    plan_.reason += (plan_.reason.empty() ? "" : "; ") + std::move(reason);
}

void Planner::add(Kind kind, std::string text, std::uint64_t devices) {
    plan_.remedies.push_back({kind, std::move(text), devices});
}

void Planner::decide() {
    if (!find_device()) return;
    const bool computes = check_types();
    if (!model_.weights) {
        if (computes) cannot_tell("nothing says what the model's weights take; give the folder with them");
        return;
    }
    try_wish();
    if (!computes || plan_.answer == Answer::fits) return;
    say_what_lacks();
    remedy_devices();
    remedy_context();
    remedy_sequences();
    remedy_cache();
    remedy_weights();
}

bool Planner::find_device() {
    if (profile_.accelerators.empty()) {
        cannot_tell("the profile is of a processor: its memory is the host's, and nobody shares it out");
        return false;
    }
    const AcceleratorRequirement& accelerator = profile_.accelerators.front();
    plan_.chip = accelerator.name;
    plan_.device_bytes = wish_.device_bytes != 0 ? wish_.device_bytes : accelerator.memory_bytes;
    plan_.devices_per_node =
        wish_.devices_per_node != 0 ? wish_.devices_per_node : accelerator.devices_per_node;
    if (plan_.device_bytes != 0) return true;
    check_types();
    if (plan_.answer != Answer::does_not_fit)
        cannot_tell("the profile does not say how much memory a device has; --device-memory does");
    return false;
}

bool Planner::check_types() {
    std::vector<std::string> lacking, unknown, stand_ins;
    for (const std::string& type : model_.tensor_types) {
        const auto computes = manifests::compute_type_of(type);
        if (!computes) continue;
        const bool everywhere = *computes == "fp32"; // of scales and biases
        if (profile_.types && lists(profile_.types->lacks, *computes)) {
            lacking.push_back(*computes);
        } else if (!everywhere && (!profile_.types || !lists(profile_.types->computes, *computes))) {
            const std::string other(manifests::stand_in_for(*computes));
            if (profile_.types && lists(profile_.types->computes, other))
                stand_ins.push_back(other);
            else
                unknown.push_back(*computes);
        }
    }
    for (std::vector<std::string>* types : {&lacking, &unknown}) {
        std::sort(types->begin(), types->end());
        types->erase(std::unique(types->begin(), types->end()), types->end());
    }
    if (!stand_ins.empty())
        plan_.notes.push_back("the chip computes " + stand_ins.front() +
                              " in place of fp8; the engine has to convert the weights when it loads them");
    const std::string unsaid = "the profile does not say whether it computes " + joined(unknown, " and ");
    const bool narrow = std::any_of(unknown.begin(), unknown.end(), [](const std::string& type) {
        return type != "fp16" && type != "bf16" && type != "fp64"; // as the verdict on fit has it
    });
    if (!unknown.empty() && !narrow) plan_.notes.push_back(unsaid);
    if (narrow && lacking.empty()) {
        cannot_tell(unsaid + "; a copy of it with number_types and their source does");
        return false;
    }
    if (lacking.empty()) return true;
    std::vector<std::string> names;
    for (const std::string& type : lacking)
        names.push_back(in_capitals(type));
    does_not_fit(joined(names, " and ") + (names.size() == 1 ? " is" : " are") + " not supported by " +
                 escaped(plan_.chip));
    remedy_types(lacking);
    return false;
}

// On as many devices as it then takes.
Planner::Converted Planner::need_with_bits(std::uint64_t bits) const {
    const auto weights = weights_by_formula(model_.shape, {.matrix = bits, .other = 16});
    if (!weights || plan_.device_bytes == 0) return {};
    PlanWish wish = wish_;
    wish.asks_tensor_parallel = false;
    wish.asks_pipeline_parallel = false;
    wish.deployment.tensor_parallel = 1;
    wish.deployment.pipeline_parallel = 1;
    try {
        return {true, smallest_need(target(), *weights, wish)};
    } catch (const Error& error) {
        if (error.fault() != Fault::missing) throw;
        return {}; // of its cache nobody knows
    }
}

// Weights that the chip computes, with what they then take.
void Planner::remedy_types(const std::vector<std::string>& lacking) {
    struct Form {
        const char* type;
        const char* name;
        std::uint64_t bits;
    };
    constexpr std::array<Form, 3> forms{{{"bf16", "BF16", 16}, {"fp16", "FP16", 16}, {"int8", "W8A8", 8}}};
    bool has_wide = false;
    std::vector<std::string> too_large;
    for (const Form& form : forms) {
        if (lists(lacking, form.type) || !lists(profile_.types->computes, form.type)) continue;
        if (form.bits == 16 && std::exchange(has_wide, true)) continue; // one of 16 bits is enough
        const auto [is_told, need] = need_with_bits(form.bits);
        if (is_told && !need)
            too_large.push_back(form.name);
        else
            add(Kind::weights,
                std::string("convert the weights to ") + form.name + (need ? ": " + devices_text(*need) : ""),
                need ? need->devices() : 0);
    }
    if (!too_large.empty())
        plan_.notes.push_back("converted to " + joined(too_large, " or ") +
                              " it fits on no number of these devices either");
}

// What was asked for; where nothing was, the largest group that was tried.
Deployment Planner::tried() const {
    Deployment deployment = wish_.deployment;
    if (wish_.asks_tensor_parallel) return deployment;
    constexpr std::uint64_t most_devices = 65536;
    for (const std::uint64_t ways : tensor_parallel_choices(target()))
        if (ways * deployment.pipeline_parallel * deployment.data_parallel <= most_devices)
            deployment.tensor_parallel = ways;
    return deployment;
}

std::uint64_t Planner::tried_devices() const {
    const Deployment deployment = tried();
    return deployment.tensor_parallel * deployment.pipeline_parallel * deployment.data_parallel;
}

std::uint64_t Planner::tokens() const {
    return wish_.deployment.context_tokens != 0 ? wish_.deployment.context_tokens : model_.shape.context;
}

void Planner::try_wish() {
    const auto need = smallest_need(target(), *model_.weights, wish_);
    plan_.need = need ? need : believable_need(model_.shape, *model_.weights, tried());
    if (!plan_.reason.empty()) return; // number types have decided
    if (need) plan_.answer = Answer::fits;
    if (model_.shape.context != 0 && tokens() > model_.shape.context) {
        plan_.notes.push_back("the model was made for " + count_text(model_.shape.context) +
                              " tokens; engines refuse more unless they are told to");
    }
    if (need && plan_.devices_per_node != 0 && need->tensor_parallel > plan_.devices_per_node)
        plan_.notes.push_back(
            "tensor parallelism spans nodes: every layer waits for the network between them");
}

void Planner::say_what_lacks() {
    if (!plan_.need)
        return does_not_fit("needs more than 1 PiB on each of " + number_of(tried_devices(), "device"));
    const MemoryNeed& need = *plan_.need;
    const std::string count = count_text(need.devices()) + " x ";
    does_not_fit("needs " + count + binary_size_text(need.least_device_bytes(), Rounding::up) + ", found " +
                 count + binary_size_text(plan_.device_bytes, Rounding::down));
}

std::string Planner::devices_text(const MemoryNeed& need) const {
    std::string text = number_of(need.devices(), "device");
    if (plan_.devices_per_node != 0) {
        const std::uint64_t nodes = (need.devices() + plan_.devices_per_node - 1) / plan_.devices_per_node;
        text += " (" + number_of(nodes, "node") + " of " + count_text(plan_.devices_per_node) + ")";
    }
    return text;
}

void Planner::remedy_devices() {
    if (!wish_.asks_tensor_parallel && !wish_.asks_pipeline_parallel) return; // all of them were tried
    PlanWish wish = wish_;
    wish.asks_tensor_parallel = wish.asks_pipeline_parallel = false;
    wish.deployment.tensor_parallel = wish.deployment.pipeline_parallel = 1;
    const auto need = smallest_need(target(), *model_.weights, wish);
    if (!need) return;
    std::string how = "tensor parallelism " + count_text(need->tensor_parallel);
    if (need->pipeline_parallel > 1) how += ", " + number_of(need->pipeline_parallel, "pipeline stage");
    add(Kind::devices, devices_text(*need) + ": " + how, need->devices());
}

void Planner::remedy_context() {
    Deployment deployment = tried();
    const std::uint64_t asked = tokens();
    const std::uint64_t most = largest_that_fits(asked, [&](std::uint64_t tokens) {
        deployment.context_tokens = tokens;
        return fits_with(deployment, *model_.weights);
    });
    constexpr std::uint64_t round_figure = 1024; // people and engines speak of these
    const std::uint64_t tokens = most >= round_figure ? most / round_figure * round_figure : 0;
    if (tokens != 0)
        add(Kind::context, "a context of " + count_text(tokens) + " tokens instead of " + count_text(asked),
            tried_devices());
}

void Planner::remedy_sequences() {
    Deployment deployment = tried();
    const std::uint64_t asked = deployment.sequences;
    const std::uint64_t most = largest_that_fits(asked, [&](std::uint64_t sequences) {
        deployment.sequences = sequences;
        return fits_with(deployment, *model_.weights);
    });
    if (most != 0)
        add(Kind::sequences, number_of(most, "sequence") + " at a time instead of " + count_text(asked),
            tried_devices());
}

void Planner::remedy_cache() {
    Deployment deployment = tried();
    if (bytes_of(cache_type_of(model_.shape, deployment)) == 1) return;
    const bool has_fp8 = profile_.types && (lists(profile_.types->computes, "fp8") ||
                                            lists(profile_.types->computes, "fp8_fnuz"));
    const bool has_int8 = profile_.types && lists(profile_.types->computes, "int8");
    if (!has_fp8 && !has_int8) return;
    deployment.cache_type = has_fp8 ? "fp8" : "int8";
    if (fits_with(deployment, *model_.weights))
        add(Kind::cache, "a cache of " + deployment.cache_type + ", if the engine has it for this model",
            tried_devices());
}

// Narrower weights on what was asked for, or on as many devices as they take.
void Planner::remedy_weights() {
    if (!profile_.types || !lists(profile_.types->computes, "int8")) return;
    const auto weights = weights_by_formula(model_.shape, {.matrix = 8, .other = 16});
    if (!weights || weights->total_bytes() >= model_.weights->total_bytes() / 10 * 9) return;
    if (fits_with(tried(), *weights)) {
        add(Kind::weights, "W8A8 weights on the same devices", tried_devices());
    } else if (const auto need = need_with_bits(8).need) {
        add(Kind::weights, "W8A8 weights: " + devices_text(*need), need->devices());
    }
}

} // namespace

std::string_view name_of(Answer answer) {
    constexpr std::array<std::string_view, 3> names{"fits", "does not fit", "cannot tell"};
    return names.at(static_cast<std::size_t>(answer));
}

std::string_view name_of(PlanRemedy::Kind kind) {
    constexpr std::array<std::string_view, 5> names{"devices", "context", "sequences", "cache", "weights"};
    return names.at(static_cast<std::size_t>(kind));
}

std::uint64_t ChipPlan::nodes() const {
    if (!need || devices_per_node == 0) return 0;
    return (need->devices() + devices_per_node - 1) / devices_per_node;
}

ChipPlan plan_for(const PlannedModel& model, const Profile& profile, const PlanWish& wish) {
    return Planner(model, profile, wish).plan();
}

std::string binary_size_text(std::uint64_t size_bytes, Rounding rounding) {
    constexpr std::array<const char*, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    while (unit + 1 < units.size() && size_bytes >> (10 * (unit + 1)) != 0)
        ++unit;
    const std::uint64_t one = std::uint64_t{1} << (10 * unit);
    std::uint64_t whole = size_bytes / one;
    const std::uint64_t part = size_bytes % one * 100; // of a hundredth; below 2^57
    std::uint64_t hundredths = part / one;
    const std::uint64_t rest = part % one;
    const bool upwards =
        rounding == Rounding::up ? rest != 0 : rounding == Rounding::nearest && rest >= one - rest;
    if (upwards && ++hundredths == 100) {
        hundredths = 0;
        ++whole;
    }
    std::string text = std::to_string(whole);
    if (hundredths != 0) {
        text += hundredths < 10 ? ".0" : ".";
        text += std::to_string(hundredths % 10 == 0 ? hundredths / 10 : hundredths);
    }
    return text + " " + units[unit];
}

} // namespace packager
