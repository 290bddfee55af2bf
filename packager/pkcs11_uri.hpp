#pragma once
// The name of a key in a token: an RFC 7512 URI such as
//
//     pkcs11:token=ceremony;object=release;id=%01?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin
//
// Only the attributes that this program honours are accepted. One that is skipped in silence would find
// another key than the one that was meant.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace packager {

/// Whether `name` is meant as such a URI rather than as a file; schemes have no case.
bool is_pkcs11_uri(std::string_view name);

/// What a token and a private key in it must have; all that is given must agree. Bytes, already decoded.
struct Pkcs11Uri {
    static constexpr std::size_t most_bytes = 4096; ///< two paths and a few labels

    std::optional<std::string> token;        ///< at most 32 bytes, as PKCS#11 keeps it; as the next three
    std::optional<std::string> manufacturer; ///< 32
    std::optional<std::string> model;        ///< 16
    std::optional<std::string> serial;       ///< 16
    std::optional<std::uint64_t> slot_id;
    std::optional<std::string> object;      ///< CKA_LABEL
    std::optional<std::string> id;          ///< CKA_ID
    std::optional<std::string> module_path; ///< absolute
    std::optional<std::string> pin_file;    ///< absolute; from pin-source

    /// Shows names of attributes in refusals and never their values: one of them may be a PIN.
    /// @throws Error  Fault::usage
    static Pkcs11Uri parse(std::string_view text);
    /// The one spelling with the attributes in the order above, all bytes but letters, digits and "-._~/"
    /// (the last only behind "?") escaped.
    std::string text() const;

    friend bool operator==(const Pkcs11Uri&, const Pkcs11Uri&) = default;
};

} // namespace packager
