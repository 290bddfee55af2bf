#include "packager/kernel_claim.hpp"

#include <algorithm>
#include <iterator>

#include "manifests/text.hpp"
#include "packager/target_rules.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::KernelFormat;
using manifests::Profile;
using manifests::RecipeKernel;
using manifests::Report;
using manifests::Severity;
using Texts = std::vector<std::string>;

std::string joined(const Texts& texts) {
    constexpr std::size_t most = 12; // a fat binary has some twenty; the reader wants to see the kind
    std::string line;
    for (std::size_t i = 0; i < texts.size() && i < most; ++i)
        line += (i == 0 ? "" : ", ") + manifests::escaped(texts[i], 64);
    if (texts.size() > most) line += ", ... (" + std::to_string(texts.size()) + " in all)";
    return line;
}

const KernelFormat* find_format(const Profile& profile, std::string_view name) {
    for (const KernelFormat& format : profile.kernels.formats)
        if (format.format == name) return &format;
    return nullptr;
}

bool is_of_ascend(const KernelFormat& format) {
    return format.format.starts_with("ascend-");
}

// What the profile says of files like this one. A host library needs no entry; what is declared for it is
// compared with all targets that there are. A file of unknown bytes can be of any format that nobody can
// tell.
struct Wanted {
    bool loads = false;         // the chip or its host takes such files
    bool only_declared = false; // no bytes of this format say the chip
    Texts targets;              // empty: not told apart
};

Wanted wanted_of(const std::string& format, const Profile& profile) {
    const bool is_host = format.starts_with("elf-");
    const KernelFormat* entry = find_format(profile, format);
    if (entry != nullptr) return {true, !entry->target_in_bytes, entry->targets};
    Wanted wanted{is_host, false, {}};
    for (const KernelFormat& one : profile.kernels.formats) {
        const bool is_aicpu = format == kernel_format::ascend_aicpu && is_of_ascend(one);
        const bool is_described = (format == kernel_format::ascend_sidecar && is_of_ascend(one)) || is_aicpu;
        const bool can_be = format.empty() && is_opaque(one.format);
        wanted.loads = wanted.loads || is_described || can_be;
        wanted.only_declared = wanted.only_declared || is_aicpu || (can_be && !one.target_in_bytes);
        if (is_host || is_described || can_be)
            wanted.targets.insert(wanted.targets.end(), one.targets.begin(), one.targets.end());
    }
    std::sort(wanted.targets.begin(), wanted.targets.end());
    wanted.targets.erase(std::unique(wanted.targets.begin(), wanted.targets.end()), wanted.targets.end());
    return wanted;
}

bool any_runs_on(const Texts& codes, const Texts& chips) {
    return std::any_of(codes.begin(), codes.end(), [&](const std::string& code) {
        return std::any_of(chips.begin(), chips.end(),
                           [&](const std::string& chip) { return runs_on(code, chip); });
    });
}

// "cuda (sm_80, sm_86) or elf-shared"
std::string formats_of(const Profile& profile) {
    if (profile.kernels.formats.empty()) return "libraries of the host";
    std::string text;
    for (const KernelFormat& format : profile.kernels.formats) {
        text += (text.empty() ? "" : " or ") + manifests::escaped(format.format, 64);
        if (!format.targets.empty()) text += " (" + joined(format.targets) + ")";
    }
    return text;
}

class ClaimCheck {
public:
    ClaimCheck(std::string where, const KernelFacts& facts, const Profile& profile)
        : where_(std::move(where)), facts_(facts), profile_(profile) {}

    void refuse(std::string text, std::string hint, Severity severity = Severity::refusal) {
        report_.add({Code::fit_kernel, where_, std::move(text), std::move(hint), severity});
    }
    void check_bytes(const Wanted& wanted);
    void note_untold(const Wanted& wanted);
    void check_declaration(const Texts& declared, const Wanted& wanted);
    void check_folder(const KernelClaim& claim, const Wanted& wanted);
    void refuse_format();
    Report take() { return std::move(report_); }

private:
    std::string where_;
    const KernelFacts& facts_;
    const Profile& profile_;
    Report report_;
};

// The bytes name chips: one of them has to be the profile's.
void ClaimCheck::check_bytes(const Wanted& wanted) {
    if (wanted.targets.empty() || any_runs_on(facts_.targets, wanted.targets)) return;
    if (!facts_.all_told) {
        refuse("found " + facts_.what + " for " + joined(facts_.targets) +
                   " and more code whose chip its bytes do not tell, wanted " + joined(wanted.targets) +
                   " for profile " + profile_.id,
               "build the file so that its bytes tell the chip, without compression", Severity::not_checked);
        return;
    }
    refuse("found " + facts_.what + " for " + joined(facts_.targets) + ", wanted " + joined(wanted.targets) +
               " for profile " + profile_.id,
           "take the build of this file for " + joined(wanted.targets) +
               ", or name the profile of the chip that it is for");
}

// An engine's file has no place in the recipe where a chip could be declared: its folder can contradict the
// profile, and otherwise it is said that nobody has looked.
void ClaimCheck::note_untold(const Wanted& wanted) {
    check_folder({}, wanted);
    if (wanted.targets.empty() || !report_.findings().empty()) return;
    refuse("found " + facts_.what + " with code whose chip its bytes do not tell; profile " + profile_.id +
               " wants " + joined(wanted.targets),
           wanted.only_declared
               ? "make sure that it was built for the chip"
               : "make sure that it was built for the chip; without compression its bytes would tell",
           Severity::note);
}

void ClaimCheck::check_declaration(const Texts& declared, const Wanted& wanted) {
    if (!facts_.targets.empty()) {
        for (const std::string& chip : declared) {
            if (any_runs_on(facts_.targets, {chip}) || !facts_.all_told) continue;
            refuse("the recipe declares it for " + joined({chip}) + ", its bytes say " +
                       joined(facts_.targets),
                   "correct 'targets' in the recipe, or leave it out: the bytes say it");
        }
        return;
    }
    if (declared.empty()) {
        if (wanted.targets.empty() || !(wanted.only_declared || !facts_.all_told)) return;
        refuse("found " + facts_.what + ", and its bytes do not say for which chip; profile " + profile_.id +
                   " wants " + joined(wanted.targets),
               "declare it in the recipe: \"targets\": [\"" + manifests::escaped(wanted.targets[0], 64) +
                   "\"] under 'kernels', if that is what it was built for");
        return;
    }
    if (wanted.targets.empty() || any_runs_on(declared, wanted.targets)) return;
    refuse("found a kernel that is declared for " + joined(declared) + ", wanted " + joined(wanted.targets) +
               " for profile " + profile_.id,
           "take the build of this file for " + joined(wanted.targets) +
               ", or name the profile of the chip that it is for");
}

// CANN keeps operators in a folder for each family of chips, which is all that tells them apart.
void ClaimCheck::check_folder(const KernelClaim& claim, const Wanted& wanted) {
    const std::string folder = ascend_folder_hint(where_);
    if (folder.empty()) return;
    const auto disagrees = [&](const Texts& names) {
        bool known = false;
        for (const std::string& name : names) {
            const std::string family = ascend_family(name);
            if (family == folder) return false;
            known = known || !family.empty();
        }
        return known;
    };
    if (disagrees(claim.targets)) {
        refuse("its folder says " + folder + ", it is declared for " + joined(claim.targets) + " (" +
                   ascend_family(claim.targets[0]) + ")",
               "take the file from the folder of the chip, or correct 'targets' in the recipe");
    } else if (disagrees(wanted.targets)) {
        refuse(
            "its folder says " + folder + ", wanted " + joined(wanted.targets) + " (" +
                ascend_family(wanted.targets[0]) + ") for profile " + profile_.id +
                "; the engine would stop with \"socversion does not match\"",
            "take the file from the operator package of the chip, or name the profile of the one it is for");
    }
}

void ClaimCheck::refuse_format() {
    refuse("found " + facts_.what + ", profile " + profile_.id + " wants " + formats_of(profile_),
           facts_.format == kernel_format::unknown
               ? "kernels/ holds kernel binaries only; put other files into engine/ or config/"
               : "take the build of this file for the chip, or name the profile of the one it is for");
}

bool is_aicpu(const RecipeKernel& kernel, const KernelFacts& facts, const Profile& profile) {
    return facts.format == kernel_format::elf_shared && facts.host == "aarch64" &&
           kernel.path.text().find("aicpu") != std::string::npos &&
           std::any_of(profile.kernels.formats.begin(), profile.kernels.formats.end(), is_of_ascend);
}

} // namespace

bool is_opaque(std::string_view format) {
    constexpr std::string_view told[] = {
        kernel_format::elf_shared,   kernel_format::elf_program, kernel_format::elf_object,
        kernel_format::cuda,         kernel_format::amdgpu,      kernel_format::ascend_object,
        kernel_format::ascend_aicpu, kernel_format::ascend_om,   kernel_format::ascend_sidecar};
    return std::find(std::begin(told), std::end(told), format) == std::end(told);
}

KernelClaim claim_of(const RecipeKernel& kernel, const KernelFacts& facts, const Profile& profile) {
    KernelClaim claim;
    if (facts.format != kernel_format::unknown) claim.format = facts.format;
    if (is_aicpu(kernel, facts, profile)) claim.format = kernel_format::ascend_aicpu;
    claim.declared = facts.targets.empty() && !kernel.targets.empty();
    claim.targets = claim.declared ? kernel.targets : facts.targets;
    claim.targets.erase(std::unique(claim.targets.begin(), claim.targets.end()), claim.targets.end());
    return claim;
}

Report check_claim(const RecipeKernel& kernel, const KernelFacts& facts, const Profile& profile) {
    const KernelClaim claim = claim_of(kernel, facts, profile);
    const Wanted wanted = wanted_of(claim.format, profile);
    ClaimCheck check(kernel.path.text(), facts, profile);
    if (!wanted.loads) {
        // A profile of a host alone says nothing about accelerators; a library with code for one is still a
        // library for the host.
        if (profile.kernels.formats.empty() && !facts.host.empty()) return {};
        check.refuse_format();
        return check.take();
    }
    if (!facts.targets.empty()) check.check_bytes(wanted);
    if (claim.format != kernel_format::ascend_sidecar || !kernel.targets.empty())
        check.check_declaration(kernel.targets, wanted);
    check.check_folder(claim, wanted);
    return check.take();
}

Report check_device_code(const manifests::BundlePath& path, const KernelFacts& facts,
                         const Profile& profile) {
    const KernelFormat* entry = find_format(profile, facts.format);
    if (entry == nullptr || (facts.targets.empty() && facts.all_told)) return {};
    const Wanted wanted{true, !entry->target_in_bytes, entry->targets};
    ClaimCheck check(path.text(), facts, profile);
    if (facts.targets.empty())
        check.note_untold(wanted);
    else
        check.check_bytes(wanted);
    return check.take();
}

} // namespace packager
