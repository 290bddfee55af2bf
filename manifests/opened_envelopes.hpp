#pragma once
// The envelopes of a bundle and those that came beside it, each read once. Whatever is asked about them later
// is asked about these bytes.

#include <optional>
#include <string>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/dsse.hpp"
#include "manifests/finding.hpp"

namespace manifests {

struct OpenedEnvelope {
    std::string where; ///< "signatures[0]", by its place in the list that was opened
    std::string text;  ///< as it came: what a site stores is what it has proven
    Digest text_digest;
    Envelope envelope;

    bool holds_statement() const;
    bool holds_policy() const;
};

struct OpenedEnvelopes {
    std::vector<OpenedEnvelope> list; ///< the same text only once
    Report report;                    ///< one finding for each text that is no envelope

    /// A chain of policies that travels along vouches for no bundle.
    bool only_policies() const;
};

OpenedEnvelopes open_envelopes(const std::vector<std::string>& texts);

/// A stranger decides how many envelopes and signatures there are.
/// @return Code::format_limit if trying all of them with so many keys takes more than most_checks
std::optional<Finding> refuse_costly(const std::vector<OpenedEnvelope>& envelopes, std::size_t keys);

} // namespace manifests
