#pragma once
// Whether a model runs on a chip, on how many of them, and what would make it run: a memory plan
// (memory_plan.hpp) tried against what a profile says of one device. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/needs.hpp"
#include "manifests/profile.hpp"
#include "manifests/recipe.hpp"
#include "packager/model_shape.hpp"
#include "packager/weight_sheet.hpp"

namespace packager {

struct PlannedModel {
    ModelShape shape;
    std::optional<WeightSheet> weights;    ///< absent: nothing tells what it weighs
    bool weights_from_files = false;       ///< summed up; else computed from the shape
    std::vector<std::string> tensor_types; ///< as weight files spell them; rising
};

/// How it is to be run; what is not asked for is searched.
struct PlanWish {
    manifests::Deployment deployment = {};
    bool asks_tensor_parallel = false; ///< deployment.tensor_parallel is meant, and not only a start
    bool asks_pipeline_parallel = false;
    std::uint64_t devices_per_node = 0; ///< 0: as the profile says
    std::uint64_t device_bytes = 0;     ///< 0: as the profile says
};

enum class Answer { fits, does_not_fit, cannot_tell };
std::string_view name_of(Answer answer); ///< "fits", "does not fit", "cannot tell"

/// One way out.
struct PlanRemedy {
    enum class Kind { devices, context, sequences, cache, weights };
    Kind kind = Kind::devices;
    std::string text;          ///< for people: "32 devices (4 nodes of 8): tensor parallelism 32"
    std::uint64_t devices = 0; ///< that it then takes; 0: not known
};
std::string_view name_of(PlanRemedy::Kind kind);

struct ChipPlan {
    std::string profile;
    std::string chip;
    Answer answer = Answer::cannot_tell;
    std::uint64_t device_bytes = 0;     ///< 0: not known
    std::uint64_t devices_per_node = 0; ///< 0: not known
    /// Of the deployment that was asked for, or the smallest that fits, or else the largest that was tried.
    std::optional<manifests::MemoryNeed> need;
    std::string reason; ///< why it does not fit or cannot be told
    std::vector<PlanRemedy> remedies;
    std::vector<std::string> notes;

    std::uint64_t nodes() const; ///< 0: not known
};

/// The smallest number of devices is looked for among tensor-parallel groups that divide the heads and are a
/// power of two, divide a node or are whole nodes; with pipeline stages only if none of these is enough.
/// @throws Error  as memory_need(), but for Fault::missing, which is "cannot tell"
ChipPlan plan_for(const PlannedModel& model, const manifests::Profile& profile, const PlanWish& wish);

/// "64 GiB", "57.6 GiB", "12.25 MiB": two places at most. Where a need is compared with what is there, the
/// one is rounded up and the other down, so that the text never says of two that they are equal and do not
/// fit.
enum class Rounding { nearest, up, down };
std::string binary_size_text(std::uint64_t size_bytes, Rounding rounding);

} // namespace packager
