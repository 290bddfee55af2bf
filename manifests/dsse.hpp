#pragma once
// DSSE 1.0 envelopes (secure-systems-lab/dsse): one payload, any number of signatures over its
// pre-authentication encoding (PAE). The payload is bytes: it is verified and then parsed from the same
// buffer, never read a second time.

#include <string>
#include <string_view>
#include <vector>

#include "manifests/public_key.hpp"

namespace manifests {

struct EnvelopeSignature {
    std::string key_id;    ///< a hint for people and look-ups; decides nothing. Empty if absent
    std::string signature; ///< raw bytes, of any length: another reader's algorithm may have made it
};

struct Envelope {
    static constexpr std::size_t most_bytes = 1U << 20; ///< payloads stay under 16 KiB; a BOM is referenced
    static constexpr std::size_t most_signatures = 64;  ///< bounds the work that a stranger can ask for

    std::string payload_type;
    std::string payload; ///< decoded bytes
    std::vector<EnvelopeSignature> signatures;

    /// Base64 may be of either alphabet, members may stand in any order, unknown members are ignored (DSSE
    /// says so); at least one signature.
    /// @throws Error  Fault::damaged, Code::trust_envelope
    static Envelope parse(std::string_view text);
    /// Compact: payload, payloadType, signatures with keyid and sig, sorted by keyid, then by bytes.
    std::string encode() const;
};

/// What every signature is made over: "DSSEv1 LEN(type) type LEN(payload) payload", lengths in bytes.
std::string pre_authentication_encoding(std::string_view type, std::string_view payload);

/// What somebody is asked to sign away from the envelope.
struct SigningMessage {
    std::string payload_type; ///< never empty
    std::string payload;

    /// Reads exactly what pre_authentication_encoding() writes, and nothing in front of it or behind.
    /// @throws Error  Fault::damaged, Code::trust_envelope; also when it is over Envelope::most_bytes
    static SigningMessage parse(std::string_view encoding);
    std::string encode() const { return pre_authentication_encoding(payload_type, payload); }
};

/// What a set of keys says about an envelope. Both lists hold key_id() texts of given keys, sorted, each
/// once, so their sizes count distinct public keys, whatever key ids the envelope spells.
struct SignatureVerdict {
    std::vector<std::string> signed_by; ///< at least one signature by this key is good
    /// An envelope signature names this key and is not by it, and no other one is: bytes were changed, or
    /// somebody pretends. SL-TRUST-SIGNATURE rather than SL-TRUST-KEY.
    std::vector<std::string> bad_signature;
};

/// Tries every signature with every key; a bad one does not stop a good one behind it from counting.
SignatureVerdict check_signatures(const Envelope& envelope, const std::vector<PublicKey>& keys);

/// What check_signatures() costs, in signatures that are tried with one key over at most 16 KiB. About 0.1 ms
/// each for Ed25519.
std::size_t checks_of(const Envelope& envelope, std::size_t keys);

/// A stranger decides how many envelopes and signatures there are; a bundle that asks for more checks than
/// this is refused. 1000 statements with 2 signatures and a policy with 15 keys ask for 30,000.
inline constexpr std::size_t most_checks = 32768;

/// check_signatures().signed_by
std::vector<std::string> keys_that_signed(const Envelope& envelope, const std::vector<PublicKey>& keys);

} // namespace manifests
