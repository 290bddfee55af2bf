#pragma once
// Public keys as other tools spell them. Each spelling is read strictly: what is accepted is what the tool
// itself writes, so that encoding it again gives the same key, number or name.
//   minisign 0.11   "untrusted comment: TEXT", base64("Ed" || 8 bytes of key number || 32 bytes)
//   OpenSSH         "ssh-ed25519 BASE64 [COMMENT]" (RFC 8709), "ecdsa-sha2-nistp256 BASE64 [COMMENT]" (RFC
//   5656) C2SP vkey       "NAME+HHHHHHHH+base64(type || key)" (c2sp.org/signed-note), type 01: Ed25519

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "manifests/public_key.hpp"

namespace manifests {

/// In the order in which minisign's files hold them; minisign prints them the other way round, as a number.
using MinisignNumber = std::array<unsigned char, 8>;

struct MinisignKey {
    PublicKey key; ///< Ed25519
    MinisignNumber number{};

    /// A comment line and a key line, or the key line alone, as minisign -P takes it.
    /// @throws Error  Fault::damaged, Code::trust_key
    static MinisignKey parse(std::string_view text);
    /// As minisign -G writes it.
    std::string encode() const;
};

/// SubjectPublicKeyInfo has no place for minisign's number, which minisign draws at random. Ours is the first
/// 8 bytes of SHA-256 over the 32 bytes of the key: the same key gets the same number everywhere.
MinisignNumber minisign_number_of(const PublicKey& key);
/// As minisign shows it: upper-case hex digits without zeros in front, the last byte first.
std::string minisign_number_text(const MinisignNumber& number);
/// @param hex  up to 16 hex digits of either case, as minisign shows them
/// @throws Error  Fault::usage
MinisignNumber minisign_number_from(std::string_view hex);

/// One line; its comment is not kept.
/// @throws Error  Fault::damaged, Code::trust_key
PublicKey parse_openssh_key(std::string_view text);
/// @param comment  printable ASCII; may be empty
/// @throws Error  Fault::refused for an SM2 key, for which OpenSSH has no name
std::string write_openssh_key(const PublicKey& key, std::string_view comment);

struct VerifierKey {
    std::string name;
    PublicKey key; ///< Ed25519

    /// @throws Error  Fault::damaged, Code::trust_key
    static VerifierKey parse(std::string_view text);
    /// One line with its line feed.
    std::string encode() const;
};

/// Whether signed notes may have a key of this name: UTF-8, not empty, at most 255 bytes, no white space, no
/// '+', nothing invisible.
bool is_note_key_name(std::string_view name);

enum class KeySpelling { pem, minisign, openssh, vkey };
std::string_view name_of(KeySpelling spelling);

struct SpelledKey {
    KeySpelling spelling;
    PublicKey key;
    std::string name;                     ///< of a vkey
    std::optional<MinisignNumber> number; ///< of a minisign key
};

/// Reads any of them; which one it is shows in its first characters.
/// @throws Error  Fault::missing, saying what was found
SpelledKey parse_spelled_key(std::string_view text);

} // namespace manifests
