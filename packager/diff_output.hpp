#pragma once
// A difference as people and as scripts read it.

#include <string>

#include "packager/diff.hpp"

namespace packager {

/// One row for each difference: section, what happened, where, as A has it, as B has it. Ends with a line
/// feed; sections without a difference are left out.
std::string diff_table(const BundleDiff& diff);

/// The members of sealift.diff/1 from "same" on. Text from the bundles is as it is if it is UTF-8.
manifests::OrderedJson diff_json_report(const BundleDiff& diff);

/// "F32 [2, 3]"
std::string description_of(const Tensor& tensor);

} // namespace packager
