#include "manifests/opened_envelopes.hpp"

#include <algorithm>
#include <set>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/text.hpp"

namespace manifests {

bool OpenedEnvelope::holds_statement() const {
    return envelope.payload_type == media::in_toto_payload;
}

bool OpenedEnvelope::holds_policy() const {
    return envelope.payload_type == media::policy_payload;
}

bool OpenedEnvelopes::only_policies() const {
    return report.findings().empty() && std::all_of(list.begin(), list.end(), [](const OpenedEnvelope& one) {
               return one.holds_policy();
           });
}

OpenedEnvelopes open_envelopes(const std::vector<std::string>& texts) {
    OpenedEnvelopes opened;
    std::set<Digest> seen;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const Digest digest = Digest::of(texts[i]);
        if (!seen.insert(digest).second) continue; // the same one came beside the bundle as well
        const std::string where = "signatures[" + std::to_string(i) + "]";
        try {
            opened.list.push_back({where, texts[i], digest, Envelope::parse(texts[i])});
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            opened.report.add(
                {error.code().value_or(Code::trust_envelope), where, error.what(), error.hint()});
        }
    }
    return opened;
}

std::optional<Finding> refuse_costly(const std::vector<OpenedEnvelope>& envelopes, std::size_t keys) {
    std::size_t checks = 0;
    for (const OpenedEnvelope& one : envelopes)
        checks += checks_of(one.envelope, keys);
    if (checks <= most_checks) return std::nullopt;
    return Finding{Code::format_limit, "signatures",
                   "there are so many signatures that checking them takes " + count_text(checks) +
                       " steps, at most " + count_text(most_checks) + " are allowed",
                   "leave out the envelopes that are not asked for"};
}

} // namespace manifests
