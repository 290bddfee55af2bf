#pragma once
// A bundle document with everything that one can have, from real bytes and without any file: for the tests of
// documents, manifests and layouts. tests/support/sample_bundle.hpp builds real bundles.

#include <map>
#include <string>

#include "manifests/bundle_document.hpp"
#include "manifests/tar_layout.hpp"

namespace tests {

/// Path in the bundle to content: two weights (one of 70,000 bytes), model configuration, a kernel, an engine
/// of two files, two configurations with the same content, a document.
std::map<std::string, std::string> sample_contents();

/// The document that describes sample_contents(), complete: parse() accepts what encode() gives.
manifests::BundleDocument sample_document();

/// Profile, BOMs and no signature, as sample_document() refers to them.
manifests::CarriedDocuments sample_carried();

} // namespace tests
