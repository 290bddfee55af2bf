#pragma once
// Whether the files of a model may go into a bundle: weights that obey the rules of their format, parts that
// belong together, and no file that runs code when it is loaded, unless the release engineer says why.

#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/finding.hpp"
#include "packager/checkpoint.hpp"
#include "packager/inputs.hpp"

namespace packager {

/// Why a danger is let through, in one line; empty: it is not.
struct RiskReasons {
    std::string pickle;
    std::string code;
};

struct ModelCheck {
    manifests::Report report;
    Checkpoint checkpoint;                      ///< its report is part of the one above
    std::vector<manifests::AcceptedRisk> risks; ///< for the bundle document
};

/// Findings besides those of read_checkpoint: Code::model_pickle for every file that can hold a pickle, in
/// any role - a refusal, or a note if there is a reason; Code::model_code, a note, for the Python files
/// beside a config.json that names code of its own.
/// @throws Error  Fault::io; Fault::usage for a reason that is not one line of at most 1024 bytes
ModelCheck check_model(const Inputs& inputs, const RiskReasons& reasons);

/// Fills what the recipe left open: architecture, format, family, parameters, precision, quantization. The
/// same headers give the same facts.
void fill_model_facts(manifests::ModelFacts& facts, const Checkpoint& checkpoint);

/// "671B", "36.6B", "1.4M": as model cards give it.
std::string parameters_text(std::uint64_t count);

} // namespace packager
