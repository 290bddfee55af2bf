#pragma once
// A bundle document with everything that one can have, from real bytes and without any file: for the tests of
// documents, manifests and layouts. tests/support/sample_bundle.hpp builds real bundles.

#include <map>
#include <string>

#include "manifests/bundle_document.hpp"

namespace tests {

/// Path in the bundle to content: three weights (one of 70,000 bytes, one of 1,200,000 with a chunk table),
/// model configuration, a kernel, an engine of two files, two configurations with the same content, a
/// document.
std::map<std::string, std::string> sample_contents();

/// The document that describes sample_contents(), complete: parse() accepts what encode() gives.
manifests::BundleDocument sample_document();

/// What sample_document() refers to and what does not follow from it.
struct SampleDocuments {
    std::string profile;
    std::string software_bom;
    std::string hardware_bom;
};
SampleDocuments sample_documents();

} // namespace tests
