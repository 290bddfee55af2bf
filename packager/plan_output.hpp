#pragma once
// A plan as a person reads it, and as a script does (sealift.plan/1).

#include <string>
#include <vector>

#include "manifests/json.hpp"
#include "packager/chip_plan.hpp"

namespace packager {

struct PlanReport {
    std::string name; ///< what was planned
    PlannedModel model;
    PlanWish wish;
    std::vector<ChipPlan> plans;
    std::vector<std::string> notes; ///< on all of it
};

std::string plan_text(const PlanReport& report);
manifests::OrderedJson plan_json(const PlanReport& report);

} // namespace packager
