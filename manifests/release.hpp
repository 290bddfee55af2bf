#pragma once
// The statement that a release engineer signs: "these bytes are product P, version V". An in-toto Statement
// v1 whose one subject is the bundle manifest's digest, which pins every byte of the bundle. It travels as
// the payload of a DSSE envelope (media::in_toto_payload) and is parsed only after a signature was good.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "manifests/digest.hpp"

namespace manifests {

inline constexpr std::string_view in_toto_statement = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view release_predicate = "urn:sealift:release/v1";

struct ReleaseStatement {
    /// A smart card or an HSM must be able to take the whole PAE in one call.
    static constexpr std::size_t most_bytes = std::size_t{16} * 1024;

    std::string product; ///< [a-z0-9], and . _ - inside; as in the bundle document
    std::string version; ///< without white space; as in the bundle document
    std::uint64_t release_counter = 1;
    std::string profile_id;
    Digest profile; ///< of the profile's bytes
    Digest bundle;  ///< of the bundle manifest
    /// RFC 3339 in UTC, such as 2026-11-01T00:00:00Z. Only when SOURCE_DATE_EPOCH was given, or else two
    /// builds of the same inputs would differ.
    std::optional<std::string> issued;

    /// Refuses what contradicts itself, members of the predicate or the subject that are unknown, and any
    /// other number of subjects than one. Members of the statement itself may grow, as in-toto says.
    /// @throws Error  Fault::damaged, Code::trust_statement
    static ReleaseStatement parse(std::string_view payload);
    /// Compact JSON, the same bytes for the same value.
    /// @throws Error  as parse(), for a value that parse() would refuse
    std::string encode() const;

    friend bool operator==(const ReleaseStatement&, const ReleaseStatement&) = default;
};

} // namespace manifests
