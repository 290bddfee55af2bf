#pragma once
// A machine as a person reads it: one row for each thing, equal things in one row.

#include <string>
#include <vector>

#include "manifests/machine.hpp"

namespace runtime {

/// Rows of a name and what was found; cells are not escaped yet.
std::vector<std::vector<std::string>> machine_rows(const manifests::Machine& machine);

/// Equal functions in one text, with their addresses: "2 x 19e5:d802 Huawei Ascend910B3, 68.7 GB, driver
/// devdrv (0000:01:00.0 0000:02:00.0)".
std::vector<std::string> grouped_functions(const std::vector<manifests::PciFound>& functions);

/// Nodes that differ in their number and nothing else in one text: "/dev/davinci0-7 0660 0:1001".
std::vector<std::string> grouped_nodes(const std::vector<manifests::DeviceNodeFound>& nodes);

} // namespace runtime
