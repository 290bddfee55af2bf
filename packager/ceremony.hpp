#pragma once
// Signing away from the bundle. `prepare` writes the exact bytes that each key has to sign, and a summary for
// people; they are carried to wherever the keys are, and signed there with whatever is trusted there;
// `attach` takes the signatures back and checks each before it changes anything. Nothing that was carried is
// believed: a statement has to be what this bundle would be given, a signature has to fit it.

#include <string>
#include <string_view>
#include <vector>

#include "manifests/public_key.hpp"
#include "packager/claims.hpp"
#include "packager/payload_summary.hpp"
#include "packager/policy_at_hand.hpp"
#include "runtime/bundle.hpp"

namespace packager {

struct PreparedMessage {
    std::string path; ///< FOLDER/KEYID.pae; with several statements FOLDER/KEYID-2.pae and so on
    std::string key_id;
    PayloadSummary summary; ///< made from the file's bytes
};

/// Fills a new or empty folder: for each key KEYID.pub and for each claim KEYID.pae; summary.txt.
/// @throws Error  Fault::usage if a key is given twice or the folder has something in it; Fault::io
std::vector<PreparedMessage> prepare_signing(const std::vector<Claim>& claims,
                                             const std::vector<manifests::PublicKey>& keys,
                                             const std::string& folder);

/// A signature that came back, and is good.
struct ReturnedSignature {
    std::string path;
    Claim claim;
    manifests::PublicKey key;
    std::string signature; ///< as envelopes have it: 64 bytes of Ed25519, else DER
};

/// Reads KEYID.sig: raw bytes, DER, or base64 of either. What it was to be over is KEYID.pae.
/// @param prepared  the folder that prepare_signing() filled; "" is the signature's own
/// @param keys      empty: the KEYID.pub of that folder
/// @throws Error  Fault::usage for a file that is not named after a key; Fault::missing for a key that is not
///                among the keys; Fault::refused, Code::trust_signature for a signature that does not fit;
///                Fault::io
ReturnedSignature read_returned(const std::string& path, const std::string& prepared,
                                const std::vector<manifests::PublicKey>& keys);

/// Whether this bundle would be given that statement. @throws Error  Fault::refused, Code::trust_statement
void demand_claim_of(const runtime::Bundle& bundle, const Claim& claim);
/// Whether it is this very policy. @throws Error  Fault::refused, Code::trust_policy
void demand_claim_of(const PolicyAtHand& policy, const Claim& claim);

/// The bundle's envelopes with the signatures in them. None that was there is lost.
/// @throws Error  Fault::usage if one key's signature comes twice for one statement; as demand_claim_of()
std::vector<std::string> attach(const runtime::Bundle& bundle,
                                const std::vector<ReturnedSignature>& returned);
/// The policy's one envelope, likewise.
std::vector<std::string> attach(const PolicyAtHand& policy, const std::vector<ReturnedSignature>& returned);

} // namespace packager
