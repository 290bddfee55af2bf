#pragma once
// The software bill of material of a bundle (CycloneDX 1.7): the bundle, its model with the weights, the
// engine, its libraries, the kernels, every other file, and the libraries that the site has to bring.
//
// It cannot name the bundle manifest's digest: the bundle document pins this document, so the digest is not
// known yet. What ties the two is the bundle document itself.
//
// A bundle may have 100,000 files, whose BOM has 150 MB: it is written as a stream, from inputs that are only
// pointed at.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/cyclonedx.hpp"
#include "manifests/text.hpp"
#include "packager/elf.hpp"

namespace packager {

/// One file of the bundle; what it points at belongs to the caller.
struct SoftwareBomFile {
    const manifests::BundleFile* file = nullptr;
    const std::array<unsigned char, 64>* sha512 = nullptr; ///< nullptr: not made
    const ElfFacts* elf = nullptr;                         ///< nullptr: not ELF
};

struct SoftwareBomInputs {
    std::string name;
    std::string version;
    std::uint64_t release_counter = 1;
    std::string profile_id;
    std::string_view profile_bytes; ///< as carried in the bundle
    manifests::ModelFacts model;
    std::vector<SoftwareBomFile> files;              ///< all of the bundle; any order
    std::span<const manifests::KernelEntry> kernels; ///< each of one of `files`
    std::optional<manifests::BundlePath> entrypoint; ///< of the runtime section
    /// Path of a file, name of a role ("engine"), or "bundle" for the whole, to an SPDX identifier, an SPDX
    /// expression or the name of a licence. The path wins; weights without either have the licences of
    /// `model`. nullptr: none stated.
    const std::map<std::string, std::string>* licences = nullptr;
    std::optional<manifests::Organisation> supplier; ///< who makes the bundle
    std::string_view hardware_bom;       ///< bytes of the design HBOM, for the link to it; or empty
    std::optional<std::uint64_t> time_s; ///< SOURCE_DATE_EPOCH
    std::string tool_version;
};

/// Writes the document front to back. Besides the inputs it takes some 25 bytes a file, 80 an ELF file,
/// whatever the length of the text. Pure: the same inputs give the same bytes, whatever the order of `files`.
///
/// The length follows from lengths and from which digests are equal, not from their values: placeholders that
/// are equal where the digests will be give the length beforehand. Only kernels ask for equality: they fit
/// every file with a digest of their `fits`.
/// @throws Error  Fault::usage before anything is written, if a licence names neither a file, a role nor
///                "bundle", or is empty; Fault::internal for what is no document, by then with pieces in
///                `sink`
/// Source of the properties: BSI TR-03183-2 v2.1.0, 5.2.2 (bsi:component:*, SHA-512 of what is deployed in
/// externalReferences of type distribution); CycloneDX property taxonomy (cdx:*).
void write_software_bom(const SoftwareBomInputs& inputs, const manifests::Sink& sink);

/// The same as one text, for small bundles and for tests.
std::string software_bom(const SoftwareBomInputs& inputs);

} // namespace packager
