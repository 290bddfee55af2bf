#pragma once
// A difference as people and as scripts read it.

#include <functional>
#include <string>
#include <vector>

#include "packager/diff.hpp"
#include "runtime/long_output.hpp"

namespace packager {

/// One row for each difference: section, what happened, where, as A has it, as B has it; five cells. There
/// may be 200,000, so none is kept.
using TakeRow = std::function<void(std::vector<std::string> row, runtime::StreamedTable::Cells cells)>;
void each_difference(const BundleDiff& diff, const TakeRow& take);

/// These rows as a table; nothing when there are none. @throws Error  as runtime::print()
void print_diff_table(const BundleDiff& diff);

/// The members of sealift.diff/1 from "same" on. Text from the bundles is as it is if it is UTF-8. "files"
/// and "weights" are null: print_diff_json() writes them one element at a time.
manifests::OrderedJson diff_json_report(const BundleDiff& diff);

/// @param head  the members in front of "same"
/// @throws Error  as runtime::print()
void print_diff_json(manifests::OrderedJson head, const BundleDiff& diff);

/// "F32 [2, 3]"
std::string description_of(const Tensor& tensor);

} // namespace packager
