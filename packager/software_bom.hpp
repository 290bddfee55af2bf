#pragma once
// The software bill of material of a bundle (CycloneDX 1.7): the bundle, its model with the weights, the
// engine, its libraries, the kernels, every other file, and the libraries that the site has to bring.
//
// It cannot name the bundle manifest's digest: the bundle document pins this document, so the digest is not
// known yet. What ties the two is the bundle document itself.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/cyclonedx.hpp"
#include "packager/elf.hpp"

namespace packager {

struct SoftwareBomFile {
    const manifests::BundleFile* file;
    const std::array<unsigned char, 64>* sha512; ///< nullptr: none
    const ElfFacts* elf;                         ///< of engine and kernel files; nullptr: not ELF
};

struct SoftwareBomInputs {
    std::string name;
    std::string version;
    std::uint64_t release_counter = 1;
    std::string profile_id;
    std::string_view profile_bytes; ///< as carried in the bundle
    manifests::ModelFacts model;
    std::vector<SoftwareBomFile> files; ///< all of the bundle; any order
    std::vector<manifests::KernelEntry> kernels;
    std::optional<manifests::BundlePath> entrypoint; ///< of the runtime section
    /// Path of a file, name of a role ("engine"), or "bundle" for the whole, to an SPDX identifier, an SPDX
    /// expression or the name of a licence. The path wins; weights without either have the licences of
    /// `model`.
    std::map<std::string, std::string> licences;
    std::optional<manifests::Organisation> supplier; ///< who makes the bundle
    std::string_view hardware_bom;       ///< bytes of the design HBOM, for the link to it; or empty
    std::optional<std::uint64_t> time_s; ///< SOURCE_DATE_EPOCH
    std::string tool_version;
};

/// Pure: the same inputs give the same bytes, whatever the order of `files`.
/// @throws Error  Fault::usage if a licence names neither a file, a role nor "bundle", or is empty
/// Source of the properties: BSI TR-03183-2 v2.1.0, 5.2.2 (bsi:component:*, SHA-512 of what is deployed in
/// externalReferences of type distribution); CycloneDX property taxonomy (cdx:*).
void write_software_bom(const SoftwareBomInputs& inputs, const manifests::Sink& sink);
std::string software_bom(const SoftwareBomInputs& inputs);

} // namespace packager
