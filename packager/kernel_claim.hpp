#pragma once
// What a bundle says about one kernel: its format and the chips it is for, and whether its bytes say so or
// only the recipe does. Both the check and the bundle document use this, so what was checked is what is
// bound.

#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/finding.hpp"
#include "manifests/profile.hpp"
#include "manifests/recipe.hpp"
#include "packager/kernel_facts.hpp"

namespace packager {

struct KernelClaim {
    std::string format;               ///< empty: unknown
    std::vector<std::string> targets; ///< sorted
    bool declared = false;            ///< the bytes do not say the targets, the recipe does
};

/// An AArch64 library with "aicpu" in its path is one for the AI CPUs if the profile is of an Ascend.
KernelClaim claim_of(const manifests::RecipeKernel& kernel, const KernelFacts& facts,
                     const manifests::Profile& profile);

/// Whether the claim fits the profile and agrees with the bytes and with the folder that the file is in.
/// Findings: Code::fit_kernel.
manifests::Report check_claim(const manifests::RecipeKernel& kernel, const KernelFacts& facts,
                              const manifests::Profile& profile);

/// The rules for a file with device code that no recipe entry speaks of: an engine's library, or a cubin
/// beside it. Code whose chip the bytes do not tell is a note, unless the file's folder contradicts the
/// profile.
manifests::Report check_device_code(const manifests::BundlePath& path, const KernelFacts& facts,
                                    const manifests::Profile& profile);

/// A format that a profile names and no reader here tells apart: "mlu-fatbin". Files whose bytes are unknown
/// can be of it.
bool is_opaque(std::string_view format);

} // namespace packager
