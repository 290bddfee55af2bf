#pragma once
// The single components of a software BOM: one carried file, the model, one library that the site brings.

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "packager/software_bom.hpp"

namespace packager {

std::string ref_of(const SoftwareBomFile& file);
std::string external_ref(std::string_view soname);

/// Lower-case hex; empty if there is none.
std::string sha512_hex(const SoftwareBomFile& file);

/// Weights and their configuration: the parts of the model.
bool is_of_model(const SoftwareBomFile& file);

/// Follows from the role and from what the bytes are.
manifests::ComponentType type_of(const SoftwareBomFile& file);

/// A file of the bundle, with properties and licence.
/// @param kernel  what it declares, or nullptr
manifests::Component file_component(const SoftwareBomFile& file, const SoftwareBomInputs& inputs,
                                    const manifests::KernelEntry* kernel = nullptr);

/// The model, without its parts.
manifests::Component model_component(const SoftwareBomInputs& inputs);

/// A library that carried files need and the bundle does not carry.
struct ExternalLibrary {
    std::set<std::string> machines;              ///< "x86_64"
    std::map<std::string, std::string> minimums; ///< "GLIBC" to "2.34": the highest that any file wants
};
manifests::Component external_component(const std::string& soname, const ExternalLibrary& library);

/// Notes what `facts` wants of the library `soname`.
void add_needs(ExternalLibrary& library, const std::string& soname, const ElfFacts& facts);

} // namespace packager
