#include "packager/profile_lint.hpp"

#include <map>

#include "manifests/time_text.hpp"

namespace packager {
namespace {

using manifests::AcceleratorRequirement;
using manifests::Code;
using manifests::Profile;
using manifests::Report;
using manifests::Severity;

constexpr std::int64_t old_days = 2 * 366; // drivers and engines have moved on by then

class Linter {
public:
    Linter(const LintedProfile& linted, std::string_view now)
        : path_(linted.path), profile_(linted.profile), now_(now) {}

    Report lint() {
        for (const AcceleratorRequirement& accelerator : profile_.accelerators)
            look_at(accelerator);
        if (!profile_.accelerators.empty()) look_at_chip();
        look_at_sources();
        return std::move(report_);
    }

private:
    void note(Code code, std::string text, std::string hint) {
        report_.add({code, path_, std::move(text), std::move(hint), Severity::note});
    }

    void look_at(const AcceleratorRequirement& accelerator) {
        if (accelerator.pci_ids.empty())
            note(Code::fit_accelerator, accelerator.name + " has no 'pci_ids', so no site can tell it",
                 "add the ids when a document or a machine gives them");
        if (accelerator.memory_bytes == 0)
            note(Code::fit_device_memory,
                 accelerator.name + " has no 'memory', so a build cannot say whether a model fits",
                 "add it when a document gives it; until then the site has to say it");
        if (accelerator.device_nodes.empty())
            note(Code::fit_device_node,
                 accelerator.name + " has no 'device_nodes', so a missing driver shows late",
                 "add what its engines open");
    }

    void look_at_chip() {
        if (!profile_.types)
            note(Code::fit_types, "'number_types' are not stated, so weights of any type pass unseen",
                 "add what the chip computes, and what it is known to lack");
        if (profile_.validated_sets.empty())
            note(Code::fit_set, "no versions are known to work together",
                 "add a set when a document names one");
    }

    void look_at_sources() {
        for (const manifests::ProfileSource& source : profile_.sources) {
            const std::string read = source.date + "T00:00:00Z";
            const std::int64_t days = manifests::days_between(read, now_);
            if (read > now_)
                note(Code::format_document,
                     "source '" + source.id + "' is of " + source.date + ", which is yet to come",
                     "correct the date");
            else if (days > old_days)
                note(Code::format_document,
                     "source '" + source.id + "' is of " + source.date + ", " + std::to_string(days) +
                         " days ago",
                     "look at the document again, and at what has changed");
        }
    }

    const std::string& path_;
    const Profile& profile_;
    std::string now_;
    Report report_;
};

// Without models, the first id that two profiles share leaves a site with two answers.
bool is_told_apart(const Profile& profile) {
    for (const AcceleratorRequirement& accelerator : profile.accelerators) {
        if (accelerator.models.empty()) return false;
    }
    return true;
}

} // namespace

Report lint_profile(const LintedProfile& linted, std::string_view now) {
    return Linter(linted, now).lint();
}

Report lint_together(const std::vector<LintedProfile>& profiles) {
    Report report;
    std::map<std::string, const LintedProfile*> by_id;
    std::map<std::string, const LintedProfile*> by_pci_id;
    for (const LintedProfile& linted : profiles) {
        const auto [first, is_new] = by_id.emplace(linted.profile.id, &linted);
        if (!is_new) {
            report.add({Code::format_document, linted.path,
                        "profile id '" + linted.profile.id + "' is that of " + first->second->path + " too",
                        "give one of them another id, and its file the same name"});
        }
        for (const AcceleratorRequirement& accelerator : linted.profile.accelerators) {
            for (const std::string& id : accelerator.pci_ids) {
                const auto [other, is_first] = by_pci_id.emplace(id, &linted);
                if (is_first || other->second == &linted) continue;
                if (is_told_apart(linted.profile) && is_told_apart(other->second->profile)) continue;
                report.add({Code::fit_accelerator, linted.path,
                            "PCI id " + id + " is that of " + other->second->path + " too",
                            "name the models that tell the two apart", Severity::note});
            }
        }
    }
    return report;
}

} // namespace packager
