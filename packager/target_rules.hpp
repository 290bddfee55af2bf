#pragma once
// Which chips run code that was made for a chip: within one format, names are compared by the rules of its
// vendor.

#include <string>
#include <string_view>

namespace packager {

/// Whether code for `code` ("sm_80", "compute_90a", "gfx9-4-generic", "Ascend910B3") runs on the chip `chip`
/// ("sm_90", "gfx942", "Ascend910B3"). Names that no rule knows have to be equal.
/// Source: CUDA C++ Programming Guide, "Binary Compatibility" (same major version, same or higher minor),
/// "PTX Compatibility" (same or higher version), "Feature Set Compiler Targets" (the suffixes a and f); LLVM,
/// AMDGPUUsage, "Generic processors".
bool runs_on(std::string_view code, std::string_view chip);

/// The folder of CANN's operator packages that a SoC name belongs to: "ascend910b" for Ascend910B1 to B4,
/// "ascend910" for Ascend910A and, a trap, for the name Ascend910B without a digit, which is the Pro B of the
/// first generation. A folder's own name is its own family. Empty for what is neither.
std::string ascend_family(std::string_view name);

/// The family that a folder in `path` speaks of: ".../ascend310p/add.o" or ".../Ascend310P3/..."; the last
/// one counts. Empty if there is none.
std::string ascend_folder_hint(std::string_view path);

} // namespace packager
