#pragma once
// Whether a site that holds to a trust policy may trust a bundle: the whole rule, pure. Documents go in, with
// the policy, what the site remembers and what time it is; findings come out, the evidence for each, and the
// chain in words. Nothing is decided by a label, a key id or a time that nobody signed.
//
// The order is that of FORMAT.md "Trust": policy chain, its age, then per envelope signatures first and only
// then the same bytes as JSON, then what is required, revoked, older than what was here. Whatever can still
// be asked after a "no" is asked, for an auditor wants every answer at once; without a policy in force
// nothing can.

#include <optional>
#include <string>
#include <vector>

#include "manifests/assembly.hpp"
#include "manifests/bundle_document.hpp"
#include "manifests/finding.hpp"
#include "manifests/policy_chain.hpp"
#include "manifests/release.hpp"
#include "manifests/site_state.hpp"

namespace manifests {

struct TrustQuestion {
    const BundleDocument& document;
    const Assembly& assembly;
    std::vector<std::string> envelopes; ///< DSSE texts: those of the bundle, and any that came beside it
    const SignedPolicy& policy;         ///< what is trusted already; the envelopes may lead on from it
    const SiteState* state = nullptr;   ///< nullptr: no site is asked, so its memory is not checked
    std::string clock;                  ///< of the machine, as time_text.hpp
};

/// What one envelope was worth to one role, so that the answer can be derived again with openssl. Each
/// envelope is there at least once.
struct Evidence {
    std::string where;                ///< "signatures[0]"
    Digest envelope;                  ///< of its text, a blob of the bundle
    Digest payload;                   ///< of the bytes inside
    Digest signed_bytes;              ///< of the PAE, which every signature is over
    std::size_t size_bytes = 0;       ///< of the payload
    std::string payload_type;         ///< from outside, not escaped
    std::string predicate_type;       ///< empty: no signature was good, so it was not read
    std::string role;                 ///< that it counts for; empty: for none
    std::vector<std::string> counted; ///< key ids whose signatures are good, of that role
    std::vector<std::string> owners;
    std::string outcome; ///< in words
};

/// One link of the chain, for people.
struct TrustStep {
    std::string what; ///< "policy", "release", ...
    bool passed = false;
    std::string text;
};

struct TrustAnswer {
    Report report;
    SignedPolicy policy;                     ///< in force: the newest that the envelopes lead to
    std::vector<SignedPolicy> steps;         ///< that lead there from the question's
    bool follows = false;                    ///< the chain holds
    std::string now;                         ///< the latest of the clock and every time that was signed
    std::optional<ReleaseStatement> release; ///< of the one that counted
    std::vector<std::string> signers;        ///< key ids that released it, sorted
    std::optional<Digest> permit;            ///< payload of the rollback permit that was needed
    std::vector<Evidence> evidence;
    std::vector<TrustStep> chain;
};

TrustAnswer judge_bundle(const TrustQuestion& question);

} // namespace manifests
