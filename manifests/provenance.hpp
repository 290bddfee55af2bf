#pragma once
// SLSA provenance v1 of a bundle: what it was built from, by what. Without times unless one was given, and
// without paths, so that a rebuild says the same. Source: slsa.dev/spec/v1.0/provenance.

#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/statement.hpp"

namespace manifests {

inline constexpr std::string_view build_type = "urn:sealift:build/v1";

/// Something that went into a build.
struct ResourceDescriptor {
    std::string name;
    Digest digest;
    std::string media_type; ///< may be empty

    friend bool operator==(const ResourceDescriptor&, const ResourceDescriptor&) = default;
};

struct Provenance {
    std::string product; ///< with version the name of the subject
    std::string version;
    Digest bundle;
    Digest recipe;
    std::string profile_id;
    std::string builder_id; ///< a URI: who answers for the machine that built
    std::string builder_version;
    std::vector<ResourceDescriptor> dependencies;
    std::optional<std::string> time; ///< RFC 3339, startedOn and finishedOn: only from SOURCE_DATE_EPOCH

    std::string encode() const;
};

/// Who says to have built it: runDetails.builder.id.
/// @throws Error  Fault::damaged, Code::trust_statement if it is no SLSA provenance v1
std::string builder_of(const Statement& statement);

/// What provenance names: everything that is not made by the build, as long as it fits a signed payload;
/// many files are named by the documents that list them.
inline constexpr std::size_t most_dependencies = 64;

} // namespace manifests
