#pragma once
// Signatures on the curves P-256 and SM2, checked by libcrypto's EVP interface. What libcrypto is lax about,
// or was in some version, is settled here before it is asked: the form of points and the DER of signatures.

#include <cstddef>
#include <string_view>

#include "manifests/key_type.hpp"

namespace manifests::ec {

/// 04, x, y: the uncompressed form of SEC 1, 2.3.3, the only one that is read.
inline constexpr std::size_t point_bytes = 65;

/// Whether `point` is point_bytes long, begins with 04 and lies on the curve, x and y below the prime. Both
/// curves have cofactor 1: there is no small subgroup to fall into.
/// @param type  ecdsa_p256 or sm2, here and below
bool is_point(KeyType type, std::string_view point);

/// Whether `signature` is the one DER encoding (X.690, 10) of SEQUENCE { INTEGER r, INTEGER s } with r and s
/// in 1..n-1. Every length form, sign byte and byte behind the end has one spelling only.
/// High and low s are both taken: openssl, tokens and the SM2 standard make either, so with ECDSA anybody can
/// turn a signature into its twin (r, n - s) over the same message. Nothing here may treat a signature's
/// bytes as the name of a statement.
bool is_signature(KeyType type, std::string_view signature);

/// What a check needs.
struct Verification {
    KeyType type;
    std::string_view point;  ///< is_point()
    std::string_view sm2_id; ///< of the signer, for sm2; goes into Z
};

/// True for a signature that is_signature() and fits: ECDSA with SHA-256, or SM2 with SM3.
/// @throws Error  Fault::internal if libcrypto cannot do this at all
bool verifies(const Verification& key, std::string_view message, std::string_view signature);

} // namespace manifests::ec
