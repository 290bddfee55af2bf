#include "packager/kernel_check.hpp"

#include <algorithm>

#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Finding;
using manifests::Profile;
using manifests::Report;
using manifests::Role;

// Which instructions a binary uses cannot be read from its header; that it is listed by name is all a profile
// can say.
void note_unknown_name(const Input& input, const Profile& profile, Report& report) {
    const std::vector<std::string>& names = profile.kernels.names;
    const bool known = std::find(names.begin(), names.end(), input.file.path.name()) != names.end();
    if (known || names.empty()) return;
    report.add({Code::fit_kernel, input.file.path.text(),
                "profile " + profile.id +
                    " does not list this binary, and its bytes do not say which instructions it uses",
                "declare what it requires: 'requires_features' in the recipe", manifests::Severity::note});
}

void check_machine(const Input& input, const Profile& profile, Report& report) {
    const std::string& path = input.file.path.text();
    const bool kernel = input.file.role == Role::kernel;
    if (!input.elf) {
        if (!kernel) return; // scripts and data of an engine fit every machine
        report.add({Code::fit_kernel, path,
                    "found no ELF file, wanted one for " + profile.kernels.elf_machine,
                    "kernels/ holds kernel binaries only; put other files into engine/ or config/"});
        return;
    }
    // Objects for an accelerator have machine numbers of their own; what they say is the business of their
    // profile.
    const std::string found = machine_name(*input.elf);
    const std::string& wanted = kernel ? profile.kernels.elf_machine : profile.cpu.architecture;
    if (found == wanted) {
        if (kernel) note_unknown_name(input, profile, report);
        return;
    }
    report.add({Code::fit_architecture, path,
                "found a binary for " + found + ", wanted " + wanted + " for profile " + profile.id,
                "take the build of this file for " + wanted + ", or name another profile in the recipe"});
}

void check_features(const manifests::RecipeKernel& kernel, const Profile& profile, Report& report) {
    std::string missing;
    for (const std::string& feature : kernel.requires_features) {
        const auto& has = profile.kernels.features;
        if (!std::binary_search(has.begin(), has.end(), feature))
            missing += (missing.empty() ? "" : " ") + manifests::escaped(feature);
    }
    if (missing.empty()) return;
    report.add({Code::fit_features, kernel.path.text(),
                "it requires " + missing + ", which " + profile.title + " does not have",
                "take a kernel that requires less, or choose a profile of a newer chip"});
}

} // namespace

Report check_binaries(const std::vector<manifests::RecipeKernel>& kernels, const std::vector<Input>& inputs,
                      const Profile& profile) {
    Report report;
    for (const Input& input : inputs) {
        if (input.file.role == Role::kernel || input.file.role == Role::engine)
            check_machine(input, profile, report);
    }
    for (const manifests::RecipeKernel& kernel : kernels)
        check_features(kernel, profile, report);
    return report;
}

} // namespace packager
