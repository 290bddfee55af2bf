#pragma once
// What differs between two JSON values, one line a place, named by RFC 6901 pointers.
//
// Lists of objects that have names (id, name, path, ref, bom-ref) are compared by name, so that one more
// accelerator is one addition. Other lists are compared from both ends, which shows one inserted argument as
// one addition; a shortest edit script would cost the product of the lengths and say little more.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "manifests/json.hpp"

namespace packager {

struct JsonChange {
    std::string pointer; ///< in B for what was added, else in A; "" is the whole value
    /// As JSON text, cut after most_value_bytes with "..." in its place; absent on one side: added, removed.
    std::optional<std::string> before;
    std::optional<std::string> after;

    static constexpr std::size_t most_value_bytes = 200;
};

struct JsonDiff {
    std::vector<JsonChange> changes;
    std::size_t more = 0; ///< changes beyond most_changes, counted only

    static constexpr std::size_t most_changes = 1000;
    bool empty() const noexcept { return changes.empty(); }
};

/// Changes in the order of B's lists and of member names.
JsonDiff diff_json(const manifests::Json& a, const manifests::Json& b);

} // namespace packager
