#pragma once
// The kinds of keys that sign, each with the one algorithm that it signs with. A key says by its own bytes
// which one it is; nothing in an envelope does.

#include <optional>
#include <string_view>
#include <vector>

namespace manifests {

enum class KeyType {
    ed25519,    ///< RFC 8032, pure
    ecdsa_p256, ///< ECDSA on P-256 with SHA-256 (FIPS 186-5): what OMS, sigstore and TPMs have in common
    sm2,        ///< SM2 with SM3 over Z and the message (GB/T 32918.2, GM/T 0009)
};

/// "ed25519", "ecdsa-p256-sha256", "sm2-sm3": as trust policies spell them.
std::string_view name_of(KeyType type);
/// The type with this name, if there is one.
std::optional<KeyType> key_type_named(std::string_view name);
/// In the order of the enum.
const std::vector<KeyType>& all_key_types();

} // namespace manifests
