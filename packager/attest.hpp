#pragma once
// The envelopes of a build: who says what about the bundle. They stand in front of the files and are made
// after them, so their sizes are planned with signatures of nobody.

#include <string>
#include <vector>

#include "packager/signer.hpp"
#include "packager/statements.hpp"

namespace packager {

struct Attestations {
    /// Signs where the bundle came from and what is in it; nullptr: the signer of the release does.
    const Signer* builder = nullptr;
    std::string builder_id = std::string(default_builder_id);
    manifests::ReleaseTerms terms = {};
    bool with_sm3 = false;
    std::vector<std::string> carried = {}; ///< envelopes that come along: a policy chain, vendors' statements
};

/// Everything that the envelopes of a build are made of.
struct Attested {
    Described bundle;
    const manifests::Digest& recipe;
    const Signer* release; ///< nullptr: nobody signs the release now
    const Attestations& attestations;
};

/// Release, provenance and BOM statement, each in its envelope, and what is carried.
std::vector<std::string> signed_envelopes(const Attested& attested);
/// As long as those will be, and signed by nobody.
std::vector<std::string> unsigned_envelopes(const Attested& attested);

} // namespace packager
