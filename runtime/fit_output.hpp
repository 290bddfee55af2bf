#pragma once
// How required and found stand side by side on a terminal; install, boot and check share it.

#include <string>

#include "manifests/json.hpp"
#include "manifests/machine.hpp"
#include "runtime/bundle.hpp"
#include "runtime/fit.hpp"

namespace runtime {

/// The verdict on this bundle and this machine.
Fit fit_of(const Bundle& bundle, const manifests::Machine& machine);

/// A table: requirement, found, wanted, verdict; then a hint for each line that is not met.
std::string fit_text(const Fit& fit);
/// [{code, verdict, requirement, found, wanted, remedy}]
manifests::OrderedJson fit_json(const Fit& fit);

} // namespace runtime
