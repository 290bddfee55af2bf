#pragma once
// The files that a recipe names, opened and described: sizes, modes, digests, and what ELF files say of
// themselves.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/recipe.hpp"
#include "packager/elf.hpp"
#include "runtime/blob_source.hpp"
#include "runtime/content.hpp"

namespace packager {

struct Input {
    manifests::BundleFile file;
    std::string source;                ///< path on this machine
    std::optional<std::string> sha512; ///< hex; of all roles but weights, see below
    std::optional<ElfFacts> elf;       ///< of ELF files
};

/// Reads every file of the recipe once. Weights get no SHA-512: BSI TR-03183 asks it of the software that is
/// deployed, and over weights it would take twice the time of everything else.
/// @param folder  the recipe's folder, which sources are relative to
/// @return sorted by path
/// @throws Error  Fault::io with the path; Fault::usage for a source that is no regular file
std::vector<Input> read_inputs(const manifests::Recipe& recipe, const std::string& folder, unsigned jobs,
                               const std::function<runtime::OnBytes(std::uint64_t total_bytes)>& on_start);

/// The same files looked at, not read: kinds, modes and ELF headers are true, the digest is one of the path
/// and the size 0. For everything that can be refused before hours of reading.
std::vector<Input> glance_at_inputs(const manifests::Recipe& recipe, const std::string& folder);

/// Opens a source again, for writing it into the bundle.
runtime::BlobAt open_source(const Input& input);

} // namespace packager
