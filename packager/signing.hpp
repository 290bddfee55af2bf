#pragma once
// Putting signatures on envelopes. Only the packager can do this.

#include <string>
#include <string_view>

#include "manifests/dsse.hpp"
#include "packager/signer.hpp"

namespace packager {

/// An envelope with one signature.
/// @param type  such as manifests::media::in_toto_payload
manifests::Envelope sign_payload(std::string_view type, std::string_view payload, const Signer& key);

/// Countersigns: adds the signature of `key`, in place of one that it has made or that claims its key id. The
/// signatures are sorted as Envelope::encode writes them.
void add_signature(manifests::Envelope& envelope, const Signer& key);

/// The same with a signature that was made elsewhere.
/// @throws Error  Fault::refused, Code::trust_signature unless it is by `key` over this payload
void add_signature(manifests::Envelope& envelope, const manifests::PublicKey& key,
                   const std::string& signature);

} // namespace packager
