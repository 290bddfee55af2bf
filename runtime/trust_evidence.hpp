#pragma once
// What an answer about trust rests on, for people (verify --explain) and for whoever derives it again with
// openssl and sha256sum (JSON).

#include <string>

#include "manifests/bundle_trust.hpp"
#include "manifests/json.hpp"
#include "runtime/verify.hpp"

namespace runtime {

/// Members "policy" and "evidence": digests of what was signed, the keys that count and for which role.
void add_evidence_json(manifests::OrderedJson& value, const manifests::TrustAnswer& answer);

/// The chain from what is pinned to the release, a line for each link; everything in it is escaped.
std::string chain_text(const manifests::TrustAnswer& answer);

/// The same for the simple form: what a key answers and what it does not.
std::string simple_chain_text(const Verification& result);

/// What a "yes" by a key alone leaves open, as one plain line; empty if something better decided.
std::string unchecked_line(const manifests::Report& report);

/// The report for people, without what unchecked_line() says.
manifests::Report without_partial(const manifests::Report& report);

} // namespace runtime
