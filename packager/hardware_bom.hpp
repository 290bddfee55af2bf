#pragma once
// The design hardware bill of material (CycloneDX 1.7): what a machine has to have for a bundle, written from
// the profile, and from the memory of devices that the bundle needs. It names requirements, not units: each
// is a component that is not delivered (isExternal), with a version range or `sealift:hw:match:*` properties,
// and once more a numbered requirement (HW-001) that the report of a site can point at.

#include <cstdint>
#include <optional>
#include <string>

#include "manifests/cyclonedx.hpp"
#include "manifests/digest.hpp"
#include "manifests/needs.hpp"
#include "manifests/profile.hpp"

namespace packager {

struct HardwareBomInputs {
    manifests::Profile profile;
    manifests::Digest profile_digest;                ///< of the profile's bytes in the bundle
    std::optional<manifests::Organisation> supplier; ///< who makes the bundle
    std::optional<std::uint64_t> time_s;             ///< SOURCE_DATE_EPOCH
    std::string tool_version;
    std::optional<manifests::MemoryNeed> memory = {}; ///< of devices, that the bundle asks for
};

/// Pure: the same inputs give the same bytes.
/// @throws Error  Fault::internal if the profile's texts are not UTF-8
/// Source: CycloneDX 1.7; property names cdx:device:* from its property taxonomy.
std::string hardware_bom(const HardwareBomInputs& inputs);

} // namespace packager
