#pragma once
// What a bundle says about its kernels, for people.

#include <string>

#include "manifests/bundle_document.hpp"

namespace packager {

/// A table with format, chips and who says them; empty for a bundle without kernels. Long lists are cut.
std::string kernels_text(const manifests::BundleDocument& document);

} // namespace packager
