#include "packager/kernel_check.hpp"

#include <algorithm>

#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::BundleFile;
using manifests::Code;
using manifests::Finding;
using manifests::Profile;
using manifests::Report;
using manifests::Role;

// Which instructions a binary uses cannot be read from its header; that it is listed by name is all a profile
// can say.
void note_unknown_name(const BundleFile& file, const Profile& profile, Report& report) {
    const std::vector<std::string>& names = profile.kernels.names;
    const bool known = std::find(names.begin(), names.end(), file.path.name()) != names.end();
    if (known || names.empty()) return;
    report.add({Code::fit_kernel, file.path.text(),
                "profile " + profile.id +
                    " does not list this binary, and its bytes do not say which instructions it uses",
                "declare what it requires: 'requires_features' in the recipe", manifests::Severity::note});
}

void check_machine(const BundleFile& file, const ElfFacts* elf, const Profile& profile, Report& report) {
    const std::string& path = file.path.text();
    const bool kernel = file.role == Role::kernel;
    if (elf == nullptr) {
        if (!kernel) return; // scripts and data of an engine fit every machine
        report.add({Code::fit_kernel, path,
                    "found no ELF file, wanted one for " + profile.kernels.elf_machine,
                    "kernels/ holds kernel binaries only; put other files into engine/ or config/"});
        return;
    }
    // Objects for an accelerator have machine numbers of their own; what they say is the business of their
    // profile.
    const std::string found = machine_name(*elf);
    const std::string& wanted = kernel ? profile.kernels.elf_machine : profile.cpu.architecture;
    if (found == wanted) {
        if (kernel) note_unknown_name(file, profile, report);
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

Report check_binaries(const std::vector<manifests::RecipeKernel>& kernels, const Inputs& inputs,
                      const Profile& profile) {
    Report report;
    for (std::size_t i = 0; i < inputs.files.size(); ++i) {
        const Role role = inputs.files[i].role;
        if (role == Role::kernel || role == Role::engine)
            check_machine(inputs.files[i], inputs.elf_of(i), profile, report);
    }
    for (const manifests::RecipeKernel& kernel : kernels)
        check_features(kernel, profile, report);
    return report;
}

} // namespace packager
