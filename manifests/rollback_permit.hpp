#pragma once
// The predicate of a rollback permit: those who may release allow named sites to go back from one release of
// a product to an older one, once and until a date. It travels as an in-toto statement in a DSSE envelope;
// this file reads the predicate (predicate::rollback_permit) alone. FORMAT.md "Site state".

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "manifests/digest.hpp"
#include "manifests/json.hpp"

namespace manifests {

struct RollbackPermit {
    static constexpr std::size_t most_sites = 100; ///< keeps the statement under 16 KiB with usual names

    std::string product;
    std::uint64_t from_counter = 0; ///< what the site has now, exactly
    Digest to;                      ///< the bundle that may be installed
    std::vector<std::string> sites; ///< site ids, rising, at least one; there is no "every site"
    std::string expires;            ///< RFC 3339 in UTC; at this moment it is over
    std::string reason;             ///< for the people who read the journal later

    /// @throws Error  Fault::damaged, Code::trust_permit
    static RollbackPermit parse(const Json& predicate);
    /// @throws Error  as parse(), for a value that parse() would refuse
    OrderedJson encode() const;

    friend bool operator==(const RollbackPermit&, const RollbackPermit&) = default;
};

} // namespace manifests
