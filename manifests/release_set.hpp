#pragma once
// The statement that names everything that belongs together: bundle, driver, firmware, kernels. A site that
// requires one cannot be given a good driver of one release with the good model of another.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/statement.hpp"

namespace manifests {

struct ReleaseSetMember {
    std::string name; ///< PRODUCT@VERSION of a bundle, the path of a file in one, or any name
    Digest digest;
    std::string role; ///< "bundle", or a word of the signers, such as "driver"
};

struct ReleaseSet {
    static constexpr std::string_view bundle_role = "bundle";

    std::string set; ///< [a-z0-9], and . _ - inside
    std::uint64_t counter = 1;
    std::vector<ReleaseSetMember> members; ///< strictly rising by name; they are the statement's subjects

    /// @throws Error  Fault::damaged, Code::trust_statement
    static ReleaseSet from(const Statement& statement);
    /// What a release engineer writes: the predicate. @throws Error  as from()
    static ReleaseSet parse_predicate(std::string_view text);
    std::string encode() const;

    const ReleaseSetMember* find(std::string_view name) const;
};

} // namespace manifests
