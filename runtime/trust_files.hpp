#pragma once
// Files of the trust folder, read with suspicion: a symbolic link, a device or a file that others may write
// to is a finding and is not read.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/finding.hpp"

namespace runtime {

/// @return nothing if it is not there (no finding: the caller knows whether that is wrong) or not fit to be
///         read (a finding)
/// @throws Error  Fault::io
std::optional<std::string> read_trust_file(const std::string& path, std::uint64_t most_bytes,
                                           manifests::Report& report);

/// Files the finding unless `path` is a folder of its own that only its owner may write to.
/// @return whether it is fit to be read
bool check_trust_folder(const std::string& path, manifests::Report& report);

/// A file "PREFIX<number>SUFFIX" of a folder.
struct NumberedFile {
    std::uint64_t number = 0;
    std::string path;
};

/// All of them, rising, spelled with at least `digits` digits and no more zeros than that. Other names that
/// begin with the prefix are findings.
std::vector<NumberedFile> numbered_files(const std::string& folder, const std::string& prefix,
                                         const std::string& suffix, std::size_t digits,
                                         manifests::Report& report);
std::string numbered_name(const std::string& prefix, std::uint64_t number, const std::string& suffix,
                          std::size_t digits);

} // namespace runtime
