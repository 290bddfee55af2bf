#pragma once
// The compatibility verdict: what a profile and a bundle ask for, held against a machine as found. Pure, so
// the packager and the site say the same about the same bytes. Three answers per line, and a note: "cannot
// tell" is not a pass, for what cannot be told before copying shows itself after two hours of copying.
//
// A figure that a profile does not state is no requirement, and gives no line. Where a machine is not known
// yet (`build`), only what no machine could mend is decided: number types, file modes, a model that is larger
// than the devices the profile describes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/finding.hpp"
#include "manifests/machine.hpp"
#include "manifests/needs.hpp"
#include "manifests/profile.hpp"

namespace runtime {

struct FitLine {
    enum class Verdict {
        met,
        not_met,
        cannot_tell, ///< the machine does not say, or says it only to somebody with more rights
        note,        ///< worth knowing; does not decide
    };
    manifests::Code code;
    Verdict verdict;
    std::string requirement; ///< in a word or two: "instructions", "Ascend 910B"
    std::string found;       ///< found, wanted and remedy are safe to show
    std::string wanted;
    std::string remedy; ///< the next step; empty when met
};

/// Who will open the device nodes.
struct Opener {
    std::uint64_t user = 0;
    std::vector<std::uint64_t> groups;
};

/// Room for an install.
struct Room {
    std::uint64_t wanted_bytes = 0;
    std::optional<std::uint64_t> free_bytes = {}; ///< absent: nobody has looked
    std::string place = {};                       ///< that was looked at
    bool shares_blocks = false; ///< files become clones of the bundle's own bytes, which takes no room
};

/// What is asked. Pointers are not owned; nullptr leaves a subject out.
struct FitQuestion {
    const manifests::Profile& profile;
    const manifests::Machine* machine = nullptr; ///< nullptr: what the profile alone decides
    const manifests::Needs* needs = nullptr;
    const std::vector<manifests::BundleFile>* files = nullptr;
    const std::vector<manifests::KernelEntry>* kernels = nullptr;
    std::optional<Opener> opener = {}; ///< absent: nobody knows; then who may open them is a note
    std::optional<Room> room = {};
    std::uint64_t nodes = 1; ///< machines like this one that share the model, as a person says
    /// They say what a chip computes that is found in place of the profile's.
    const std::vector<manifests::Profile>* known = nullptr;
};

struct Fit {
    enum class Class { runs, runs_but, does_not_run };
    std::vector<FitLine> lines;
    /// No line is not met and none is undecided.
    bool fits() const;
    Class verdict() const; ///< runs_but: it fits, and there are notes
};

Fit fit(const FitQuestion& question);
/// The profile alone, without a bundle.
Fit fit(const manifests::Profile& profile, const manifests::Machine& machine);

/// Every line that is not met, undecided or a note, as a finding.
manifests::Report report_of(const Fit& fit);

/// "met", "not met", "cannot tell", "note"
std::string_view name_of(FitLine::Verdict verdict);
/// "runs", "runs, but", "does not run"
std::string_view name_of(Fit::Class verdict);

enum class IdentityMatch {
    same,   ///< vendor and model are those of the profile
    open,   ///< the profile names none
    other,  ///< another vendor or model
    unknown ///< the machine does not say
};
IdentityMatch match_identity(const manifests::CpuRequirement& wanted, const manifests::CpuFound& found);

} // namespace runtime
