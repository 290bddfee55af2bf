#pragma once
// A profile as people read it: one line for each figure, with the source it comes from.

#include <cstdint>
#include <string>

#include "manifests/profile.hpp"

namespace packager {

/// Device memory as its makers count it: "64 GiB", "63.7 GiB"; "" for 0, which is not stated.
std::string gib_text(std::uint64_t bytes);

/// "accelerator", or "host" for the profile of a processor.
std::string class_of(const manifests::Profile& profile);

/// The figures with their sources, then the sources with date and address. Safe to print.
std::string profile_text(const manifests::Profile& profile);

} // namespace packager
