// Chips that are there in place of those a bundle is for. What they are not is said by their ids; what they
// lack is said by profiles of theirs, if there are any here: "FP8 is not supported" is worth more to somebody
// who is about to order other weights than that d802 is not d806.

#include <algorithm>

#include "manifests/text.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {

using manifests::AcceleratorRequirement;
using manifests::PciFound;
using manifests::Profile;

namespace {

// Where the machine does not say which of several chips behind one id it has, it may be any of them.
bool may_be(const AcceleratorRequirement& wanted, const PciFound& found) {
    if (wanted.pci_ids.empty()) return !found.model.empty() && contains(wanted.models, found.model);
    return contains(wanted.pci_ids, found.id) &&
           (wanted.models.empty() || found.model.empty() || contains(wanted.models, found.model));
}

bool may_be(const Profile& profile, const PciFound& found) {
    return std::any_of(profile.accelerators.begin(), profile.accelerators.end(),
                       [&](const AcceleratorRequirement& wanted) { return may_be(wanted, found); });
}

} // namespace

bool has_other_chips(const Profile& profile, const manifests::Machine& machine) {
    return !profile.accelerators.empty() && !machine.accelerators.empty() &&
           std::none_of(machine.accelerators.begin(), machine.accelerators.end(),
                        [&](const PciFound& found) { return may_be(profile, found); });
}

std::vector<const Profile*> other_chips(const FitQuestion& question) {
    std::vector<const Profile*> profiles;
    if (question.known == nullptr || question.machine == nullptr) return profiles;
    if (!has_other_chips(question.profile, *question.machine)) return profiles;
    for (const Profile& profile : *question.known) {
        const auto& found = question.machine->accelerators;
        if (std::any_of(found.begin(), found.end(),
                        [&](const PciFound& one) { return may_be(profile, one); }))
            profiles.push_back(&profile);
    }
    return profiles;
}

std::string chip_of(const Profile& profile) {
    return manifests::escaped(profile.accelerators.empty() ? profile.title
                                                           : profile.accelerators.front().name);
}

} // namespace runtime
