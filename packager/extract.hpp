#pragma once
// Files out of a bundle, each compared with its digest before it gets its name.

#include <string>
#include <vector>

#include "runtime/bundle.hpp"
#include "runtime/content.hpp"

namespace packager {

/// Puts the files whose path is in `paths`, or lies in a folder that is, into `folder` (all for none), which
/// must not exist or be empty; it appears whole or not at all.
/// @return bytes written
/// @throws Error  Fault::damaged with the code of the first file that is not what the bundle says;
/// Fault::usage if
///                a path is not in the bundle or the folder is not empty; Fault::io
std::uint64_t extract(const runtime::Bundle& bundle, const std::vector<std::string>& paths,
                      const std::string& folder, unsigned jobs,
                      const std::function<runtime::OnBytes(std::uint64_t total_bytes)>& on_start);

} // namespace packager
