#pragma once
// What the envelopes of a bundle claim, for people who want to see what travels with it. No signature is
// checked and nothing is believed, so an envelope that makes no sense is listed like the others.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/json.hpp"
#include "manifests/statement.hpp"

namespace packager {

/// Every text in it is from outside and not escaped, `claim` and `problem` excepted.
struct CarriedStatement {
    explicit CarriedStatement(const manifests::Digest& text_digest) : envelope(text_digest) {}

    std::string kind = "unreadable"; ///< "release", "provenance", "BOM", "trust policy", ..., "other"
    std::string type;                ///< predicate type, or payload type if it is no in-toto statement
    manifests::Digest envelope;      ///< of its text: the blob's name
    std::size_t payload_bytes = 0;
    std::vector<std::string> key_ids;         ///< that its signatures name
    std::vector<manifests::Subject> subjects; ///< empty for a policy
    std::string claim;                        ///< the terms of a release, id and version of a policy, ...
    std::shared_ptr<manifests::OrderedJson> details; ///< the same for programs, an object; may be nullptr
    std::string problem;                             ///< why it could not be read; else empty
};

/// In the order of the envelopes. Never fails because of what they say.
std::vector<CarriedStatement> list_statements(const std::vector<std::string>& envelopes);

/// Key ids that signatures name, each once, in the order in which they come.
std::vector<std::string> named_keys(const std::vector<CarriedStatement>& statements);

/// @param bundle  tells statements about this bundle from others
manifests::OrderedJson statements_json(const std::vector<CarriedStatement>& statements,
                                       const manifests::Digest& bundle);
/// A table, escaped; empty if there are none.
std::string statements_text(const std::vector<CarriedStatement>& statements, const manifests::Digest& bundle);

} // namespace packager
