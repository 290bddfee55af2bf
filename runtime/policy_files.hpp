#pragma once
// Trust policies as they arrive at a site: in a file of their own, as lines of a chain, or inside a bundle.

#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"

namespace runtime {

/// The DSSE envelopes of trust policies in `path`: a bundle (file or folder), one envelope, or one a line.
/// Nothing is proven about them.
/// @throws Error  Fault::damaged, Code::trust_envelope if a text holds something else; what Bundle::open
/// throws;
///                Fault::io
std::vector<std::string> read_policy_envelopes(const std::string& path);

/// A digest as a person types it: "sha256:" may stand in front, digits may be in upper case, and groups of
/// them may stand apart with spaces, dashes or colons between.
/// @throws Error  Fault::usage
manifests::Digest parse_typed_digest(std::string_view typed);

/// The 64 digits in 8 groups of 8, for comparing on paper or by voice.
std::string grouped(const manifests::Digest& digest);

} // namespace runtime
