#include "packager/kernel_check.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "manifests/text.hpp"
#include "packager/abi_needs.hpp"
#include "packager/kernel_claim.hpp"

namespace packager {
namespace {

using manifests::BundleFile;
using manifests::Code;
using manifests::Finding;
using manifests::Profile;
using manifests::RecipeKernel;
using manifests::Report;
using manifests::Role;

// What x86-64 levels add that a profile can have or lack. Source: System V ABI, AMD64 supplement, table 3.1.
constexpr std::array<std::array<std::string_view, 8>, 3> level_features{
    {{"cx16", "lahf_lm", "popcnt", "sse3", "sse4_1", "sse4_2", "ssse3"},
     {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "lzcnt", "movbe"},
     {"avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"}}};

class BinaryCheck {
public:
    BinaryCheck(const Inputs& inputs, const Profile& profile)
        : inputs_(inputs), profile_(profile), engine_architecture_(engine_architecture(inputs)) {}

    void check_kernel(std::size_t i, const RecipeKernel& kernel);
    void check_engine(std::size_t i);
    Report take() { return std::move(report_); }

private:
    const std::string& path(std::size_t i) const { return inputs_.files[i].path.text(); }
    std::string wanted_machine(Role role) const;
    bool check_machine(std::size_t i, const std::string& found, const std::string& what);
    void check_level(std::size_t i, int level);
    void check_abi(std::size_t i, const std::string& abi);
    void note_unknown_name(std::size_t i);

    const Inputs& inputs_;
    const Profile& profile_;
    std::string engine_architecture_;
    std::string first_abi_, first_abi_path_;
    Report report_;
};

// A profile of an accelerator can leave the host open; then all binaries are for the engine's.
std::string BinaryCheck::wanted_machine(Role role) const {
    if (role == Role::kernel && !profile_.kernels.elf_machine.empty()) return profile_.kernels.elf_machine;
    if (!profile_.cpu.architecture.empty()) return profile_.cpu.architecture;
    return engine_architecture_;
}

bool BinaryCheck::check_machine(std::size_t i, const std::string& found, const std::string& what) {
    const std::string wanted = wanted_machine(inputs_.files[i].role);
    if (wanted.empty() || found == wanted) return true;
    report_.add({Code::fit_architecture, path(i),
                 "found " + what + ", wanted one for " + wanted + " for profile " + profile_.id,
                 "take the build of this file for " + wanted + ", or name another profile in the recipe"});
    return false;
}

// Which instructions a binary uses cannot be read from its header; that it is listed by name, or that the
// linker was told a level, is all there is.
void BinaryCheck::note_unknown_name(std::size_t i) {
    const std::vector<std::string>& names = profile_.kernels.names;
    const bool known = std::find(names.begin(), names.end(), inputs_.files[i].path.name()) != names.end();
    if (known || names.empty()) return;
    report_.add({Code::fit_kernel, path(i),
                 "profile " + profile_.id +
                     " does not list this binary, and its bytes do not say which instructions it uses",
                 "declare what it requires: 'requires_features' in the recipe", manifests::Severity::note});
}

void BinaryCheck::check_level(std::size_t i, int level) {
    if (profile_.cpu.architecture != "x86_64" || level < 2) return;
    const std::vector<std::string>& has = profile_.cpu.features;
    std::string missing;
    for (int one = 2; one <= level; ++one) {
        for (const std::string_view feature : level_features.at(static_cast<std::size_t>(one - 2))) {
            if (feature.empty() || std::binary_search(has.begin(), has.end(), feature)) continue;
            missing += (missing.empty() ? "" : " ") + std::string(feature);
        }
    }
    if (missing.empty()) return;
    report_.add({Code::fit_features, path(i),
                 "its bytes demand x86-64-v" + std::to_string(level) + ", and " + profile_.title +
                     " does not have " + missing,
                 "take a build for a lower level, or choose a profile of a newer chip"});
}

// LoongArch has two worlds whose binaries look alike and do not run in the other.
void BinaryCheck::check_abi(std::size_t i, const std::string& abi) {
    if (abi.empty()) return;
    if (first_abi_.empty()) {
        first_abi_ = abi;
        first_abi_path_ = path(i);
    }
    if (abi == first_abi_) return;
    report_.add(
        {Code::fit_abi, path(i),
         "found a binary of " + abi + ", and " + manifests::escaped(first_abi_path_) + " is of " + first_abi_,
         "take all binaries from one distribution of LoongArch"});
}

void BinaryCheck::check_kernel(std::size_t i, const RecipeKernel& kernel) {
    const KernelFacts* facts = inputs_.kernel_facts_of(i);
    if (facts == nullptr) return;
    const bool only_host = profile_.kernels.formats.empty();
    if (only_host && facts->host.empty() && inputs_.elf_of(i) == nullptr) {
        const std::string wanted = wanted_machine(Role::kernel);
        report_.add({Code::fit_kernel, path(i),
                     "found no ELF file" + (wanted.empty() ? "" : ", wanted one for " + wanted) +
                         " (it is a " + facts->what + ")",
                     "kernels/ holds kernel binaries only; put other files into engine/ or config/"});
        return;
    }
    const bool is_for_host = claim_of(kernel, *facts, profile_).format != kernel_format::ascend_aicpu;
    if (is_for_host && (only_host || !facts->host.empty())) {
        const std::string found = machine_name(*inputs_.elf_of(i));
        const std::string what = "a binary for " + found;
        if (!check_machine(i, found, facts->host.empty() ? what + " (" + facts->what + ")" : what)) return;
        check_level(i, facts->x86_level_needed);
        check_abi(i, facts->abi);
        if (only_host) note_unknown_name(i);
    }
    report_.merge(check_claim(kernel, *facts, profile_));
}

void BinaryCheck::check_engine(std::size_t i) {
    const ElfFacts* elf = inputs_.elf_of(i);
    if (elf == nullptr) return; // scripts and data of an engine fit every machine
    if (!is_device_code(*elf)) {
        const std::string found = machine_name(*elf);
        if (!check_machine(i, found, "a binary for " + found)) return;
        check_level(i, elf->x86_level_needed);
        check_abi(i, loongarch_abi(*elf));
    }
    if (const KernelFacts* facts = inputs_.kernel_facts_of(i))
        report_.merge(check_device_code(inputs_.files[i].path, *facts, profile_));
}

void check_features(const RecipeKernel& kernel, const Profile& profile, Report& report) {
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

Report check_binaries(const std::vector<RecipeKernel>& kernels, const Inputs& inputs,
                      const Profile& profile) {
    std::map<std::string_view, const RecipeKernel*> entries;
    for (const RecipeKernel& kernel : kernels)
        entries[kernel.path.text()] = &kernel;
    BinaryCheck check(inputs, profile);
    for (std::size_t i = 0; i < inputs.files.size(); ++i) {
        const BundleFile& file = inputs.files[i];
        if (file.role == Role::engine) check.check_engine(i);
        if (file.role != Role::kernel) continue;
        const auto entry = entries.find(file.path.text());
        check.check_kernel(i, entry != entries.end() ? *entry->second : RecipeKernel{file.path, {}, {}});
    }
    Report report = check.take();
    for (const RecipeKernel& kernel : kernels)
        check_features(kernel, profile, report);
    return report;
}

} // namespace packager
