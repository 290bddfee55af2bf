#pragma once
// The compatibility verdict: what a profile asks for, held against a machine as found. Pure, so the packager
// and the site say the same about the same bytes. Three answers per line, and a note: "cannot tell" is not a
// pass, for what cannot be told before copying shows itself after two hours of copying.

#include <string>
#include <vector>

#include "manifests/finding.hpp"
#include "manifests/machine.hpp"
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

struct Fit {
    std::vector<FitLine> lines;
    /// No line is not met and none is undecided.
    bool fits() const;
};

Fit fit(const manifests::Profile& profile, const manifests::Machine& machine);

/// Every line that is not met, undecided or a note, as a finding.
manifests::Report report_of(const Fit& fit);

/// "met", "not-met", "cannot-tell", "note"
std::string_view name_of(FitLine::Verdict verdict);

enum class IdentityMatch {
    same,   ///< vendor and model are those of the profile
    open,   ///< the profile names none
    other,  ///< another vendor or model
    unknown ///< the machine does not say
};
IdentityMatch match_identity(const manifests::CpuRequirement& wanted, const manifests::CpuFound& found);

} // namespace runtime
