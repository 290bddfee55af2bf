#pragma once
// The options with which signers say on what terms a release is made: the same for build, sign and sign
// prepare.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/release.hpp"

namespace packager {

struct ReleaseOptions {
    std::uint64_t security_epoch = 0;
    std::string expires;
    std::uint64_t policy_min_version = 0;
    std::vector<std::string> replaces;
    std::string classification;
    std::vector<std::string> destinations;
    bool with_sm3 = false;

    /// Nothing if no term was given. @throws Error  Fault::usage
    std::optional<manifests::ReleaseTerms> terms() const;
};

/// A time from the command line; a date alone is its first second.
/// @throws Error  Fault::usage
std::string end_time(const std::string& option, const std::string& text);

/// The terms of a release as people read them, escaped, one line each; empty if there are none.
std::vector<std::string> terms_lines(const manifests::ReleaseTerms& terms);

} // namespace packager
