#pragma once
// Keys and signatures between the spellings of PKCS#11 and ours. Pure: bytes in, bytes out.

#include <string>
#include <string_view>

#include "manifests/public_key.hpp"

namespace packager {

enum class TokenKeyType {
    ed25519, ///< CKK_EC_EDWARDS on edwards25519
    p256,    ///< CKK_EC on P-256
};

/// By CKA_EC_PARAMS: the curve's OID, or for Ed25519 also its name as PKCS#11 3.0 spells it, or the OID that
/// was used for it before RFC 8410.
/// @throws Error  Fault::missing for any other curve
TokenKeyType token_key_type(std::string_view ec_params);

/// @param ec_point  CKA_EC_POINT: the standard wants it in an OCTET STRING; there are tokens that give the
///                  bare point or a BIT STRING
/// @throws Error  Fault::missing for any other form; as PublicKey::from_spki
manifests::PublicKey public_key_of_token(TokenKeyType type, std::string_view ec_point);

/// PKCS#11 gives r and s side by side, all others SEQUENCE { INTEGER r, INTEGER s }.
/// @throws Error  Fault::io unless it is 64 bytes
std::string ecdsa_der(std::string_view r_and_s);

} // namespace packager
