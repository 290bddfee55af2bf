#pragma once
// Public keys that check signatures. The native type is Ed25519 (RFC 8032), checked by libsodium: it is the
// strict verifier (of 914 hostile cases it accepts 43, libcrypto 208). P-256 is there for other formats and
// for tokens, SM2 for where national rules ask for it; libcrypto checks both (ec_key.hpp). The type comes
// from the key's own bytes and never from an envelope. Each key has one spelling: what is read is what is
// written.

#include <cstddef>
#include <string>
#include <string_view>

#include "manifests/key_type.hpp"

namespace manifests {

class PublicKey {
public:
    static constexpr std::size_t ed25519_bytes = 32;
    /// Who signs, as SM2 mixes it into every signature: this, where nothing else was agreed (GM/T 0009). An
    /// empty id, which openssl takes unasked, is none: such signatures verify nowhere else, and not here.
    static constexpr std::string_view default_sm2_id = "1234567812345678";
    static constexpr std::size_t most_sm2_id_bytes = 128; // SM2 could count to 8191; nobody types that

    /// Exactly one "PUBLIC KEY" block; white space around it is allowed, nothing else is.
    /// @throws Error  Fault::missing, for a file that is no key is a key that is not there; names what was
    ///                found instead
    static PublicKey parse_pem(std::string_view text);
    /// @param der  SubjectPublicKeyInfo: exactly the 44 bytes of RFC 8410 for an Ed25519 key, or the 91 bytes
    ///             of RFC 5480 for a point of P-256 or SM2, the curve named and the point uncompressed
    /// @throws Error  Fault::damaged, Code::trust_key; also for points that are not on the curve, not
    ///                canonical, of small order or outside the prime-order group, which no honest key
    ///                generation gives
    static PublicKey from_spki(std::string_view der);
    /// @param raw  the 32 bytes of RFC 8032: an Ed25519 key
    static PublicKey from_raw(std::string_view raw);
    /// @param type  ecdsa_p256 or sm2
    /// @param point  the 65 bytes 04, x, y
    static PublicKey from_point(KeyType type, std::string_view point);

    KeyType type() const noexcept { return type_; }
    /// 32 bytes of Ed25519, or the 65 bytes 04, x, y of a point.
    std::string_view raw() const noexcept { return raw_; }
    std::string pem() const;  ///< byte for byte what `openssl pkey -pubout` writes
    std::string spki() const; ///< 44 or 91 bytes
    /// 64 hex digits: SHA-256 of spki(). `openssl pkey -pubin -outform DER | sha256sum` prints it as well.
    std::string key_id() const;
    /// key_id() as 8 groups of 8 digits, for comparing by voice or on paper.
    std::string fingerprint() const;

    /// Of an SM2 key; empty for others. No part of spki() and key_id(): one key stays one key.
    const std::string& sm2_id() const noexcept { return sm2_id_; }
    /// The same key with another signer id.
    /// @param id  1 to most_sm2_id_bytes printable ASCII characters
    /// @throws Error  Fault::damaged, Code::trust_key, also if this is no SM2 key
    PublicKey with_sm2_id(std::string_view id) const;

    /// Over the whole message, by the one algorithm of type().
    /// Ed25519: 64 bytes; false if S >= L or R is of small order. P-256 and SM2: DER of (r, s), in its one
    /// spelling; false if r or s is not in 1..n-1.
    /// @throws Error  Fault::internal if libcrypto cannot check such signatures at all
    bool verifies(std::string_view message, std::string_view signature) const;

    friend bool operator==(const PublicKey&, const PublicKey&) = default;
    friend auto operator<=>(const PublicKey&, const PublicKey&) = default;

private:
    PublicKey(KeyType type, std::string_view raw);

    KeyType type_;
    std::string raw_;
    std::string sm2_id_;
};

} // namespace manifests
