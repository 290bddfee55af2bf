#pragma once
// What a check has to say, the same in both programs: requirement by requirement, the verdict, and how much
// was looked at to say so.

#include <string>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/finding.hpp"
#include "runtime/fit.hpp"
#include "runtime/terminal.hpp"

namespace runtime {

struct Checked {
    std::string subject; ///< bundle or recipe, as it was named
    std::string machine; ///< "this machine", or where what was found comes from
    std::string name = {};
    std::string version = {};
    std::string profile_id = {};
    std::optional<manifests::Digest> digest = {}; ///< of a bundle
    Fit fit = {};
    /// What stands in the way before any machine is asked: it is no bundle, or a build would refuse it.
    manifests::Report report = {};

    enum class Trust {
        not_asked,
        refused,
        signed_by_known, ///< the documents are whose they should be; files were not read
    };
    Trust trust = Trust::not_asked;
    manifests::Report trust_report = {};
    std::vector<std::string> signers = {};

    bool passed() const { return fit.fits() && report.passed() && trust != Trust::refused; }
};

/// Prints it, as a table or as sealift.check/1. @return the exit status: 0 it runs, 1 it does not
int print_checked(const Checked& checked, const OutputOptions& options);

} // namespace runtime
