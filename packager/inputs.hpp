#pragma once
// The files that a recipe names: looked at first, for everything that can be refused before hours of reading,
// and read once, while they are packed (see pack_file.hpp).

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/recipe.hpp"
#include "packager/elf.hpp"
#include "packager/kernel_facts.hpp"
#include "runtime/blob_source.hpp"

namespace packager {

using Sha512 = std::array<unsigned char, 64>;

/// What the bundle document does not say about a file of it.
struct Source {
    /// As the recipe says it, relative to its folder; nullptr: the path in the bundle.
    std::unique_ptr<std::string> path;
    std::unique_ptr<ElfFacts> elf; ///< of ELF files
    /// Of every kernel, and of engine files with code for accelerators.
    std::unique_ptr<KernelFacts> kernel = {};
    std::unique_ptr<std::string> danger = {}; ///< why loading it can run code (content_look.hpp)
    std::unique_ptr<Sha512> sha512 = {};      ///< of all roles but weights; zeros until the file was read
    bool begins_as_weights = false;           ///< as safetensors or GGUF do
    std::uint64_t hole_bytes = 0;             ///< as runtime::hole_bytes()
};

/// Small values, for there may be 100,000 of them.
struct Inputs {
    std::string folder;                       ///< the recipe's
    std::vector<manifests::BundleFile> files; ///< sorted by path
    std::vector<Source> sources;              ///< source i belongs to file i

    const ElfFacts* elf_of(std::size_t i) const { return sources[i].elf.get(); }
    const KernelFacts* kernel_facts_of(std::size_t i) const { return sources[i].kernel.get(); }
};

/// Files up to this size are read when they are looked at, and once more when they are packed.
inline constexpr std::uint64_t small_file_bytes = 64 * 1024;

/// Opens every file once. Sizes, modes and ELF facts are true. Digests are true for small files, and
/// stand-ins for the others: equal for files with the same bytes, different for all others, as far as one can
/// tell without reading everything twice.
/// @throws Error  Fault::io with the path; Fault::usage for a source that is no regular file, or a path that
/// is listed twice; Fault::refused for a broken ELF file or device code that contradicts itself
Inputs look_at_inputs(std::vector<manifests::RecipeFile> files, const std::string& folder);

/// Opens the source of `file`, which is file i, again: for packing it.
runtime::BlobAt open_source(const Inputs& inputs, std::size_t i, const manifests::BundleFile& file);

} // namespace packager
