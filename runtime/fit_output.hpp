#pragma once
// How required and found stand side by side on a terminal; install, boot and check share it.

#include <string>

#include "manifests/json.hpp"
#include "runtime/fit.hpp"

namespace runtime {

/// A table: requirement, found, wanted, verdict; then what is not met, undecided or a note, with the next
/// step.
std::string fit_text(const Fit& fit);
/// [{code, verdict, requirement, found, wanted, remedy}]
manifests::OrderedJson fit_json(const Fit& fit);

} // namespace runtime
