#pragma once
// The statement that a release engineer signs: "these bytes are product P, version V". An in-toto Statement
// v1 whose one subject is the bundle manifest's digest, which pins every byte of the bundle. It travels as
// the payload of a DSSE envelope (media::in_toto_payload) and is parsed only after a signature was good.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/predicates.hpp"
#include "manifests/statement.hpp"

namespace manifests {

/// What crosses a border says what it is and where it may go. Signed and shown; no site acts on it.
struct ExportTerms {
    std::string classification;            ///< such as "ECCN 5D992.c"; may have spaces
    std::vector<std::string> destinations; ///< such as ISO 3166 codes; sorted; may be empty

    friend bool operator==(const ExportTerms&, const ExportTerms&) = default;
};

/// What the signers of a release decide, for the bundle itself does not say it.
struct ReleaseTerms {
    /// Raised when everything before must never run again; 0: never raised. A site refuses less than it had.
    std::uint64_t security_epoch = 0;
    std::optional<std::string> expires;   ///< RFC 3339 in UTC; not installed or booted after it
    std::uint64_t policy_min_version = 0; ///< of the trust policy; a site with an older one has to update
    std::vector<Digest> replaces;         ///< bundles; sorted, each once
    std::optional<ExportTerms> exports;

    friend bool operator==(const ReleaseTerms&, const ReleaseTerms&) = default;
};

struct ReleaseStatement {
    static constexpr std::size_t most_bytes = Statement::most_bytes;

    std::string product; ///< [a-z0-9], and . _ - inside; as in the bundle document
    std::string version; ///< without white space; as in the bundle document
    std::uint64_t release_counter = 1;
    std::string profile_id;
    Digest profile; ///< of the profile's bytes
    Digest bundle;  ///< of the bundle manifest
    /// RFC 3339 in UTC, such as 2026-11-01T00:00:00Z. Only when SOURCE_DATE_EPOCH was given, or else two
    /// builds of the same inputs would differ.
    std::optional<std::string> issued = {};
    ReleaseTerms terms = {};
    std::optional<std::string> bundle_sm3 = {}; ///< SM3 of the bundle manifest, 64 hex digits

    /// Refuses what contradicts itself, members of the predicate that are unknown, and any other number of
    /// subjects than one. Statement and subject may grow, as in-toto says.
    /// @throws Error  Fault::damaged, Code::trust_statement
    static ReleaseStatement parse(std::string_view payload);
    static ReleaseStatement from(const Statement& statement);
    /// Compact JSON, the same bytes for the same value.
    /// @throws Error  as parse(), for a value that parse() would refuse
    std::string encode() const;

    friend bool operator==(const ReleaseStatement&, const ReleaseStatement&) = default;
};

} // namespace manifests
