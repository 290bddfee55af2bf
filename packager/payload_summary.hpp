#pragma once
// What a person reads before signing bytes that somebody else has prepared. It is made from those bytes and
// nothing else, on whatever machine they are signed. Nothing that the bytes say is left out: a statement that
// has more in it than its summary tells is refused, or shown whole.

#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/json.hpp"

namespace packager {

struct SummaryLine {
    std::string name;  ///< snake_case; may occur several times
    std::string value; ///< from outside, not yet escaped
};

struct PayloadSummary {
    std::string kind; ///< "release", "component", "release set", "trust policy" or "statement"
    std::string payload_type;
    std::string payload;
    std::vector<SummaryLine> lines;
    bool lines_say_all = false;       ///< else the payload has to be read as well
    manifests::Digest message;        ///< of all bytes to be signed: what people compare
    manifests::Digest payload_digest; ///< of the payload alone: what a trust policy is pinned by

    /// @param encoding  a DSSE PAE
    /// @throws Error  Fault::damaged with Code::trust_envelope, Code::trust_statement or Code::trust_policy;
    ///                Fault::refused, Code::trust_statement for a payload type that is not known here and for
    ///                a release that says more than can be shown
    static PayloadSummary of(std::string_view encoding);

    /// Lines of text, escaped.
    std::string text() const;
    manifests::OrderedJson json() const;
};

} // namespace packager
